"""The images that need work, why, and the reads that find them."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import Listed, StoredObject
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence


class Reason(StrEnum):
    """The reason why an image needs work."""

    UNRECORDED = "unrecorded"
    """An original without a record."""
    UNFINISHED = "unfinished"
    """A pending record; its event may be lost."""
    FAILED = "failed"
    """A record with the status `failed`."""
    CHANGED = "changed"
    """A record of another version than the current one."""
    STALE = "stale"
    """A result of another recipe, or a rejection that the current version may not repeat."""
    REJECTED = "rejected"
    """Rejected, and the request is to try rejected images again."""
    GONE = "gone"
    """A record of an original that no longer exists."""
    DAMAGED = "damaged"
    """A record with a missing rendition."""
    STRAY = "stray"
    """A rendition that no record lists."""
    OUTDATED = "outdated"
    """Variants of a ready image that were made of a former version."""
    ORPHANED = "orphaned"
    """Variants of an image that is not ready, or has no record."""


# Reasons that a listing of the originals shows; the others need records and renditions.
BY_LISTING = frozenset(
    {
        Reason.UNRECORDED,
        Reason.UNFINISHED,
        Reason.FAILED,
        Reason.CHANGED,
        Reason.STALE,
        Reason.REJECTED,
    }
)


# Reasons that need no rendering.
REMOVALS = frozenset({Reason.GONE, Reason.STRAY, Reason.OUTDATED, Reason.ORPHANED})


@dataclass(frozen=True, slots=True)
class DueImage:
    """One image that needs work; `revision` is that of its record, 0 without one.

    `key` is empty for variants of an image that has neither a record nor an original; `presets` is
    the number of renditions that its rule has.
    """

    key: str
    why: Reason
    revision: int = 0
    bytes: int = 0
    ms: float = 0.0
    renditions: tuple[str, ...] = ()
    presets: int = 1

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)


class StackScan(Protocol):
    """Reads everything that a stack stores, page by page."""

    def originals(self, prefix: str) -> Iterator[list[Listed]]:
        """Yield the originals with a key prefix, in the order of their keys."""

    def records_of(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records with these ids that exist."""

    def records(self) -> Iterator[list[ImageRecord]]:
        """Yield every record, in any order."""

    def has_original(self, key: str) -> bool:
        """Return whether the key has an original now."""

    def renditions(self) -> Iterator[list[StoredObject]]:
        """Yield every object of the processed bucket, renditions and variants."""

    def precedences(self, keys: Sequence[str]) -> dict[str, Precedence]:
        """Return the precedences of the objects of the processed bucket that exist."""
