"""Change the focal point of an image on a caller's request."""

from imagemill.api.look import LookDeps
from imagemill.api.read import read, require_ready
from imagemill.domain.caller import Caller
from imagemill.domain.event import Focus
from imagemill.domain.reconciliation import Reconciliation, to_message
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_focus import with_focus
from imagemill.errors import Throttled

# Most attempts to write the record; each failure means that another writer was faster.
_MAX_RACES = 8
# Seconds until a worker looks at the image in any case: longer than this function can run (29 s).
_LATER_S = 60


def change_focus(image: str, focus: Focus | None, deps: LookDeps, caller: Caller) -> ImageRecord:
    """Write the focal point into the record and return it; a worker makes the renditions again.

    None removes the point. The look that comes later is sent first: if this function is killed
    after the record is written, a worker finds the change nevertheless. Calling it again is safe.
    Raises NotFound, Gone, NotReady, WorkFailed, RecordedRejection, and TransientFault when a store
    fails.
    """
    record = require_ready(read(image, deps.records, caller))
    look = to_message(Reconciliation(record.key))
    if record.wanted_focus != focus:
        deps.queue.send_later(look, _LATER_S)
        record = _write(record, focus, deps, caller)
    if not record.is_focus_applied:
        deps.queue.send_later(look, 0)
    return record


def _write(record: ImageRecord, focus: Focus | None, deps: LookDeps, caller: Caller) -> ImageRecord:
    """Write the change over the revision that was read; if it has changed, read it again."""
    for _ in range(_MAX_RACES):
        after = with_focus(record, focus)
        if deps.records.put(after):
            return after
        record = require_ready(read(record.id, deps.records, caller))
        if record.wanted_focus == focus:
            return record
    raise Throttled(f"{_MAX_RACES} others wrote the record at the same time")
