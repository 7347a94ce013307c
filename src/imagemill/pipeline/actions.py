"""The actions that a decision can return; `pipeline.apply` carries them out."""

from collections.abc import Mapping
from dataclasses import field

from imagemill.dataclass import dataclass
from imagemill.domain.event import ObjectEvent
from imagemill.domain.reconciliation import Reconciliation
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.record_focus import ChosenFocus
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.domain.sequencer import OLDEST
from imagemill.imaging import Rendered
from imagemill.pipeline.outcome import Outcome


@dataclass(frozen=True, slots=True)
class StaleVariants:
    """The variants of an image with a precedence up to this one: they are older than its record."""

    image_id: str
    up_to: Precedence


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Rendition keys to close: every object up to this precedence is removed from them.

    A marker takes its place, also where there is no object, so that no write of an older event can
    be applied later. The same is done to the variants; None if there can be none.
    """

    keys: tuple[str, ...] = ()
    up_to: Precedence = field(default_factory=lambda: Precedence(OLDEST))
    variants: StaleVariants | None = None


@dataclass(frozen=True, slots=True)
class Make:
    """Render the event's bytes, store the renditions, and write the record over `before`.

    With `replaces_version` the renditions of `before` show other bytes than the event's. With
    `is_last` no attempt follows if this worker is killed, so a record in progress has to be written
    first. `is_pending`: `before` is such a record, written by this worker.
    """

    event: ObjectEvent
    before: ImageRecord | None
    replaces_version: bool = False
    is_last: bool = False
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """Store renditions and write the record; `started_ms` is when the rendering began."""

    make: Make
    rendered: Rendered
    started_ms: int
    focus: ChosenFocus


@dataclass(frozen=True, slots=True)
class WritePending:
    """Write a record in progress, then go on."""

    then: Make | Store


@dataclass(frozen=True, slots=True)
class KeepOrFail:
    """The original cannot be read: keep the renditions of the same bytes, or record a failure."""

    make: Make
    why: Fault


@dataclass(frozen=True, slots=True)
class Reuse:
    """Store the renditions of `before` again for a newer event of the same bytes."""

    event: ObjectEvent
    before: ImageRecord
    stored: Mapping[str, StoredState]


@dataclass(frozen=True, slots=True)
class Copy:
    """Store the bytes of each rendition key, as they were read, with the newer precedence."""

    reuse: Reuse
    data: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Yield:
    """A key of the event has an object of higher precedence: find out which writer stored it."""

    event: ObjectEvent


@dataclass(frozen=True, slots=True)
class Write:
    """Write a final record, announce it, and clean up."""

    record: ImageRecord
    outcome: Outcome
    cleanup: Cleanup


@dataclass(frozen=True, slots=True)
class Finish:
    """Write no record: announce the given one, if any, and clean up."""

    outcome: Outcome
    announce: ImageRecord | None = None
    cleanup: Cleanup = Cleanup()


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The last attempt was killed: write the failed record, if there is one, and raise Crashed."""

    write: ImageRecord | None
    announce: ImageRecord | None
    cleanup: Cleanup
    why: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """Raise Throttled, so that the queue delivers the task again."""

    why: str


@dataclass(frozen=True, slots=True)
class LookInstead:
    """The event is too old to be trusted: handle the current object of the bucket instead."""

    task: Reconciliation


# The actions that `decide` returns.
Action = Make | Reuse | Write | Finish | GiveUp | LookInstead
# Those, and the actions that follow from the result of another action.
Step = Action | Store | WritePending | KeepOrFail | Copy | Yield | TryLater
