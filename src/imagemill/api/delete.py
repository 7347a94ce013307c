"""Delete an image on a client's request."""

from imagemill.api.read import read, require_stored
from imagemill.dataclass import dataclass
from imagemill.domain.caller import Caller
from imagemill.domain.clock import Clock
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.domain.stores import OriginalDeletions, Records
from imagemill.domain.transitions import deleted, succeeding

# Most attempts to write the tombstone; each failure means that another writer was faster.
_MAX_RACES = 8


@dataclass(frozen=True, slots=True)
class DeleteDeps:
    """The dependencies of a deletion."""

    records: Records
    originals: OriginalDeletions
    clock: Clock


def delete_original(image: str, deps: DeleteDeps, caller: Caller) -> ImageRecord:
    """Delete the original and return the tombstone; the bucket's event removes the renditions.

    The tombstone has the sequencer of the record before it, so the event of the deletion, or of a
    newer upload with the same key, still decides. Raises NotFound, Gone, TransientFault when a
    store fails, and NotReady before the first event, which would undo the deletion. Calling it
    again is safe.
    """
    record = require_stored(read(image, deps.records, caller))
    deps.originals.delete(record.key)
    return write_tombstone(record, deps.records, deps.clock)


def write_tombstone(record: ImageRecord, records: Records, clock: Clock) -> ImageRecord:
    """Write the tombstone of a record over revisions of the same event only, and return it."""
    event = ObjectEvent(Change.HIDDEN, record.key, record.place, clock.now())
    tombstone = deleted(event, clock.now_s())
    seen: ImageRecord | None = record
    for _ in range(_MAX_RACES):
        if seen is None or seen.status == "deleted" or seen.place != record.place:
            break
        if records.put(succeeding(tombstone, seen)):
            break
        seen = records.get(record.id)
    return tombstone
