"""The version of an object: S3's name for its bytes at one time."""

from collections.abc import Callable
from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.domain.event import ObjectEvent, PackedJpeg
from imagemill.domain.record import ImageRecord

# Returns the JPEG with a SHA-256 that an archived original holds; None if it holds none.
Unpack = Callable[[bytes, str], bytes | None]


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object; `version_id` is empty in a bucket without versioning.

    `key` is the object's key if the store chose it, and empty if the sender did.
    """

    version_id: str
    etag: str
    key: str = ""

    def is_described_by(self, record: ImageRecord) -> bool:
        """Return whether the record describes this version, also if it was archived since then."""
        version, held = (self.version_id, self.etag), record.archived
        is_replaced = held is not None and version == (held.replaces, record.etag)
        return is_replaced or version == (record.version_id, record.stored_etag)


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """The bytes of an original's object.

    `focus` is the text of its focal point, empty if it has none. `packs` is the JPEG that it holds;
    None unless it is archived.
    """

    data: bytes
    focus: str = ""
    packs: PackedJpeg | None = None


def no_unpacking(_: bytes, __: str) -> None:
    """Default: no original holds a JPEG."""


def uploaded_bytes(event: ObjectEvent, data: bytes, unpack: Unpack) -> tuple[ObjectEvent, bytes]:
    """Return the bytes that were uploaded, and their event.

    An object that does not hold the JPEG that it names is an original of its own.
    """
    if event.packs is None:
        return event, data
    jpeg = unpack(data, event.packs.sha256)
    return (replace(event, packs=None), data) if jpeg is None else (event, jpeg)
