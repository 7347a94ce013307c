"""A small domain of tasks and facts: every combination of them is decided by `test_decide`.

The record is of event 05, by a deployment since 7 with recipe `p=20`. Tasks are of older, equal and
newer events; keys hold nothing, or an object of an older, equal or newer event.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from fakes.decisions import (
    LATE_AT,
    MINE,
    NOW,
    NOW_S,
    RECIPE,
    RULES,
    WORK,
    other_bytes,
    ready_record,
    record_in_progress,
    rejected_record,
    stored,
)
from fakes.events import created, removed

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.notification import Task
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.rendition_metadata import Precedence, StoredState, of_deletion
from imagemill.domain.transitions import deleted, failed, pending
from imagemill.pipeline.decide import reads_for
from imagemill.pipeline.facts import Facts

KEY = "a.jpg"
STRAY = "stray/a.jpg"
LAST = RULES.max_attempts
_OLD_DEPLOYMENT = replace(WORK, recipe="former", deployed_at=3)
_NEW_DEPLOYMENT = replace(WORK, recipe="next", deployed_at=9)
RECORDS: list[ImageRecord | None] = [
    None,
    pending(KEY, 1, NOW, NOW_S),
    record_in_progress("05"),
    record_in_progress("05", attempt=LAST),
    ready_record("05"),
    ready_record("05", _OLD_DEPLOYMENT),
    ready_record("05", _NEW_DEPLOYMENT),
    rejected_record("05"),
    rejected_record("05", replace(RULES.engine, version="0.9")),
    failed(created(sequencer="05"), replace(WORK, attempts=LAST), Fault("crashed", "")),
    deleted(removed(sequencer="05"), NOW_S),
]
EVENTS: list[ObjectEvent] = [
    replace(base, sequencer=sequencer, happened_at=happened_at)
    for base, sequencer, happened_at in product(
        [
            created(),
            other_bytes(created()),
            removed(change=Change.HIDDEN),
            removed(change=Change.VERSION_DELETED),
        ],
        ["04", "05", "06"],
        ["2026-05-04T10:20:29.000Z", LATE_AT],
    )
]
_CONCERNS = [{Concern.MISSING}, {Concern.STALE}, {Concern.REJECTED}, set(Concern)]
_LISTED = [None, Listed(KEY, 1, "e", 0), Listed(KEY, 1, "other", 0)]
RECONCILIATIONS = [
    Reconciliation(KEY, frozenset(concerns), listed, renditions)
    for concerns, listed, renditions in product(_CONCERNS, _LISTED, [(), (STRAY,)])
] + [
    Reconciliation(KEY, frozenset({Concern.MISSING, Concern.REQUESTED}), revision=revision)
    for revision in (1, 2)
]
STATES: list[StoredState | None] = [
    None,
    *(stored(Precedence(sequencer, 7, RECIPE.hash)) for sequencer in ("04", "05", "06")),
    stored(Precedence("05", 9, "next")),
    *(stored(of_deletion(sequencer), is_removed=True) for sequencer in ("04", "06")),
]
CURRENT: list[ObjectEvent | None] = [
    None,
    created(sequencer=""),
    other_bytes(created(sequencer="")),
]


def combinations() -> Iterator[tuple[Task, Facts]]:
    """Yield every task with all the facts that may be gathered for it."""
    flags = [False, True]
    for event, record, attempt in product(EVENTS, RECORDS, (1, LAST, LAST + 1)):
        for has_stored in flags:
            yield from _gathered(event, Facts(record, NOW_S, NOW, attempt, has_stored))
    for task, record, has_acted in product(RECONCILIATIONS, RECORDS, flags):
        for attempt in (1, LAST):
            yield from _gathered(task, Facts(record, NOW_S, NOW, attempt, has_acted=has_acted))


def _gathered(task: Task, facts: Facts) -> Iterator[tuple[Task, Facts]]:
    """Yield the facts with everything that may be found where the task has to read."""
    reads = reads_for(task, facts.record, RULES, NOW_S, has_acted=facts.has_acted)
    keys = sorted(reads.stored)
    found = [STATES if key == MINE else STATES[:2] for key in keys]
    for states in product(*found):
        for current in CURRENT if reads.current else [None]:
            yield task, replace(facts, stored=dict(zip(keys, states, strict=True)), current=current)
