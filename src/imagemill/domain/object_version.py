"""Which bytes stand under a key: S3's name for one state of one object."""

from dataclasses import dataclass

from imagemill.domain.record import ImageRecord


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One state of an object; `version_id` is empty where the bucket keeps no versions.

    `key` names the object where the store chose it, and is empty where the sender did.
    """

    version_id: str
    etag: str
    key: str = ""

    def is_told_by(self, record: ImageRecord) -> bool:
        """Tell whether a record is about these very bytes, not others under the same key."""
        return (record.version_id, record.etag) == (self.version_id, self.etag)
