"""The facts that a decision needs besides the record."""

from dataclasses import replace

import pytest
from fakes.decisions import (
    DROPPED,
    LATE_AT,
    MINE,
    NOW_S,
    RULES,
    WORK,
    other_bytes,
    ready_record,
)
from fakes.events import created, removed

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.pipeline.decide import reads_for
from imagemill.pipeline.facts import Reads

RECENT = created(sequencer="05")
ERASED = removed(sequencer="06", change=Change.VERSION_DELETED)
READY = ready_record("05")
LOOK = Reconciliation("a.jpg", frozenset({Concern.MISSING}))
STALE = Reconciliation("a.jpg", frozenset({Concern.STALE}))
EVERYTHING = Reconciliation("a.jpg")


@pytest.mark.parametrize(
    ("event", "record", "reads"),
    [
        (RECENT, None, Reads()),
        (replace(RECENT, happened_at=LATE_AT), None, Reads(current=True)),
        (created(sequencer="04"), ready_record("05"), Reads()),
        (created(sequencer="06"), ready_record("05"), Reads(frozenset({MINE}), choices=True)),
        (
            replace(created(sequencer="06"), focus=""),
            ready_record("05"),
            Reads(frozenset({MINE})),
        ),
        (other_bytes(created(sequencer="06")), ready_record("05"), Reads()),
        (
            created(sequencer="06"),
            ready_record("05", replace(WORK, recipe="former")),
            Reads(),
        ),
        (removed(sequencer="06"), ready_record("05"), Reads()),
        (ERASED, ready_record("05"), Reads(frozenset({MINE}), current=True)),
        (ERASED, None, Reads(current=True)),
        (replace(ERASED, sequencer="04"), ready_record("05"), Reads()),
    ],
)
def test_only_the_needed_facts_are_read(
    event: ObjectEvent, record: ImageRecord | None, reads: Reads
) -> None:
    assert reads_for(event, record, RULES, NOW_S) == reads


@pytest.mark.parametrize(
    ("task", "record", "has_acted", "reads"),
    [
        (STALE, READY, False, Reads()),
        (STALE, READY, True, Reads(frozenset({MINE, DROPPED}), current=True)),
        (LOOK, None, False, Reads(frozenset({MINE, DROPPED}), current=True)),
        (
            replace(STALE, renditions=("more/a.jpg",)),
            replace(READY, renditions={}),
            False,
            Reads(frozenset({MINE, DROPPED, "more/a.jpg"}), current=True),
        ),
        (
            LOOK,
            replace(READY, renditions={"x": replace(READY.renditions["p"], key="x/a.jpg")}),
            False,
            Reads(frozenset({MINE, DROPPED, "x/a.jpg"}), current=True),
        ),
    ],
)
def test_a_reconciliation_reads_every_key_that_may_be_stored(
    task: Reconciliation, record: ImageRecord | None, has_acted: bool, reads: Reads
) -> None:
    assert reads_for(task, record, RULES, NOW_S, has_acted=has_acted) == reads


def test_a_reconciliation_reads_nothing_if_a_listing_shows_finished_work() -> None:
    task = replace(EVERYTHING, listed=Listed("a.jpg", 1, "e", 0))

    assert reads_for(task, READY, RULES, NOW_S) == Reads()
