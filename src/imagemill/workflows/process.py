"""Process: a created original becomes renditions and a record, exactly as its newest event says.

No lock and no table of seen events: every write carries the sequencer of the event it came from
and yields to a newer one, so that it may be repeated, reordered or cut off anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from imagemill.catalog.event import ObjectEvent
from imagemill.catalog.keys import inline_disposition, rendition_filename, rendition_key
from imagemill.catalog.record import (
    Fault,
    ImageRecord,
    Original,
    Result,
    StoredRendition,
    Work,
    ready,
    rejected,
    standing,
    succeeding,
)
from imagemill.catalog.stamp import Stamp
from imagemill.errors import ImageRejected, Throttled, TooManyBytes
from imagemill.imaging import Limits, Rendered, Rendition, render
from imagemill.recipe import Recipe
from imagemill.workflows.clock import Clock


MAX_RACES = 8
"""How often a record is looked at afresh because another worker has written it meanwhile."""


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

    def read(self, event: ObjectEvent) -> bytes | None:
        """Return the bytes that the event announced; None if they are no longer there."""

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key now, as an event without sequencer; None if nothing."""


class Renditions(Protocol):
    """The bucket of renditions."""

    def put(self, key: str, data: bytes, stamp: Stamp) -> bool:
        """Store unless a newer event's rendition stands there; False if one does."""

    def discard(self, key: str, sequencer: str) -> None:
        """Delete what this event or an older one stored under the key; keep what is newer."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that work on events needs."""

    records: Records
    originals: Originals
    renditions: Renditions
    recipe: Recipe
    limits: Limits
    clock: Clock
    max_attempts: int
    render: Callable[[bytes, Recipe, Limits], Rendered] = render


def process(event: ObjectEvent, shop: Workshop, attempt: int = 1) -> Outcome:
    """Bring renditions and record to what a created original demands.

    Raises TransientFault when a store fails; the event may then be tried again.
    """
    return until_written(lambda: _try(event, shop, attempt))


def until_written(one_try: Callable[[], Outcome | None]) -> Outcome:
    """Try until the record is written on top of what was read.

    A try that finds it written by somebody else meanwhile returns None, and all is looked at
    afresh. Raises Throttled if that never ends.
    """
    for _ in range(MAX_RACES):
        outcome = one_try()
        if outcome is not None:
            return outcome
    raise Throttled(f"the record was written by others {MAX_RACES} times in a row")


def _try(event: ObjectEvent, shop: Workshop, attempt: int) -> Outcome | None:
    before = shop.records.get(event.id)
    match standing(before, event, shop.recipe.hash):
        case "done":
            return _finish(before, event, shop, Outcome.DUPLICATE)
        case "superseded":
            return _withdraw(event, shop)
        case "new":
            return _make(event, shop, before, attempt)


def _make(
    event: ObjectEvent, shop: Workshop, before: ImageRecord | None, attempt: int
) -> Outcome | None:
    started = shop.clock.monotonic_ms()
    try:
        rendered = _render(event, shop)
    except ImageRejected as fault:
        after = rejected(event, _work(shop, attempt, started), Fault(fault.code, str(fault)))
        return _conclude(succeeding(after, before), Outcome.REJECTED, event, shop)
    if rendered is None:
        return _withdraw(event, shop)
    stored = {made.preset: _store(made, event, shop) for made in rendered.renditions}
    if not all(stored.values()):
        return _withdraw(event, shop)
    after = _ready(event, _work(shop, attempt, started), rendered)
    return _conclude(succeeding(after, before), Outcome.READY, event, shop)


def _render(event: ObjectEvent, shop: Workshop) -> Rendered | None:
    """Read and resize; None when the bytes are gone. Too large a file is never fetched."""
    if event.bytes > shop.limits.max_bytes:
        raise TooManyBytes(f"expected at most {shop.limits.max_bytes} bytes, got {event.bytes}")
    data = shop.originals.read(event)
    return None if data is None else shop.render(data, shop.recipe, shop.limits)


def _store(made: Rendition, event: ObjectEvent, shop: Workshop) -> bool:
    stamp = Stamp(
        sequencer=event.sequencer,
        recipe=shop.recipe.hash,
        content_type=made.content_type,
        disposition=inline_disposition(rendition_filename(event.filename, made.format)),
    )
    return shop.renditions.put(rendition_key(made.preset, event.key), made.data, stamp)


def _work(shop: Workshop, attempt: int, started_ms: int) -> Work:
    return Work(
        recipe=shop.recipe.hash,
        attempts=attempt,
        processed_at=shop.clock.now(),
        processing_ms=shop.clock.monotonic_ms() - started_ms,
    )


def _ready(event: ObjectEvent, work: Work, rendered: Rendered) -> ImageRecord:
    facts = rendered.facts
    return ready(
        event,
        work,
        Result(
            Original(facts.bytes, facts.width, facts.height, facts.format, facts.frames),
            {made.preset: _stored(made, event) for made in rendered.renditions},
            rendered.placeholder,
            rendered.colour,
            rendered.warnings,
        ),
    )


def _stored(made: Rendition, event: ObjectEvent) -> StoredRendition:
    return StoredRendition(
        key=rendition_key(made.preset, event.key),
        bytes=len(made.data),
        width=made.width,
        height=made.height,
        format=made.format,
    )


def _conclude(
    record: ImageRecord, outcome: Outcome, event: ObjectEvent, shop: Workshop
) -> Outcome | None:
    """Write the record, then discard what the picture's former record had and this one has not."""
    if not shop.records.put(record):
        return None
    return _finish(record, event, shop, outcome)


def _finish(
    record: ImageRecord | None, event: ObjectEvent, shop: Workshop, outcome: Outcome
) -> Outcome:
    """Discard leftovers; a duplicate comes here too, in case the first try was cut off before."""
    for key in record.leftovers if record else ():
        shop.renditions.discard(key, event.sequencer)
    return outcome


def _withdraw(event: ObjectEvent, shop: Workshop) -> Outcome:
    """Take back what this event may have stored, now or in a try that was cut off.

    What the newest record lists stays; being newer it has its own sequencer, or none of ours.
    """
    now = shop.records.get(event.id)
    listed = {rendition.key for rendition in now.renditions.values()} if now else set()
    for preset in shop.recipe.presets:
        key = rendition_key(preset.name, event.key)
        if key not in listed:
            shop.renditions.discard(key, event.sequencer)
    return Outcome.SUPERSEDED
