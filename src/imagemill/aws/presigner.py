"""Short-lived addresses: anybody who has one may read one object, or put one, until it expires."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemill.domain.keys import has_dot_segments, inline_disposition, rendition_filename
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.quoting import quoted
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.errors import NoAddress

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LIFETIME_S = 900
"""How long an address works; with a role's credentials, never longer than their session."""
FOR_GOOD = "private, max-age=31536000, immutable"
_OF_FORMATS = {"ico": "image/vnd.microsoft.icon"}
_VERSION = "x-version"
"""S3 passes over query parameters that begin with `x-`, but the signature covers them."""


@dataclass(frozen=True, slots=True)
class _Showing:
    """How S3 is to present an object: its media type, its Content-Disposition, its version."""

    content_type: str
    disposition: str
    version: str


class Presigner:
    """Implements `workflows.accept.Counter`, and signs addresses of images.

    Each address leads to exactly the object it was made for: for a key that URLs do not keep,
    NoAddress is raised.
    """

    def __init__(self, client: "S3Client", originals_bucket: str, processed_bucket: str) -> None:
        self._client = client
        self._originals = originals_bucket
        self._processed = processed_bucket
        client.meta.events.register_first("provide-client-params.s3.GetObject", _take_version)
        client.meta.events.register_first("before-sign.s3.GetObject", _sign_version)

    def original(self, record: ImageRecord) -> str:
        """Return an address of the original; what is no known image is offered as a download."""
        kind = record.original and record.original.format
        shown = inline_disposition(record.filename)
        showing = _Showing(
            content_type=_media_type(kind) if kind else "application/octet-stream",
            disposition=shown if kind else shown.replace("inline", "attachment", 1),
            version=record.etag or record.sequencer,
        )
        return self._address(self._originals, record.key, showing)

    def rendition(self, record: ImageRecord, made: StoredRendition) -> str:
        """Return an address of a rendition; another making of it has another address."""
        showing = _Showing(
            content_type=_media_type(made.format),
            disposition=inline_disposition(rendition_filename(record.filename, made.format)),
            version=f"{record.sequencer}-{record.recipe}",
        )
        return self._address(self._processed, made.key, showing)

    def form(self, key: str, content_type: str, max_bytes: int) -> PresignedPost:
        """Return the form that puts one object of 1 to `max_bytes` bytes under exactly this key.

        The policy names the key and the media type as they are, and no beginning of them. Raises
        ValueError for a key with a `$`: S3 replaces `${filename}` in the key of a form, botocore
        then allows every key with the same beginning, and S3 has no way to escape the sign.
        """
        if "$" in key:
            raise ValueError(key)
        signed = self._client.generate_presigned_post(
            self._originals,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, max_bytes],
            ],
            ExpiresIn=LIFETIME_S,
        )
        return PresignedPost(signed["url"], signed["fields"])

    def _address(self, bucket: str, key: str, showing: _Showing) -> str:
        if has_dot_segments(key):
            raise NoAddress(
                f"no web address leads to the key {quoted(key)}, because browsers remove the "
                "segments . and .. from it; copy the object to another key"
            )
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": bucket,
                "Key": key,
                "ResponseContentType": showing.content_type,
                "ResponseContentDisposition": showing.disposition,
                "ResponseCacheControl": FOR_GOOD,
                _VERSION: showing.version,
            },
            ExpiresIn=LIFETIME_S,
        )


def _media_type(image_format: str) -> str:
    return _OF_FORMATS.get(image_format, f"image/{image_format}")


def _take_version(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Keep our own parameter from botocore, which knows no such one."""
    if _VERSION in params:
        context[_VERSION] = params.pop(_VERSION)


def _sign_version(request: Any, **_: object) -> None:  # noqa: ANN401  # botocore's, untyped
    if _VERSION in request.context:
        request.params[_VERSION] = request.context[_VERSION]
