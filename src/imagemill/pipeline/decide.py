"""Decide which action a task needs, from the facts about its image.

All functions are pure. `reads_for` returns the facts that a task needs besides the record, and
`decide` returns the action. `pipeline.handle_task` gathers the facts, and applies the action.
"""

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.notification import Task
from imagemill.domain.reconciliation import Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_focus import is_archive_of
from imagemill.pipeline.actions import Action
from imagemill.pipeline.decide_event import decide_event
from imagemill.pipeline.decide_look import decide_look, is_done
from imagemill.pipeline.facts import (
    Facts,
    Reads,
    Rules,
    at_record,
    has_same_bytes,
    is_late,
    is_overtaken,
    is_replaced_by_archive,
    listed_by,
    may_be_archive,
)


def reads_for(
    task: Task, record: ImageRecord | None, rules: Rules, now_s: int, *, has_acted: bool = False
) -> Reads:
    """Return the reads besides the record that are needed to decide the task."""
    if isinstance(task, Reconciliation):
        if not has_acted and is_done(task, record, rules):
            return Reads()
        keys = rules.keys(task.key, 1000 * now_s) | listed_by(record) | set(task.renditions)
        return Reads(keys, current=True)
    event = at_record(task, record)
    return Reads() if is_overtaken(event, record) else _reads_for_event(event, record, rules, now_s)


def _reads_for_event(
    event: ObjectEvent, record: ImageRecord | None, rules: Rules, now_s: int
) -> Reads:
    if is_replaced_by_archive(event, record):
        return Reads()
    if event.change is Change.VERSION_DELETED:
        return Reads(_reusable(record, rules), current=True)
    if event.change is not Change.CREATED:
        return Reads()
    if record is None:
        return Reads(current=is_late(event, now_s))
    if has_same_bytes(record, event) and not is_archive_of(event, record):
        reusable = _reusable(record, rules)
        return Reads(reusable, choices=bool(reusable) and event.focus is None)
    return Reads(choices=rules.archives and may_be_archive(record, event))


def _reusable(record: ImageRecord | None, rules: Rules) -> frozenset[str]:
    """Return the keys of renditions that a newer event of the same bytes may keep."""
    if record is None or record.recipe != rules.current_recipe(record.key, record):
        return frozenset()
    return listed_by(record)


def decide(task: Task, facts: Facts, rules: Rules) -> Action:
    """Return the action for a task and the facts about its image."""
    if isinstance(task, Reconciliation):
        return decide_look(task, facts, rules)
    return decide_event(facts.event or task, facts, rules)
