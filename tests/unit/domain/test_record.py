from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.events import created, removed

from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import (
    Fault,
    ImageRecord,
    Original,
    Status,
    StoredRendition,
    event_of,
    precedence_of,
    standing,
)
from imagemill.domain.record_json import report
from imagemill.domain.rendition_metadata import Precedence
from imagemill.domain.transitions import (
    TOMBSTONE_LIFETIME_S,
    AttemptTimes,
    Result,
    deleted,
    failed,
    in_progress,
    pending,
    ready,
    rejected,
    same_bytes,
    succeeding,
)

WORK = AttemptTimes(
    recipe="r1", attempts=2, processed_at="2026-05-04T10:20:30.123Z", processing_ms=12
)
LATER = "2026-05-04T10:20:31.000Z"
RENDITION = StoredRendition("500/a.jpg", 100, 500, 333, "jpeg")
RESULT = Result(Original(1000, 1500, 1000, "jpeg", 1), {"500": RENDITION}, "hash", "#aabbcc", ())


def test_a_ready_record_has_every_field() -> None:
    record = ready(created("x/a.jpg", "05"), WORK, RESULT)

    assert report(record) == {
        "id": record.id,
        "key": "x/a.jpg",
        "filename": "a.jpg",
        "owner": None,
        "focus": None,
        "focus_applied": True,
        "status": "ready",
        "sequencer": "05",
        "version_id": "v1",
        "etag": "e",
        "original": {
            "bytes": 1000,
            "width": 1500,
            "height": 1000,
            "format": "jpeg",
            "frames": 1,
            "captured_at": None,
            "camera": None,
            "hdr": None,
            "lens": None,
            "exposure_time_s": None,
            "f_number": None,
            "iso": None,
            "focal_length_mm": None,
        },
        "renditions": {
            "500": {
                "key": "500/a.jpg",
                "bytes": 100,
                "width": 500,
                "height": 333,
                "format": "jpeg",
                "hdr": None,
                "quality": None,
            }
        },
        "archived": None,
        "recipe": "r1",
        "rule": None,
        "placeholder": "hash",
        "colour": "#aabbcc",
        "warnings": (),
        "error": None,
        "attempts": 2,
        "uploaded_at": "2026-05-04T10:20:29.000Z",
        "processed_at": "2026-05-04T10:20:30.123Z",
        "processing_ms": 12,
    }


def test_a_rejected_record_has_the_reason_and_lists_no_renditions() -> None:
    record = rejected(created(), WORK, Fault("corrupt", "no viewer could show it"))

    assert (record.status, record.error, record.renditions) == (
        "rejected",
        Fault("corrupt", "no viewer could show it"),
        {},
    )


def test_a_tombstone_has_no_data_of_the_image_and_outlives_every_late_event() -> None:
    record = deleted(removed("x/a.jpg", "06"), now_s=0)

    assert (record.original, record.renditions, record.placeholder) == (None, {}, None)
    assert record.expires_at is not None
    assert record.expires_at > 28 * 24 * 3600


def test_a_pending_record_expires_within_a_day_unless_bytes_arrive() -> None:
    record = pending("a.jpg", 10, "2026-05-04T10:20:29.000Z", now_s=0)

    assert (record.status, record.expires_at, record.sequencer) == ("pending", 86_400, "")


@pytest.mark.parametrize(
    ("status", "recipe", "sequencer", "verdict"),
    [
        ("ready", "r1", "05", "done"),
        ("rejected", "r1", "05", "done"),
        ("deleted", None, "05", "done"),
        ("failed", "r1", "05", "new"),
        ("pending", None, "05", "new"),
        ("ready", "older", "05", "new"),
        ("ready", "r1", "06", "new"),
        ("ready", "r1", "04", "superseded"),
        ("deleted", None, "04", "superseded"),
        ("deleted", None, "06", "new"),
    ],
)
def test_an_event_is_new_done_or_superseded(
    status: Status, recipe: str | None, sequencer: str, verdict: str
) -> None:
    record = replace(
        failed(created(sequencer="05"), WORK, Fault("c", "m")),
        status=status,
        recipe=recipe,
    )

    writer = Precedence(sequencer, 7, "r1")

    assert standing(record, created(sequencer=sequencer), writer) == verdict


def test_an_event_of_an_image_without_a_record_is_new() -> None:
    assert standing(None, created(), Precedence("01")) == "new"


def test_the_next_revision_lists_the_renditions_that_it_leaves_over() -> None:
    before = replace(ready(created(), WORK, RESULT), leftovers=("old/a.jpg",))
    after = ready(created(sequencer="09"), WORK, replace(RESULT, renditions={}))

    assert succeeding(after, before).leftovers == ("500/a.jpg", "old/a.jpg")
    assert succeeding(before, before).leftovers == ("old/a.jpg",)
    assert succeeding(after, None).leftovers == ()


def test_a_pending_record_has_the_announced_size() -> None:
    record = pending("x/a.jpg", 10, "2026-05-04T10:20:29.000Z", now_s=0)

    assert (record.key, record.filename, record.original) == ("x/a.jpg", "a.jpg", Original(10))
    assert record.uploaded_at == "2026-05-04T10:20:29.000Z"


def test_a_tombstone_has_the_time_of_the_deletion() -> None:
    event = removed("x/a.jpg", "06")
    record = deleted(event, now_s=5)

    assert (record.key, record.filename) == ("x/a.jpg", "a.jpg")
    assert (record.uploaded_at, record.processed_at) == (event.happened_at, event.happened_at)
    assert record.expires_at == 5 + TOMBSTONE_LIFETIME_S


def test_a_record_in_progress_describes_its_event_and_lists_no_rendition() -> None:
    before = ready(created("x/a.jpg", "05"), WORK, RESULT)

    record = in_progress(replace(created("x/a.jpg", "06"), bytes=12), before, 3, LATER)

    assert (record.id, record.key, record.filename) == (before.id, "x/a.jpg", "a.jpg")
    assert (record.status, record.sequencer, record.attempts) == ("pending", "06", 3)
    assert (record.version_id, record.etag, record.original) == ("v1", "e", Original(12))
    assert record.uploaded_at == "2026-05-04T10:20:29.000Z"
    assert (record.leftovers, record.revision) == (("500/a.jpg",), 2)


def test_a_record_of_the_same_bytes_describes_the_newer_event() -> None:
    before = succeeding(ready(created(sequencer="05"), WORK, RESULT), None)
    event = replace(
        created(sequencer="06", version_id="v2"),
        happened_at="2026-05-05T00:00:00.000Z",
        etag="of another encryption",
    )

    record = same_bytes(event, before, 99)

    assert record == replace(
        before,
        sequencer="06",
        uploaded_at="2026-05-05T00:00:00.000Z",
        version_id="v2",
        etag="of another encryption",
        deployed_at=99,
        revision=2,
    )


@pytest.mark.parametrize("record", [failed, rejected])
def test_a_record_without_renditions_describes_event_and_attempt(
    record: Callable[[ObjectEvent, AttemptTimes, Fault], ImageRecord],
) -> None:
    event = replace(created("x/a.jpg", "05"), bytes=12)
    why = Fault("c", "m")

    ended = record(event, replace(WORK, deployed_at=7), why)

    assert (ended.id, ended.key, ended.filename) == (event.id, "x/a.jpg", "a.jpg")
    assert (ended.sequencer, ended.version_id, ended.etag) == ("05", "v1", "e")
    assert (ended.original, ended.error, ended.uploaded_at) == (
        Original(12),
        why,
        event.happened_at,
    )
    assert (ended.recipe, ended.deployed_at, ended.attempts) == ("r1", 7, 2)
    assert (ended.processed_at, ended.processing_ms) == (WORK.processed_at, 12)


def test_succeeding_adds_one_to_the_revision() -> None:
    before = replace(ready(created(), WORK, RESULT), revision=4)

    assert succeeding(before, before).revision == 5
    assert succeeding(before, None).revision == 4


def test_the_event_of_a_record_is_the_one_that_it_describes() -> None:
    event = replace(created("x/a.jpg", "05"), bytes=1000)

    assert event_of(ready(event, WORK, RESULT)) == event


def test_the_event_of_a_record_without_a_size_has_none() -> None:
    record = replace(ready(created(), WORK, RESULT), original=None)

    assert event_of(record).bytes == 0


def test_the_precedence_of_a_record_is_that_of_its_event_and_deployment() -> None:
    record = ready(created(sequencer="05"), replace(WORK, deployed_at=7), RESULT)
    unknown = replace(record, deployed_at=None, recipe=None)

    assert precedence_of(record) == Precedence("05", 7, "r1")
    assert precedence_of(unknown) == Precedence("05", 0, "")


def test_a_deletion_is_above_every_rendition_of_the_same_event() -> None:
    tombstone = deleted(removed(sequencer="05"), 0)

    far_future_ms = 2**53 - 1
    assert precedence_of(tombstone) > Precedence("05", far_future_ms, "zz")
    assert precedence_of(tombstone) < Precedence("06")


@pytest.mark.parametrize(("deployed_at", "verdict"), [(6, "new"), (7, "new"), (8, "done")])
def test_a_result_of_a_newer_deployment_for_the_same_event_is_done(
    deployed_at: int, verdict: str
) -> None:
    record = ready(created(sequencer="05"), replace(WORK, deployed_at=deployed_at), RESULT)

    assert standing(record, created(sequencer="05"), Precedence("05", 7, "r9")) == verdict


def test_a_ready_record_keeps_the_warnings() -> None:
    record = ready(created(), WORK, replace(RESULT, warnings=("truncated",)))

    assert record.warnings == ("truncated",)
