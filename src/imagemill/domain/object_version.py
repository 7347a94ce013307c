"""The version of an object: S3's name for its bytes at one time."""

from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object; `version_id` is empty in a bucket without versioning.

    `key` is the object's key if the store chose it, and empty if the sender did.
    """

    version_id: str
    etag: str
    key: str = ""

    def is_described_by(self, record: ImageRecord) -> bool:
        """Return whether the record describes this version of the object."""
        return (record.version_id, record.etag) == (self.version_id, self.etag)


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """The bytes of an original; `focus` is the text of its focal point, empty if it has none."""

    data: bytes
    focus: str = ""
