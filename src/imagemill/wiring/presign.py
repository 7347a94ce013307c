"""The signer of URLs and upload forms that clients without AWS credentials use."""

from typing import TYPE_CHECKING, Protocol

from imagemill.api.upload import PostPresigner
from imagemill.aws.presigner import LIFETIME_S, Presigner
from imagemill.config import Places
from imagemill.domain.record import ImageRecord, StoredRendition

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# How long a presigned URL or an upload form works, in seconds.
URL_LIFETIME_S = LIFETIME_S


class UrlSigner(PostPresigner, Protocol):
    """Signs upload forms and URLs of stored images; a URL works for URL_LIFETIME_S seconds."""

    def original(self, record: ImageRecord) -> str:
        """Return a URL of the original; raises NoAddress if no URL can name its key."""

    def rendition(self, record: ImageRecord, made: StoredRendition) -> str:
        """Return a URL of one rendition; raises NoAddress if no URL can name its key."""


def url_signer(s3: "S3Client", places: Places) -> UrlSigner:
    """Return the signer for the buckets of a stack; it makes no request."""
    return Presigner(s3, places.originals_bucket, places.processed_bucket)
