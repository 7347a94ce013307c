"""Every decision over a small domain of tasks and facts holds the invariants of the design."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from fakes.decisions import RULES

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.notification import Task
from imagemill.domain.reconciliation import Reconciliation
from imagemill.domain.record import FINAL, ImageRecord, event_of
from imagemill.pipeline.actions import (
    Action,
    Cleanup,
    Finish,
    GiveUp,
    LookInstead,
    Make,
    Reuse,
    Write,
)
from imagemill.pipeline.decide import decide
from imagemill.pipeline.facts import Facts, has_same_bytes, is_late, is_overtaken, listed_by
from imagemill.pipeline.outcome import Outcome
from search.domain import KEY, combinations


@dataclass(frozen=True, slots=True)
class Decision:
    """A task, the facts that were gathered for it, and the action that was decided."""

    task: Task
    facts: Facts
    action: Action

    @property
    def known(self) -> str:
        """The sequencer of the record, empty without one."""
        return self.facts.record.sequencer if self.facts.record else ""


@cache
def decisions() -> list[Decision]:
    """Return the decision for every combination of a task and facts."""
    return [Decision(task, facts, decide(task, facts, RULES)) for task, facts in combinations()]


def violations(holds: Callable[[Decision], bool]) -> list[Decision]:
    """Return the first decision that does not hold, if there is one."""
    return [one for one in decisions() if not holds(one)][:1]


def test_the_domain_leads_to_every_action() -> None:
    kinds = {type(one.action) for one in decisions()}

    assert kinds == {Make, Reuse, Write, Finish, GiveUp, LookInstead}
    assert len(decisions()) > 10_000


def test_an_event_older_than_the_record_writes_and_announces_nothing() -> None:
    def holds(one: Decision) -> bool:
        is_old = isinstance(one.task, ObjectEvent) and is_overtaken(one.task, one.facts.record)
        is_nothing = is_finish(one.action, Outcome.SUPERSEDED) and not announced(one.action)
        return not is_old or is_nothing

    assert violations(holds) == []


def test_nothing_is_written_under_a_sequencer_older_than_the_record() -> None:
    def holds(one: Decision) -> bool:
        return all(sequencer >= one.known for sequencer in sequencers_of(one.action))

    assert violations(holds) == []


def test_an_event_is_handled_under_its_own_sequencer() -> None:
    def holds(one: Decision) -> bool:
        task = one.task
        return not isinstance(task, ObjectEvent) or all(
            sequencer == task.sequencer for sequencer in sequencers_of(one.action)
        )

    assert violations(holds) == []


def test_a_finding_is_newer_than_every_trace_that_was_read() -> None:
    def holds(one: Decision) -> bool:
        traces = [state.precedence.sequencer for state in one.facts.stored.values() if state]
        newest = max([one.known, *traces])
        return not is_finding(one) or all(own > newest for own in sequencers_of(one.action))

    assert violations(holds) == []


def test_a_written_record_is_final_and_follows_the_one_that_was_read() -> None:
    def holds(one: Decision) -> bool:
        before = one.facts.record.revision if one.facts.record else 0
        return all(
            record.status in FINAL and record.revision == before + 1
            for record in written(one.action)
        )

    assert violations(holds) == []


def test_renditions_are_made_over_the_record_that_was_read() -> None:
    def holds(one: Decision) -> bool:
        match one.action:
            case Make(before=before) | Reuse(before=before):
                return before == one.facts.record
        return True

    assert violations(holds) == []


def test_only_final_records_are_announced() -> None:
    def holds(one: Decision) -> bool:
        return all(record.status in FINAL for record in announced(one.action))

    assert violations(holds) == []


def test_no_listed_rendition_is_removed() -> None:
    def holds(one: Decision) -> bool:
        standing = next(iter(written(one.action)), one.facts.record)
        return listed_by(standing).isdisjoint(cleanup_of(one.action).keys)

    assert violations(holds) == []


def test_no_rendition_of_a_newer_event_is_removed() -> None:
    def holds(one: Decision) -> bool:
        own = one.task.sequencer if isinstance(one.task, ObjectEvent) else ""
        newest = max([own, one.known, *sequencers_of(one.action)])
        cleanup = cleanup_of(one.action)
        return not cleanup.keys or cleanup.up_to.sequencer <= newest

    assert violations(holds) == []


def test_a_deletion_closes_every_key_of_the_recipe() -> None:
    def holds(one: Decision) -> bool:
        is_deletion = isinstance(one.action, Write) and one.action.outcome is Outcome.DELETED
        return not is_deletion or RULES.preset_keys(KEY) <= set(cleanup_of(one.action).keys)

    assert violations(holds) == []


def test_only_a_late_creation_without_a_record_is_replaced_by_a_look() -> None:
    def holds(one: Decision) -> bool:
        is_late_creation = (
            isinstance(one.task, ObjectEvent)
            and one.task.change is Change.CREATED
            and one.facts.record is None
            and is_late(one.task, one.facts.now_s)
        )
        return is_late_creation or not isinstance(one.action, LookInstead)

    assert violations(holds) == []


def test_an_attempt_is_given_up_only_after_the_last_one() -> None:
    def holds(one: Decision) -> bool:
        return not isinstance(one.action, GiveUp) or one.facts.attempt > RULES.max_attempts

    assert violations(holds) == []


def test_the_last_attempt_at_other_bytes_begins_with_a_record_in_progress() -> None:
    def holds(one: Decision) -> bool:
        match one:
            case Decision(task=ObjectEvent(), facts=facts, action=Make() as make):
                is_last = facts.attempt >= RULES.max_attempts
                is_same = facts.record is not None and has_same_bytes(facts.record, make.event)
                return make.is_last is (is_last and not is_same)
        return True

    assert violations(holds) == []


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_finish_without_work_is_a_duplicate_or_superseded(outcome: Outcome) -> None:
    found = [one.action for one in decisions() if is_finish(one.action, outcome)]

    assert bool(found) is (outcome in {Outcome.DUPLICATE, Outcome.SUPERSEDED})


def sequencers_of(action: Action) -> list[str]:
    """Return the sequencers under which an action writes renditions and records."""
    if isinstance(action, Make | Reuse):
        return [action.event.sequencer]
    return [record.sequencer for record in written(action)]


def is_finding(one: Decision) -> bool:
    """Return whether an action of a reconciliation is about another version than the record."""
    if isinstance(one.task, ObjectEvent) or not isinstance(one.action, Make | Reuse):
        return isinstance(one.task, Reconciliation) and isinstance(one.action, Write)
    record, event = one.facts.record, one.action.event
    return record is None or event_of(record).version_id != event.version_id


def is_finish(action: Action, outcome: Outcome) -> bool:
    """Return whether an action writes no record and ends so."""
    return isinstance(action, Finish) and action.outcome is outcome


def written(action: Action) -> list[ImageRecord]:
    """Return the record that an action writes, if any."""
    match action:
        case Write(record=record) | GiveUp(write=ImageRecord() as record):
            return [record]
    return []


def announced(action: Action) -> list[ImageRecord]:
    """Return the record that an action announces, if any."""
    match action:
        case (
            Write(record=record)
            | Finish(announce=ImageRecord() as record)
            | GiveUp(announce=ImageRecord() as record)
        ):
            return [record]
    return []


def cleanup_of(action: Action) -> Cleanup:
    """Return the cleanup of an action."""
    return action.cleanup if isinstance(action, Write | Finish | GiveUp) else Cleanup()
