"""Process: a created original becomes renditions and a record, exactly as its newest event says.

No lock and no table of seen events: every write carries the sequencer of the event it came from
and yields to a newer one, so that it may be repeated, reordered or cut off anywhere.
"""

from collections.abc import Callable, Iterable

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import inline_disposition, rendition_filename, rendition_key
from imagemill.catalog.record import (
    SETTLED,
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
from imagemill.catalog.stamp import Placed, Stamp
from imagemill.errors import ImageRejected, Throttled, TooManyBytes
from imagemill.imaging import Facts, Rendered, Rendition
from imagemill.imaging.sniff import sniff
from imagemill.workflows.workshop import Outcome, Workshop

MAX_RACES = 8
"""How often a record is looked at afresh because another worker has written it meanwhile."""


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


def superseded(event: ObjectEvent, shop: Workshop) -> Outcome:
    """Take back what this event, or anybody before the newest one, has left behind.

    What the newest record lists stays, and is made whole if it was damaged.
    """
    now = shop.records.get(event.id)
    listed = {rendition.key for rendition in now.renditions.values()} if now else set()
    usual = {rendition_key(preset.name, event.key) for preset in shop.recipe.presets}
    settled = now is not None and now.status in SETTLED
    bound = max(event.sequencer, now.sequencer) if now and settled else event.sequencer
    for key in sorted(usual - listed):
        shop.renditions.discard(key, bound)
    return mended(event, shop, Outcome.SUPERSEDED)


def discard_all(
    keys: Iterable[str], event: ObjectEvent, shop: Workshop, outcome: Outcome
) -> Outcome:
    """Discard what this event or an older one stored under the keys, and look at what is left."""
    hit = [shop.renditions.discard(key, event.sequencer) for key in sorted(keys)]
    return mended(event, shop, outcome) if any(hit) else outcome


def mended(event: ObjectEvent, shop: Workshop, outcome: Outcome) -> Outcome:
    """Return the outcome once what the record lists is really there, made of what it says.

    S3 compares ETags, and the same bytes put twice have the same one. So who replaced or deleted
    something may, seldom, have hit a newer event's rendition of equal bytes. Both sides look again
    afterwards, and whoever comes last finds it. Raises Throttled if that never ends.
    """
    for _ in range(MAX_RACES):
        now = shop.records.get(event.id)
        if now is None or now.status != "ready" or _is_whole(now, shop):
            return outcome
        theirs = event_of(now)
        outcome_of_theirs, _ = _make(theirs, shop, now, now.attempts)
        if outcome_of_theirs in {None, Outcome.SUPERSEDED}:
            process(theirs, shop, now.attempts)
    raise Throttled(f"the renditions were changed by others {MAX_RACES} times in a row")


def event_of(record: ImageRecord) -> ObjectEvent:
    """Return the creation that a record tells of."""
    return ObjectEvent(
        change=Change.CREATED,
        key=record.key,
        sequencer=record.sequencer,
        happened_at=record.uploaded_at,
        version_id=record.version_id,
        etag=record.etag,
        bytes=record.original.bytes if record.original else 0,
    )


def _try(event: ObjectEvent, shop: Workshop, attempt: int) -> Outcome | None:
    before = shop.records.get(event.id)
    match standing(before, event, shop.recipe.hash):
        case "done":
            return _finish(before, event, shop, Outcome.DUPLICATE)
        case "superseded":
            return superseded(event, shop)
        case "new":
            outcome, contested = _make(event, shop, before, attempt)
            if outcome is Outcome.SUPERSEDED:
                return superseded(event, shop)
            return mended(event, shop, outcome) if outcome and contested else outcome


def _make(
    event: ObjectEvent, shop: Workshop, before: ImageRecord | None, attempt: int
) -> tuple[Outcome | None, bool]:
    """Render, store, record; also tell whether others may have had a hand in what was stored."""
    started = shop.clock.monotonic_ms()
    try:
        rendered = _render(event, shop)
    except ImageRejected as fault:
        after = rejected(event, _work(shop, attempt, started), Fault(fault.code, str(fault)))
        return _conclude(succeeding(after, before), Outcome.REJECTED, event, shop), False
    if rendered is None:
        return Outcome.SUPERSEDED, False
    placed = [_store(made, event, shop) for made in rendered.renditions]
    if Placed.YIELDED in placed:
        return Outcome.SUPERSEDED, False
    after = _ready(event, _work(shop, attempt, started), rendered)
    contested = Placed.OVER in placed or (before is not None and before.status != "pending")
    return _conclude(succeeding(after, before), Outcome.READY, event, shop), contested


def _render(event: ObjectEvent, shop: Workshop) -> Rendered | None:
    """Read and resize; None when the bytes are gone.

    Too large a file is never fetched, and what cannot be a picture only so far as to tell.
    """
    if event.bytes > shop.limits.max_bytes:
        raise TooManyBytes(f"expected at most {shop.limits.max_bytes} bytes, got {event.bytes}")
    data = shop.originals.read(event, sniff)
    if data is None:
        return None
    return shop.render(data, shop.recipe, shop.limits)


def _store(made: Rendition, event: ObjectEvent, shop: Workshop) -> Placed:
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
            _original(facts),
            {made.preset: _stored(made, event) for made in rendered.renditions},
            rendered.placeholder,
            rendered.colour,
            rendered.warnings,
        ),
    )


def _original(facts: Facts) -> Original:
    return Original(
        bytes=facts.bytes,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        frames=facts.frames,
        captured_at=facts.captured_at,
        camera=facts.camera,
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
    """Announce, and discard leftovers; a duplicate, too, lest the first try was cut off before."""
    if record is None:
        return outcome
    shop.announce(record)
    return discard_all(record.leftovers, event, shop, outcome)


def _is_whole(record: ImageRecord, shop: Workshop) -> bool:
    standing_there = (shop.renditions.sequencer(made.key) for made in record.renditions.values())
    return all(found is not None and found >= record.sequencer for found in standing_there)
