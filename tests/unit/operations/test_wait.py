from dataclasses import replace
from pathlib import Path

from fakes.cloud import (
    FakeOriginals,
    FakeRecordTable,
    SteppingClock,
    deleted_record,
    ready_record,
    rejected_record,
)

from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import Fault
from imagemill.operations.upload_files import Upload, UploadResult
from imagemill.operations.wait import (
    WaitOptions,
    WaitResult,
    wait_for_deletes,
    wait_for_records,
    wait_for_uploads,
)

UPLOAD = Upload(Path("a.jpg"), "a.jpg")
UPLOADED = ObjectVersion("v2", "etag of v2")


def wait_options(timeout_s: float = 10) -> WaitOptions:
    clock = SteppingClock()
    return WaitOptions(timeout_s, clock, clock.pause)


def originals_holding(records: FakeRecordTable, version_id: str) -> FakeOriginals:
    return FakeOriginals(records, {"a.jpg": b"x"}, versions={"a.jpg": version_id})


def test_an_upload_ends_with_its_record() -> None:
    record = ready_record(version_id="v2")
    records = FakeRecordTable(later=[record])

    results = list(
        wait_for_uploads(
            [UploadResult(UPLOAD, UPLOADED)],
            records,
            originals_holding(records, "v2"),
            wait_options(),
        )
    )

    assert results == [WaitResult(UPLOAD, "ready", record)]


def test_a_rejected_upload_ends_with_the_reason() -> None:
    record = rejected_record("a.jpg", "v2")
    records = FakeRecordTable(later=[record])

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v2"), wait_options()
    )

    assert (results.status, results.error) == ("rejected", record.error)


def test_an_older_record_of_the_same_key_is_ignored() -> None:
    former, mine = ready_record(version_id="v1"), ready_record(version_id="v2")
    records = FakeRecordTable({former.id: former}, later=[former, former, mine])

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v2"), wait_options()
    )

    assert results.record == mine


def test_an_older_record_of_the_same_bytes_is_ignored() -> None:
    former = replace(ready_record(version_id="v1"), etag=UPLOADED.etag)
    records = FakeRecordTable({former.id: former}, later=[ready_record(version_id="v2")])

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v2"), wait_options()
    )

    assert results.record == ready_record(version_id="v2")


def test_an_upload_followed_by_a_newer_one_is_superseded() -> None:
    newer = ready_record(version_id="v3")
    records = FakeRecordTable({newer.id: newer})

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v3"), wait_options()
    )

    assert (results.status, results.record) == ("superseded", None)


def test_a_pending_record_is_not_the_end() -> None:
    pending = replace(ready_record(version_id="v2"), status="pending")
    records = FakeRecordTable({pending.id: pending}, later=[ready_record(version_id="v2")])

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v2"), wait_options()
    )

    assert results.status == "ready"


def test_an_upload_without_a_result_times_out() -> None:
    records = FakeRecordTable()
    limit = wait_options(timeout_s=1.5)

    [results] = wait_for_uploads(
        [UploadResult(UPLOAD, UPLOADED)], records, originals_holding(records, "v2"), limit
    )

    assert results == WaitResult(
        UPLOAD, "timed_out", error=Fault("timed_out", "no result within 1.5 s")
    )
    assert 1500 <= limit.clock.monotonic_ms() <= 2000


def test_a_file_that_was_not_stored_fails_without_waiting() -> None:
    records = FakeRecordTable()
    fault = Fault("unreadable", "Permission denied")
    limit = wait_options()

    results = list(
        wait_for_uploads(
            [UploadResult(UPLOAD, error=fault)], records, FakeOriginals(records), limit
        )
    )

    assert results == [WaitResult(UPLOAD, "failed", error=fault)]
    assert limit.clock.monotonic_ms() == 0


def test_each_result_is_shown_when_it_arrives() -> None:
    slow, quick = ready_record("slow.jpg"), ready_record("quick.jpg")
    records = FakeRecordTable({quick.id: quick}, later=[quick, slow])

    seen = wait_for_records(
        dict.fromkeys([slow.id, quick.id], lambda _: True), records, wait_options()
    )

    assert list(seen) == [(quick.id, quick), (slow.id, slow)]


def test_a_deleted_image_is_gone_when_its_record_is_deleted() -> None:
    record = ready_record()
    records = FakeRecordTable({record.id: record}, later=[record, deleted_record()])

    assert list(wait_for_deletes(["a.jpg"], records, wait_options())) == [("a.jpg", True)]


def test_an_image_that_was_not_deleted_times_out() -> None:
    record = ready_record()
    records = FakeRecordTable({record.id: record})

    assert list(wait_for_deletes(["a.jpg"], records, wait_options())) == [("a.jpg", False)]
