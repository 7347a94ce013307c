from dataclasses import replace

import pytest
from fakes.events import created, removed

from imagemill.catalog.record import (
    Fault,
    Original,
    Result,
    Status,
    StoredRendition,
    Work,
    deleted,
    failed,
    pending,
    ready,
    rejected,
    standing,
    succeeding,
)
from imagemill.catalog.report import report
from imagemill.catalog.stamp import Precedence

WORK = Work(recipe="r1", attempts=2, processed_at="2026-05-04T10:20:30.123Z", processing_ms=12)
RENDITION = StoredRendition("500/a.jpg", 100, 500, 333, "jpeg")
RESULT = Result(Original(1000, 1500, 1000, "jpeg", 1), {"500": RENDITION}, "hash", "#aabbcc", ())


def test_a_ready_record_tells_everything() -> None:
    record = ready(created("x/a.jpg", "05"), WORK, RESULT)

    assert report(record) == {
        "id": record.id,
        "key": "x/a.jpg",
        "filename": "a.jpg",
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
        },
        "renditions": {
            "500": {
                "key": "500/a.jpg",
                "bytes": 100,
                "width": 500,
                "height": 333,
                "format": "jpeg",
            }
        },
        "recipe": "r1",
        "placeholder": "hash",
        "colour": "#aabbcc",
        "warnings": (),
        "error": None,
        "attempts": 2,
        "uploaded_at": "2026-05-04T10:20:29.000Z",
        "processed_at": "2026-05-04T10:20:30.123Z",
        "processing_ms": 12,
    }


def test_a_rejected_record_says_why_and_lists_nothing() -> None:
    record = rejected(created(), WORK, Fault("corrupt", "no viewer could show it"))

    assert (record.status, record.error, record.renditions) == (
        "rejected",
        Fault("corrupt", "no viewer could show it"),
        {},
    )


def test_a_tombstone_forgets_the_picture_and_expires_after_every_late_event() -> None:
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
def test_an_event_stands_to_a_record(
    status: Status, recipe: str | None, sequencer: str, verdict: str
) -> None:
    record = replace(
        failed(created(sequencer="05"), WORK, Fault("c", "m")),
        status=status,
        recipe=recipe,
    )

    writer = Precedence(sequencer, 7, "r1")

    assert standing(record, created(sequencer=sequencer), writer) == verdict


def test_an_event_of_an_unknown_picture_is_new() -> None:
    assert standing(None, created(), Precedence("01")) == "new"


def test_a_successor_knows_what_its_predecessor_leaves_behind() -> None:
    before = replace(ready(created(), WORK, RESULT), leftovers=("old/a.jpg",))
    after = ready(created(sequencer="09"), WORK, replace(RESULT, renditions={}))

    assert succeeding(after, before).leftovers == ("500/a.jpg", "old/a.jpg")
    assert succeeding(before, before).leftovers == ("old/a.jpg",)
    assert succeeding(after, None).leftovers == ()
