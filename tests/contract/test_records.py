import secrets

import pytest
from fakes.events import created

from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import Fault, ImageRecord, Original, StoredRendition
from imagemill.domain.stores import Records
from imagemill.domain.transitions import (
    AttemptTimes,
    Result,
    deleted,
    failed,
    pending,
    ready,
    rejected,
    succeeding,
)

WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)
RESULT = Result(
    Original(1000, 1500, 1000, "jpeg", 1),
    {"500": StoredRendition("500/a.jpg", 100, 500, 333, "jpeg")},
    "hash",
    "#aabbcc",
    ("truncated",),
)


@pytest.fixture
def key() -> str:
    return f"é {secrets.token_hex(8)}.jpg"


def states(event: ObjectEvent) -> dict[str, ImageRecord]:
    return {
        "ready": ready(event, WORK, RESULT),
        "rejected": rejected(event, WORK, Fault("corrupt", "no viewer could show it")),
        "failed": failed(event, WORK, Fault("store_unavailable", "S3 answered 500")),
        "deleted": deleted(event, 0),
        "pending": pending(event.key, 7, "2026-05-04T10:20:29.000Z", 0),
    }


@pytest.mark.parametrize("status", ["ready", "rejected", "failed", "deleted", "pending"])
def test_a_record_reads_back_as_it_was_written(records: Records, key: str, status: str) -> None:
    record = states(created(key))[status]

    assert records.put(record)
    assert records.get(record.id) == record


def test_a_record_that_was_never_written_is_none(records: Records) -> None:
    assert records.get("a" * 26) is None


@pytest.mark.parametrize("status", ["ready", "rejected", "failed", "deleted"])
def test_the_next_revision_replaces_the_one_that_was_read(
    records: Records, key: str, status: str
) -> None:
    first = states(created(key))["ready"]
    records.put(first)
    second = succeeding(states(created(key, sequencer="02"))[status], first)

    assert records.put(second)
    assert records.get(first.id) == second


@pytest.mark.parametrize("status", ["ready", "rejected", "failed", "deleted", "pending"])
def test_a_write_without_reading_the_last_revision_fails(
    records: Records, key: str, status: str
) -> None:
    standing = states(created(key))["ready"]
    records.put(standing)

    assert not records.put(states(created(key, sequencer="02"))[status])
    assert records.get(standing.id) == standing


def test_the_second_of_two_writers_has_to_read_again(records: Records, key: str) -> None:
    first = states(created(key))["pending"]
    records.put(first)
    one = succeeding(states(created(key, sequencer="02"))["ready"], first)
    other = succeeding(states(created(key, sequencer="03"))["deleted"], first)

    assert records.put(one)
    assert not records.put(other)
    assert records.put(succeeding(other, one))


def test_a_missing_record_has_no_next_revision(records: Records, key: str) -> None:
    never_written = states(created(key))["ready"]

    assert not records.put(succeeding(never_written, never_written))
    assert records.get(never_written.id) is None
