"""The workshop: what work on events needs, and the words for how it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from imagemill.catalog.event import ObjectEvent
from imagemill.catalog.record import ImageRecord
from imagemill.catalog.stamp import Placed, Stamp
from imagemill.imaging import Limits, Rendered, render
from imagemill.recipe import Recipe
from imagemill.workflows.clock import Clock


class Outcome(StrEnum):
    """What became of an event."""

    READY = "ready"
    REJECTED = "rejected"
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    """The work was done before; nothing was decoded or written."""
    SUPERSEDED = "superseded"
    """A newer event has decided, or the bytes of this one are gone; nothing of it is left."""


class Records(Protocol):
    """The table of records."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""


class Originals(Protocol):
    """The bucket of originals; nothing here writes to it."""

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = ...) -> bytes | None:
        """Return the bytes that the event announced; None if they are no longer there.

        `look` may be shown the beginning first; if it raises, the rest need not be fetched.
        """

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key now, as an event without sequencer; None if nothing."""


class Renditions(Protocol):
    """The bucket of renditions."""

    def put(self, key: str, data: bytes, stamp: Stamp) -> Placed:
        """Store unless a newer event's rendition stands there."""

    def sequencer(self, key: str) -> str | None:
        """Return the event that what stands there was made from; None if nothing does."""

    def discard(self, key: str, sequencer: str) -> bool:
        """Delete what this event or an older one stored under the key; True if anything was."""


def tell_nobody(_: ImageRecord) -> None:
    """Keep a final state to yourself."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that work on events needs.

    `announce` is told of every final state that a record has come to, at least once: duplicates
    tell it again, because the first try may have been cut off before it could.
    """

    records: Records
    originals: Originals
    renditions: Renditions
    recipe: Recipe
    limits: Limits
    clock: Clock
    max_attempts: int
    render: Callable[[bytes, Recipe, Limits], Rendered] = render
    announce: Callable[[ImageRecord], None] = tell_nobody
    bucket: str = ""
    """The only one whose events are worked on; empty takes them from any."""
