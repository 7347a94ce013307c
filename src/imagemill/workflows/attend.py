"""Attend: one event comes in; the right workflow runs, and a last failure is written down."""

import logging

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.record import Fault, Work, failed
from imagemill.errors import ImagemillError
from imagemill.workflows.process import Outcome, Workshop, process
from imagemill.workflows.remove import remove

_log = logging.getLogger(__name__)


def attend(event: ObjectEvent, shop: Workshop, attempt: int = 1) -> Outcome:
    """Run the workflow that the event asks for; `attempt` counts from 1.

    Whatever is raised leaves the event to be delivered again. On the last attempt the record first
    says `failed`, with the code of what went wrong, since the next stop is the dead-letter queue.
    """
    try:
        if event.change is Change.CREATED:
            return process(event, shop, attempt)
        return remove(event, shop, attempt)
    except Exception as fault:
        if attempt >= shop.max_attempts:
            _write_down(fault, event, shop, attempt)
        raise


def _write_down(fault: Exception, event: ObjectEvent, shop: Workshop, attempt: int) -> None:
    if isinstance(fault, ImagemillError):
        why = Fault(fault.code, str(fault))
    else:
        why = Fault(ImagemillError.code, type(fault).__name__)
    work = Work(shop.recipe.hash, attempt, shop.clock.now(), 0)
    try:
        shop.records.put(failed(event, work, why))
    except ImagemillError:
        _log.exception("the failure of %s could not be recorded", event.id)
