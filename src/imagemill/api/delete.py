"""Delete an image on a client's request."""

from imagemill.api.read import read, with_upload_status
from imagemill.dataclass import dataclass
from imagemill.domain.caller import Caller
from imagemill.domain.clock import Clock
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.record import ImageRecord, deleted, succeeding
from imagemill.domain.stores import OriginalDeletions, Records

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
    record = with_upload_status(read(image, deps.records, caller))
    deps.originals.delete(record.key)
    return _write_tombstone(record, deps)


def _write_tombstone(record: ImageRecord, deps: DeleteDeps) -> ImageRecord:
    """Write the tombstone over revisions of the same event only."""
    event = ObjectEvent(Change.HIDDEN, record.key, record.sequencer, deps.clock.now())
    tombstone = deleted(event, deps.clock.now_s())
    seen: ImageRecord | None = record
    for _ in range(_MAX_RACES):
        if seen is None or seen.status == "deleted" or seen.sequencer != record.sequencer:
            break
        if deps.records.put(succeeding(tombstone, seen)):
            break
        seen = deps.records.get(record.id)
    return tombstone
