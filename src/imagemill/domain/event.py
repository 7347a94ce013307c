"""What happened to an original, as S3 tells it."""

from dataclasses import dataclass
from enum import StrEnum

from imagemill.domain.keys import filename_of, image_id


class Change(StrEnum):
    """What an event says was done."""

    CREATED = "created"
    """New bytes were put under the key."""
    HIDDEN = "hidden"
    """A delete marker was put on top, or the key is gone from a bucket without versions."""
    VERSION_DELETED = "version_deleted"
    """One version was erased; whether another is current now, only the bucket knows."""


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """One change of one original.

    `sequencer` is canonical (see `catalog.sequence`), or OLDEST for what a lifecycle rule did,
    which S3 gives no place in the order; `bytes` is the size of a created object,
    `happened_at` ISO 8601 UTC with milliseconds; `version_id` and `etag` are empty where S3 gave
    none.
    """

    change: Change
    key: str
    sequencer: str
    happened_at: str
    version_id: str = ""
    etag: str = ""
    bytes: int = 0

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)

    @property
    def filename(self) -> str:
        """The last part of the key."""
        return filename_of(self.key)
