from dataclasses import replace

import pytest
from fakes.decisions import ready_record, rejected_record
from fakes.events import created, removed

from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.record_json import report, report_in_detail, reported
from imagemill.domain.transitions import (
    MOST_STATES,
    deleted,
    failed,
    in_progress,
    pending,
    ready,
    rejected,
    succeeding,
)

from .test_record import RESULT, WORK

ANNOUNCED = pending("a.jpg", 10, "2026-05-04T10:20:00.000Z", 0)
LATER = "2026-05-04T10:20:31.000Z"


def states_of(record: ImageRecord) -> list[tuple[str, str, int, str]]:
    return [(one.status, one.at[17:], one.attempt, one.code) for one in record.states]


def test_every_state_is_kept_with_time_attempt_and_code() -> None:
    lost = failed(created(), WORK, Fault("store_unavailable", "S3"))
    first = succeeding(lost, ANNOUNCED)
    last_times = replace(WORK, attempts=4, processed_at=LATER)
    again = succeeding(rejected(created(), last_times, Fault("corrupt", "")), first)

    assert states_of(again) == [
        ("pending", "00.000Z", 0, ""),
        ("failed", "30.123Z", 2, "store_unavailable"),
        ("rejected", "31.000Z", 4, "corrupt"),
    ]


def test_a_first_record_has_one_state() -> None:
    record = succeeding(ready(created(), WORK, RESULT), None)

    assert states_of(record) == [("ready", "30.123Z", 2, "")]


def test_an_image_that_is_made_again_has_both_times() -> None:
    before = succeeding(ready(created(), WORK, RESULT), None)
    after = succeeding(ready(created(), replace(WORK, processed_at=LATER), RESULT), before)

    assert states_of(after) == [("ready", "30.123Z", 2, ""), ("ready", "31.000Z", 2, "")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ANNOUNCED, in_progress(created(), None, 1, LATER)),
        (in_progress(created(), None, 3, LATER), in_progress(created(), None, 4, LATER)),
        (
            succeeding(deleted(removed(), 0), None),
            deleted(replace(removed(), happened_at=LATER), 0),
        ),
        (succeeding(ready(created(), WORK, RESULT), None), ready(created(), WORK, RESULT)),
    ],
    ids=["announced", "tried again", "deleted again", "same bytes again"],
)
def test_a_repeated_state_is_not_added(before: ImageRecord, after: ImageRecord) -> None:
    assert succeeding(after, before).history == before.history


def test_the_oldest_states_are_dropped() -> None:
    record = succeeding(ready(created(), WORK, RESULT), None)
    for second in range(MOST_STATES + 1):
        times = replace(WORK, processed_at=f"2026-05-05T00:00:{second:02}.000Z")
        record = succeeding(ready(created(), times, RESULT), record)

    assert len(record.history) == MOST_STATES
    assert [record.history[0].at[17:19], record.history[-1].at[17:19]] == ["01", "20"]


def test_a_record_of_a_former_version_begins_its_history_with_its_state() -> None:
    before = replace(rejected_record(), history=())

    assert [state.status for state in before.states] == ["rejected"]
    assert [state.status for state in succeeding(ready_record(), before).history] == [
        "rejected",
        "ready",
    ]


def test_the_history_is_reported_in_detail_only() -> None:
    record = succeeding(rejected(created(), WORK, Fault("corrupt", "")), ANNOUNCED)

    found = report_in_detail(record)
    assert "history" not in report(record)
    assert found["history"][-1] == {
        "status": "rejected",
        "at": WORK.processed_at,
        "attempt": 2,
        "code": "corrupt",
    }
    assert reported(found).states == record.states
