"""Presigned URLs and upload forms: they let anyone read or write one object until they expire."""

from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.keys import has_dot_segments, inline_disposition, rendition_filename
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.quoting import quoted
from imagemill.domain.record import ImageRecord, StoredRendition, renditions_version
from imagemill.errors import Forbidden, NoAddress

if TYPE_CHECKING:
    from imagemill.aws.light.presign import Condition, S3Presigner

# Seconds for which a URL or form is valid; with a role's credentials at most as long as these are.
LIFETIME_S = 900
# Cache-Control of images: a URL contains the version, so its content never changes.
_IMMUTABLE = "private, max-age=31536000, immutable"
# Media types that are not `image/` and the name of the format.
_MEDIA_TYPES = {"ico": "image/vnd.microsoft.icon"}
# S3 ignores query parameters that begin with `x-`, but the signature covers them.
_VERSION = "x-version"


@dataclass(frozen=True, slots=True)
class _Presentation:
    """Headers with which S3 sends an object, and the version that its URL contains."""

    content_type: str
    disposition: str
    version: str


class Presigner:
    """Implements `api.upload.PostPresigner`, and signs URLs of images.

    A URL leads to exactly one object. Methods raise NoAddress for a key that no URL can contain.
    """

    shows_archived = False

    def __init__(
        self,
        signer: "S3Presigner",
        originals_bucket: str,
        processed_bucket: str,
        lifetime_s: int = LIFETIME_S,
        *,
        shows_originals: bool = True,
    ) -> None:
        self.shows_originals = shows_originals
        self._lifetime_s = lifetime_s
        self._signer = signer
        self._originals = originals_bucket
        self._processed = processed_bucket

    def limited(self, seconds: int, *, originals: bool) -> "Presigner":
        """Return a signer of URLs that work for `seconds` at most."""
        lifetime_s = max(1, min(self._lifetime_s, seconds))
        return Presigner(
            self._signer, self._originals, self._processed, lifetime_s, shows_originals=originals
        )

    def original(self, record: ImageRecord) -> str:
        """Return a URL of the original; an unknown format is downloaded instead of shown.

        Raises Forbidden unless the signer shows originals.
        """
        return self._address(self._originals, record.key, self._of_original(record))

    def unpacked(self, record: ImageRecord, key: str) -> str:
        """Return a URL of an unpacked original in the processed bucket; raises as `original`."""
        return self._address(self._processed, key, self._of_original(record))

    def _of_original(self, record: ImageRecord) -> _Presentation:
        if not self.shows_originals:
            raise Forbidden("the share link does not show originals")
        image_format = record.original and record.original.format
        inline = inline_disposition(record.filename)
        return _Presentation(
            content_type=_media_type(image_format) if image_format else "application/octet-stream",
            disposition=inline if image_format else inline.replace("inline", "attachment", 1),
            version=record.etag or record.sequencer,
        )

    def rendition(self, record: ImageRecord, made: StoredRendition) -> str:
        """Return a URL of a rendition; it changes when the rendition is made again."""
        presentation = _Presentation(
            content_type=_media_type(made.format),
            disposition=inline_disposition(rendition_filename(record.filename, made.format)),
            version=renditions_version(record),
        )
        return self._address(self._processed, made.key, presentation)

    def form(
        self, key: str, content_type: str, max_bytes: int, choices: UploadChoices = NO_CHOICES
    ) -> PresignedPost:
        """Return a form that uploads one object of 1 to `max_bytes` bytes under exactly this key.

        The policy requires equality for key, media type and choices, not only a common prefix; S3
        refuses a form with another choice, as every field that a policy does not name. Raises
        ValueError for a key with a `$`: S3 replaces `${filename}` in the key of a form and has no
        escape for it.
        """
        if "$" in key:
            raise ValueError(key)
        conditions: list[Condition] = [
            {"Content-Type": content_type},
            *({f"x-amz-meta-{name}": value} for name, value in choices.metadata.items()),
            ["content-length-range", 1, max_bytes],
        ]
        signed = self._signer.post_form(self._originals, key, conditions, LIFETIME_S)
        return PresignedPost(signed.url, signed.fields)

    def _address(self, bucket: str, key: str, presentation: _Presentation) -> str:
        if has_dot_segments(key):
            raise NoAddress(
                f"no web address leads to the key {quoted(key)}, because browsers remove the "
                "segments . and .. from it; copy the object to another key"
            )
        query = {
            "response-content-type": presentation.content_type,
            "response-content-disposition": presentation.disposition,
            "response-cache-control": _IMMUTABLE,
            _VERSION: presentation.version,
        }
        return self._signer.get_object_url(bucket, key, query, self._lifetime_s)


def _media_type(image_format: str) -> str:
    return _MEDIA_TYPES.get(image_format, f"image/{image_format}")
