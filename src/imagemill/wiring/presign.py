"""The signer of URLs and upload forms that clients without AWS credentials use."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from imagemill.api.upload import PostPresigner
from imagemill.aws.errors import configured
from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.presigner import LIFETIME_S, Presigner
from imagemill.config import StackNames
from imagemill.domain.record import ImageRecord, StoredRendition

if TYPE_CHECKING:
    from imagemill.api.multipart import PartUploads

# How long a presigned URL or an upload form works, in seconds.
URL_LIFETIME_S = LIFETIME_S


class UrlSigner(PostPresigner, Protocol):
    """Signs upload forms and URLs of stored images; a URL works for URL_LIFETIME_S seconds."""

    @property
    def shows_originals(self) -> bool:
        """Whether there are URLs of originals."""

    @property
    def shows_archived(self) -> bool:
        """Whether there are URLs of archived originals."""

    def limited(self, seconds: int, *, originals: bool) -> "UrlSigner":
        """Return a signer of URLs that work for `seconds` at most, with or without originals."""

    def original(self, record: ImageRecord) -> str:
        """Return a URL of the original; raises NoAddress or Forbidden if there is none."""

    def unpacked(self, record: ImageRecord, key: str) -> str:
        """Return a URL of an unpacked original in the processed bucket; raises as `original`."""

    def rendition(self, record: ImageRecord, made: StoredRendition) -> str:
        """Return a URL of one rendition; raises NoAddress if no URL can name its key."""


def part_uploads(environ: Mapping[str, str], bucket: str) -> "PartUploads":
    """Return the uploads in parts to a bucket of originals; raises ConfigurationInvalid."""
    # Most requests upload nothing in parts.
    from imagemill.aws.light.multipart import MultipartS3  # noqa: PLC0415
    from imagemill.aws.multipart_uploads import MultipartUploads  # noqa: PLC0415

    with configured():
        client, signer = MultipartS3(environ), S3Presigner(environ)
    return MultipartUploads(client, signer, bucket, URL_LIFETIME_S)


def url_signer(environ: Mapping[str, str], names: StackNames) -> UrlSigner:
    """Return the signer for the buckets of a stack; raises ConfigurationInvalid.

    It signs with the credentials in a function's environment, and makes no request.
    """
    with configured():
        signer = S3Presigner(environ)
    return Presigner(signer, names.originals_bucket, names.processed_bucket)
