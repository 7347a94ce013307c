import secrets

import pytest
from fakes.events import created, removed

from imagemill.catalog.event import ObjectEvent
from imagemill.catalog.record import (
    Fault,
    ImageRecord,
    Original,
    Result,
    StoredRendition,
    Work,
    deleted,
    failed,
    pending,
    ready,
    rejected,
)
from imagemill.workflows.process import Records

WORK = Work("r1", 1, "2026-05-04T10:20:30.123Z", 12)
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


@pytest.mark.parametrize(
    ("first", "then", "replaced"),
    [
        ("ready", "ready", True),
        ("ready", "failed", False),
        ("ready", "pending", False),
        ("rejected", "failed", False),
        ("deleted", "failed", False),
        ("failed", "ready", True),
        ("failed", "failed", True),
        ("failed", "rejected", True),
        ("pending", "ready", True),
    ],
)
def test_of_the_same_event_the_better_end_stays(
    records: Records, key: str, first: str, then: str, *, replaced: bool
) -> None:
    standing, next_one = states(created(key))[first], states(created(key))[then]
    records.put(standing)

    assert records.put(next_one) is replaced
    assert records.get(standing.id) == (next_one if replaced else standing)


@pytest.mark.parametrize("status", ["ready", "rejected", "failed", "deleted"])
@pytest.mark.parametrize("late", ["ready", "failed", "deleted", "pending"])
def test_an_older_event_never_replaces_a_newer_one(
    records: Records, key: str, status: str, late: str
) -> None:
    standing = states(created(key, sequencer="0B"))[status]
    records.put(standing)

    assert not records.put(states(created(key, sequencer="0A99"))[late])
    assert records.get(standing.id) == standing


@pytest.mark.parametrize("status", ["ready", "rejected", "failed", "deleted"])
def test_a_newer_event_replaces_whatever_stands(records: Records, key: str, status: str) -> None:
    records.put(states(created(key, sequencer="0A99"))[status])
    tombstone = deleted(removed(key, sequencer="0B"), 0)

    assert records.put(tombstone)
    assert records.get(tombstone.id) == tombstone
