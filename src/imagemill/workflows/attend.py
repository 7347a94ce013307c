"""Attend: one event comes in; the right workflow runs, and a last failure is written down."""

import logging

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.record import Fault, Work, failed, standing, succeeding
from imagemill.errors import ImagemillError, TransientFault
from imagemill.workflows.process import process
from imagemill.workflows.remove import remove
from imagemill.workflows.workshop import Outcome, Workshop

_CUT_OFF = Fault("crashed", "the last try ended before it could say why")
_log = logging.getLogger(__name__)


def attend(event: ObjectEvent, shop: Workshop, attempt: int = 1) -> Outcome:
    """Run the workflow that the event asks for; `attempt` counts from 1.

    Whatever is raised leaves the event to be delivered again. After the last attempt the next stop
    is the dead-letter queue, so the record then says `failed` and why. It says so before the last
    attempt begins, too: a worker that is killed cannot write anything afterwards.
    """
    last = attempt >= shop.max_attempts
    if last:
        _write_down(_CUT_OFF, event, shop, attempt)
    try:
        if event.change is Change.CREATED:
            return process(event, shop, attempt)
        return remove(event, shop, attempt)
    except Exception as fault:
        if last:
            _write_down(_reason(fault), event, shop, attempt)
        raise


def _reason(fault: Exception) -> Fault:
    if isinstance(fault, ImagemillError):
        return Fault(fault.code, str(fault))
    return Fault(ImagemillError.code, type(fault).__name__)


def _write_down(why: Fault, event: ObjectEvent, shop: Workshop, attempt: int) -> None:
    """Record a failure unless something better or newer is known; never fail because of it."""
    work = Work(shop.recipe.hash, attempt, shop.clock.now(), 0)
    try:
        before = shop.records.get(event.id)
        if standing(before, event, shop.recipe.hash) == "new":
            shop.records.put(succeeding(failed(event, work, why), before))
    except TransientFault:
        _log.exception("the failure of %s could not be recorded", event.id)
