"""Withdraw: a client takes its image back."""

from dataclasses import dataclass
from typing import Protocol

from imagemill.api.read import read, with_upload_status
from imagemill.domain.clock import Clock
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.record import ImageRecord, deleted, succeeding

_MAX_RACES = 8
"""How often the tombstone is tried again; each loss means another writer has moved on."""


class Records(Protocol):
    """The table of records, as far as a deletion goes."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""


class Originals(Protocol):
    """The bucket of originals, as far as a deletion goes."""

    def delete(self, key: str) -> None:
        """Delete the original."""


@dataclass(frozen=True, slots=True)
class DeleteDeps:
    """Everything that a deletion needs."""

    records: Records
    originals: Originals
    clock: Clock


def delete_original(image: str, way: DeleteDeps) -> ImageRecord:
    """Delete the original and return the tombstone; the bucket's event removes the renditions.

    The tombstone claims no more than the event it follows, so the deletion's own event, or a newer
    upload under the same key, still decides. Raises NotFound, Gone, NotReady for an image whose
    first event is still to come and would revive it, and TransientFault when a store fails; trying
    again is safe.
    """
    record = with_upload_status(read(image, way.records))
    way.originals.delete(record.key)
    return _bury(record, way)


def _bury(record: ImageRecord, way: DeleteDeps) -> ImageRecord:
    """Write the tombstone over every revision that is about the same event, and over no other."""
    event = ObjectEvent(Change.HIDDEN, record.key, record.sequencer, way.clock.now())
    tombstone = deleted(event, way.clock.now_s())
    seen: ImageRecord | None = record
    for _ in range(_MAX_RACES):
        if seen is None or seen.status == "deleted" or seen.sequencer != record.sequencer:
            break
        if way.records.put(succeeding(tombstone, seen)):
            break
        seen = way.records.get(record.id)
    return tombstone
