"""Attend: one task comes in; the right workflow runs, and a last failure is written down."""

import logging

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.notification import Task
from imagemill.catalog.reconciliation import Concern, Reconciliation
from imagemill.catalog.record import Fault, ImageRecord, Work, failed, standing, succeeding
from imagemill.catalog.sequence import OLDEST, is_right_after
from imagemill.errors import Crashed, ImagemillError, TransientFault
from imagemill.workflows.process import discard_all, process
from imagemill.workflows.reconcile import reconcile
from imagemill.workflows.remove import remove
from imagemill.workflows.workshop import Outcome, Workshop

_CUT_OFF = Fault("crashed", "the last try ended before it could say why")
_log = logging.getLogger(__name__)


def attend(task: Task, shop: Workshop, attempt: int = 1) -> Outcome:
    """Run the workflow that the task asks for; `attempt` counts from 1.

    What a lifecycle rule did has no place in the order of events; there it is looked at what
    stands in the bucket. Whatever is raised leaves the task to be delivered again.
    """
    if isinstance(task, ObjectEvent) and task.sequencer != OLDEST:
        return _attend_event(task, shop, attempt)
    if isinstance(task, ObjectEvent):
        task = Reconciliation(task.key, frozenset({Concern.MISSING}))
    return reconcile(task, shop, lambda event: _attend_event(event, shop, attempt), attempt)


def _attend_event(event: ObjectEvent, shop: Workshop, attempt: int) -> Outcome:
    """Work on an event.

    When the last try fails, the record says `failed` and why. It says so before that try begins,
    too, because a worker that is killed cannot write anything afterwards; the delivery that
    follows tells the world, and tries no more.
    """
    last = attempt >= shop.max_attempts
    if last and _given_up(event, shop, attempt):
        raise Crashed(f"attempt {attempt - 1} was the last")
    try:
        if event.change is Change.CREATED:
            return process(event, shop, attempt)
        return remove(event, shop, attempt)
    except Exception as fault:
        if last:
            _give_up(_reason(fault), event, shop, attempt)
        raise


def _given_up(event: ObjectEvent, shop: Workshop, attempt: int) -> bool:
    """Tell whether the last try was made before; if not, write down that it came to nothing."""
    try:
        before = shop.records.get(event.id)
        if before and _gave_up(before, event, shop.max_attempts, attempt):
            _conclude(before, event, shop)
            return True
        _write_down(_CUT_OFF, event, shop, attempt, before)
    except TransientFault:
        _log.exception("that this is the last try at %s could not be recorded", event.id)
    return False


def _gave_up(before: ImageRecord, event: ObjectEvent, most: int, attempt: int) -> bool:
    """Tell whether the record is what the last try of this message left behind."""
    same = is_right_after(event.sequencer, before.sequencer)
    return same and before.status == "failed" and most <= before.attempts < attempt


def _give_up(why: Fault, event: ObjectEvent, shop: Workshop, attempt: int) -> None:
    """Record and announce a failure; never fail because of it."""
    try:
        before = shop.records.get(event.id)
        record = _write_down(why, event, shop, attempt, before)
        if record:
            _conclude(record, event, shop)
    except TransientFault:
        _log.exception("the failure of %s could not be recorded", event.id)


def _conclude(record: ImageRecord, event: ObjectEvent, shop: Workshop) -> None:
    """Announce a failure, and discard what was made of the picture that stood there before."""
    shop.announce(record)
    discard_all(record.leftovers, event, shop, Outcome.DUPLICATE)


def _write_down(
    why: Fault, event: ObjectEvent, shop: Workshop, attempt: int, before: ImageRecord | None
) -> ImageRecord | None:
    """Record a failure unless something better or newer is known."""
    if standing(before, event, shop.recipe.hash) != "new":
        return None
    work = Work(shop.recipe.hash, attempt, shop.clock.now(), 0)
    record = succeeding(failed(event, work, why), before)
    return record if shop.records.put(record) else None


def _reason(fault: Exception) -> Fault:
    if isinstance(fault, ImagemillError):
        return Fault(fault.code, str(fault))
    return Fault(ImagemillError.code, type(fault).__name__)
