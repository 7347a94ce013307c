"""The actions that a decision can call for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagemill.domain.event import ObjectEvent
from imagemill.domain.reconciliation import Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.domain.sequencer import OLDEST
from imagemill.pipeline.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Rendition keys to close: whatever stands there up to this precedence is removed.

    A marker takes its place, also where nothing stands, so that no write of an older event can be
    applied later.
    """

    keys: tuple[str, ...] = ()
    up_to: Precedence = field(default_factory=lambda: Precedence(OLDEST))


@dataclass(frozen=True, slots=True)
class Make:
    """Render the event's bytes, store the renditions, and write the record over `before`.

    With `replaces_version` the renditions of `before` show other bytes than the event's. With
    `is_last` nobody tries again should this worker be killed, so the record says first that the
    last attempt has begun.
    """

    event: ObjectEvent
    before: ImageRecord | None
    replaces_version: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Restamp:
    """Let the renditions of `before` stand for a newer event of the same bytes."""

    event: ObjectEvent
    before: ImageRecord
    stored: Mapping[str, StoredState]


@dataclass(frozen=True, slots=True)
class Write:
    """Write a final record, announce it, and clean up."""

    record: ImageRecord
    outcome: Outcome
    cleanup: Cleanup


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is to be written: announce the record, if there is one, and clean up."""

    outcome: Outcome
    announce: ImageRecord | None = None
    cleanup: Cleanup = Cleanup()


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The last attempt came to no end: write the failed record if there is one, and say so."""

    write: ImageRecord | None
    announce: ImageRecord | None
    cleanup: Cleanup
    why: str


@dataclass(frozen=True, slots=True)
class LookInstead:
    """The event is too old to be believed: look at what stands in the bucket instead."""

    task: Reconciliation


Action = Make | Restamp | Write | Finish | GiveUp | LookInstead
