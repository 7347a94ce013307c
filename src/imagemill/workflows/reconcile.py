"""Reconcile: look at a picture's original, record and renditions, and bring them in line.

Nobody tells what happened here, so what is found gets a place in the order of its own: right after
the newest event that has left a trace, and before whatever S3 announces next. The trace is read
first and the bucket asked afterwards. So an event whose trace was seen is already in what the
bucket shows, and one that was not seen is newer and undoes nothing of ours that should stay.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import rendition_key
from imagemill.catalog.reconciliation import (
    Concern,
    Reconciliation,
    is_finished,
    is_stale,
)
from imagemill.catalog.record import SETTLED, ImageRecord
from imagemill.catalog.sequence import OLDEST, between
from imagemill.errors import Throttled
from imagemill.recipe import Recipe
from imagemill.workflows.process import MAX_RACES, discard_all, event_of, mended, process
from imagemill.workflows.workshop import Outcome, Workshop

_GONE = "-"
_TOKEN_LENGTH = 8


def reconcile(
    task: Reconciliation,
    shop: Workshop,
    work: Callable[[ObjectEvent], Outcome],
    attempt: int = 1,
) -> Outcome:
    """Mend what the task is concerned with; finished work costs one read of its record.

    `work` does what an event asks for. What is found finished is announced only by a message that
    comes again, lest its first try was cut off before it could. Raises TransientFault when a store
    fails; the task may then be tried again.
    """
    record = shop.records.get(task.id)
    if task.renditions or not is_finished(task, record, shop.recipe.hash):
        record, outcome = _mended(task, record, shop, work)
    else:
        outcome = Outcome.DUPLICATE
    if outcome is Outcome.DUPLICATE and attempt > 1 and record and record.status in SETTLED:
        shop.announce(record)
    return outcome


def _mended(
    task: Reconciliation,
    record: ImageRecord | None,
    shop: Workshop,
    work: Callable[[ObjectEvent], Outcome],
) -> tuple[ImageRecord | None, Outcome]:
    outcome = Outcome.DUPLICATE
    if Concern.MISSING in task.concerns:
        record, outcome = _brought_in_line(task, shop, work, outcome)
    if Concern.STALE in task.concerns and record and is_stale(record, shop.recipe.hash):
        outcome = _remade(record, shop)
        record, outcome = _brought_in_line(task, shop, work, outcome)
    return record, _tidied(task, record, shop, outcome)


def _brought_in_line(
    task: Reconciliation,
    shop: Workshop,
    work: Callable[[ObjectEvent], Outcome],
    outcome: Outcome,
) -> tuple[ImageRecord | None, Outcome]:
    """Act until the record, read before the bucket, tells of what stands there.

    Raises Throttled if that never ends.
    """
    for _ in range(MAX_RACES):
        record = shop.records.get(task.id)
        current = shop.originals.current(task.key)
        if _agree(record, current) and not _has_strays(task, record, shop):
            return record, outcome
        outcome = work(_news(task, shop))
    raise Throttled(f"the original was changed {MAX_RACES} times in a row")


def _agree(record: ImageRecord | None, current: ObjectEvent | None) -> bool:
    """Compare; an upload that was announced and is still awaited is nothing out of line."""
    if current is None:
        return record is None or record.status in {"pending", "deleted"}
    if record is None or record.status not in {"ready", "rejected"}:
        return False
    return (record.version_id, record.etag) == (current.version_id, current.etag)


def _news(task: Reconciliation, shop: Workshop) -> ObjectEvent:
    """Return what stands in the bucket as an event: first its place in the order, then the fact."""
    newest = _newest_trace(task, shop)
    current = shop.originals.current(task.key)
    if current is None:
        return ObjectEvent(Change.HIDDEN, task.key, between(newest, _GONE), shop.clock.now())
    return replace(current, sequencer=between(newest, _token(current, shop.recipe)))


def _newest_trace(task: Reconciliation, shop: Workshop) -> str:
    """Return the newest sequencer that the record or a rendition of this picture shows."""
    record = shop.records.get(task.id)
    places = _usual_keys(task.key, shop.recipe).union(task.renditions)
    stamps = (shop.renditions.sequencer(key) for key in sorted(places))
    return max([record.sequencer if record else OLDEST, *(stamp or OLDEST for stamp in stamps)])


def _token(event: ObjectEvent, recipe: Recipe) -> str:
    """Return the same text for the same work, so that whoever does it twice does it once."""
    facts = f"{event.version_id}|{event.etag}|{recipe.hash}"
    return hashlib.sha256(facts.encode()).hexdigest()[:_TOKEN_LENGTH]


def _remade(record: ImageRecord, shop: Workshop) -> Outcome:
    """Make the same version by today's recipe; should that fail, the record stays as it was."""
    event = event_of(record)
    place = between(record.sequencer, _token(event, shop.recipe))
    return process(replace(event, sequencer=place), shop)


def _has_strays(task: Reconciliation, record: ImageRecord | None, shop: Workshop) -> bool:
    """Tell whether a rendition that the record does not list comes from a newer event than it."""
    unlisted = sorted(set(task.renditions) - _listed_by(record))
    stamps = (shop.renditions.sequencer(key) for key in unlisted)
    bound = record.sequencer if record else None
    return any(stamp is not None and (bound is None or stamp > bound) for stamp in stamps)


def _tidied(
    task: Reconciliation, record: ImageRecord | None, shop: Workshop, outcome: Outcome
) -> Outcome:
    """Discard what the record does not list of what may be there, and mend what it lists."""
    if record is None or record.status not in SETTLED:
        return outcome
    listed, event = _listed_by(record), event_of(record)
    doubtful = set(task.renditions).union(record.leftovers)
    if record.status == "deleted":
        doubtful |= _usual_keys(task.key, shop.recipe)
    outcome = discard_all(doubtful - listed, event, shop, outcome)
    return mended(event, shop, outcome) if listed & set(task.renditions) else outcome


def _usual_keys(key: str, recipe: Recipe) -> set[str]:
    return {rendition_key(preset.name, key) for preset in recipe.presets}


def _listed_by(record: ImageRecord | None) -> set[str]:
    return {made.key for made in record.renditions.values()} if record else set()
