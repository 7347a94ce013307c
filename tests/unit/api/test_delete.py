from dataclasses import replace

import pytest
from fakes.cloud import archived_record, ready_record
from fakes.events import created, removed
from fakes.stores import FakeRecords, StoppedClock

from imagemill.api.delete import DeleteDeps, delete_original
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, owning
from imagemill.domain.keys import owner_id, upload_key
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.transitions import AttemptTimes, deleted, failed, pending
from imagemill.errors import Gone, NotFound, NotReady, StoreUnavailable

ADMIN = Caller("key:k", EVERYTHING)

WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)


class Bucket:
    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete(self, key: str) -> None:
        self.deleted.append(key)


class BrokenBucket:
    def delete(self, key: str) -> None:
        raise StoreUnavailable(f"{key} stays")


def test_a_deletion_leaves_a_tombstone_that_lists_the_renditions_to_remove() -> None:
    record = ready_record("a.jpg")
    records, bucket = FakeRecords({record.id: record}), Bucket()

    tombstone = delete_original(record.id, DeleteDeps(records, bucket, StoppedClock()), ADMIN)

    assert bucket.deleted == ["a.jpg"]
    kept = records.items[record.id]
    assert tombstone.status == "deleted"
    assert (kept.status, kept.leftovers) == ("deleted", ("500/a.jpg",))


def test_the_tombstone_has_the_place_of_the_archived_original() -> None:
    record = archived_record("a.jpg")
    records = FakeRecords({record.id: record})

    tombstone = delete_original(record.id, DeleteDeps(records, Bucket(), StoppedClock()), ADMIN)

    # Its event may be delivered again, and must not bring the image back.
    assert (record.sequencer, tombstone.sequencer) == ("01", "02")
    assert records.items[record.id].status == "deleted"


def test_a_newer_upload_is_not_replaced_by_the_tombstone() -> None:
    record = ready_record("a.jpg")
    newer = replace(record, sequencer="02", revision=2)
    records = FakeRecords({record.id: newer})

    delete_original(
        record.id, DeleteDeps(StaleTable(record, records), Bucket(), StoppedClock()), ADMIN
    )

    assert records.items == {record.id: newer}


def test_a_second_delivery_of_the_same_event_does_not_undo_the_deletion() -> None:
    record = ready_record("a.jpg")
    again = replace(record, attempts=2, revision=2)
    records = FakeRecords({record.id: again})

    delete_original(
        record.id, DeleteDeps(StaleTable(record, records), Bucket(), StoppedClock()), ADMIN
    )

    assert records.items[record.id].status == "deleted"


class StaleTable:
    """A table whose first read returns an outdated record."""

    def __init__(self, seen: ImageRecord, records: FakeRecords) -> None:
        self._seen: list[ImageRecord] = [seen]
        self._records = records

    def get(self, image_id: str) -> ImageRecord | None:
        return self._seen.pop() if self._seen else self._records.get(image_id)

    def put(self, record: ImageRecord) -> bool:
        return self._records.put(record)


def test_the_image_is_kept_if_the_bucket_fails() -> None:
    record = ready_record("a.jpg")
    records = FakeRecords({record.id: record})

    with pytest.raises(StoreUnavailable):
        delete_original(record.id, DeleteDeps(records, BrokenBucket(), StoppedClock()), ADMIN)

    assert records.items == {record.id: record}


def test_a_failed_image_can_be_deleted() -> None:
    record = failed(created("a.jpg"), WORK, Fault("internal", "x"))
    records = FakeRecords({record.id: record})

    assert (
        delete_original(record.id, DeleteDeps(records, Bucket(), StoppedClock()), ADMIN).status
        == "deleted"
    )


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (pending("a.jpg", 1, "2026-05-04T10:20:29.000Z", 0), NotReady),
        (deleted(removed("a.jpg"), 0), Gone),
        (ready_record("b.jpg"), NotFound),
    ],
)
def test_an_image_without_an_original_cannot_be_deleted(
    record: ImageRecord, error: type[Exception]
) -> None:
    records, bucket = FakeRecords({record.id: record}), Bucket()

    with pytest.raises(error):
        delete_original(
            ready_record("a.jpg").id, DeleteDeps(records, bucket, StoppedClock()), ADMIN
        )

    assert bucket.deleted == []


def test_an_image_of_another_owner_is_not_found_and_stays() -> None:
    record = ready_record(upload_key("a.jpg", "t", owner_id("user:alice")))
    bucket = Bucket()
    deps = DeleteDeps(FakeRecords({record.id: record}), bucket, StoppedClock())

    with pytest.raises(NotFound):
        delete_original(record.id, deps, owning("user:bob", OWN_IMAGES))
    assert bucket.deleted == []

    delete_original(record.id, deps, owning("user:alice", OWN_IMAGES))
    assert bucket.deleted == [record.key]
