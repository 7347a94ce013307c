"""Decide about an event of S3, or about a finding with a place in the order of events."""

from dataclasses import replace

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import Fault, ImageRecord, standing
from imagemill.domain.record_focus import choose_focus, is_archive_of, kept_at
from imagemill.domain.transitions import archived, deleted, succeeding
from imagemill.errors import Crashed
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
from imagemill.pipeline.endings import failure, leftovers_of, superseded
from imagemill.pipeline.facts import (
    Facts,
    Rules,
    at_record,
    has_same_bytes,
    is_current,
    is_late,
    is_overtaken,
    is_rendition,
    is_replaced_by_archive,
    listed_by,
    whole_renditions,
)
from imagemill.pipeline.outcome import Outcome


def decide_event(event: ObjectEvent, facts: Facts, rules: Rules) -> Action:
    """Return the action for an event of S3, or for a finding with a place in their order."""
    record = facts.record
    event = at_record(event, record)
    if is_overtaken(event, record):
        return superseded(event, facts, rules)
    if is_replaced_by_archive(event, record):
        return Finish(Outcome.DUPLICATE)
    if event.change is Change.VERSION_DELETED and facts.current:
        event = replace(facts.current, sequencer=event.sequencer)
    if event.change is not Change.CREATED:
        return _decide_deletion(event, facts, rules)
    if record and is_archive_of(event, record):
        return Write(archived(event, record), Outcome.READY, Cleanup())
    return _decide_by_standing(event, facts, rules)


def _decide_by_standing(event: ObjectEvent, facts: Facts, rules: Rules) -> Action:
    if rules.recipes.is_ignored(event.key):
        return _decide_ignored(event, facts, rules)
    match standing(facts.record, event, rules.precedence(event)):
        case "done":
            return _decide_done(event, facts.record, facts, rules)
        case "superseded":
            return superseded(event, facts, rules)
        case "new":
            return _decide_creation(event, facts, rules)


def _decide_creation(event: ObjectEvent, facts: Facts, rules: Rules) -> Action:
    record = facts.record
    if facts.attempt > rules.max_attempts and _was_last(event, record, rules):
        return _give_up(event, facts, rules)
    if record is None and is_late(event, facts.now_s) and not is_current(event, facts.current):
        return LookInstead(Reconciliation(event.key, frozenset({Concern.MISSING})))
    event = kept_at(event, record) if record else event
    if record and has_same_bytes(record, event):
        return _decide_same_bytes(event, record, facts, rules)
    replaces_version, is_last = bool(record and record.renditions), _is_last(facts, rules)
    return Make(event, record, replaces_version, is_last)


def _decide_same_bytes(
    event: ObjectEvent, record: ImageRecord, facts: Facts, rules: Rules
) -> Reuse | Make:
    """Keep the renditions of the same bytes, unless they were made in another way."""
    whole = whole_renditions(record, facts.stored)
    is_same = record.recipe == rules.recipe_of(event).hash
    focus = choose_focus(event, record, event.focus or "").focus
    if is_same and whole and focus == record.focus:
        return Reuse(event, record, whole)
    return Make(event, record)


def _is_last(facts: Facts, rules: Rules) -> bool:
    return facts.attempt >= rules.max_attempts


def _was_last(event: ObjectEvent, record: ImageRecord | None, rules: Rules) -> bool:
    """Return whether the last attempt at this event has failed or was killed.

    The number of deliveries alone does not show it: Lambda's pollers receive messages even while
    the function is throttled.
    """
    return (
        record is not None
        and record.sequencer == event.sequencer
        and record.status in {"pending", "failed"}
        and record.attempts >= rules.max_attempts
    )


def _decide_ignored(event: ObjectEvent, facts: Facts, rules: Rules) -> Action:
    """Leave an object alone; an image that it replaces is deleted.

    The record of the object itself stays, with its renditions: it was made before a rule ignored
    the key. Renditions of an older version must not outlive it.
    """
    record = facts.record
    if record and _is_replaced(record, event):
        return _decide_deletion(event, facts, rules)
    strays = {key for key, state in facts.stored.items() if is_rendition(state)} - listed_by(record)
    cleanup = Cleanup(tuple(sorted(strays)), rules.precedence(event))
    return Finish(Outcome.IGNORED, cleanup=cleanup)


def _is_replaced(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether a record describes an older version, or a tombstone may be incomplete."""
    if record.status == "deleted":
        return record.sequencer == event.sequencer
    is_of_event = (record.version_id, record.stored_etag) == (event.version_id, event.etag)
    return not is_of_event and not has_same_bytes(record, event)


def _decide_deletion(event: ObjectEvent, facts: Facts, rules: Rules) -> Action:
    record = facts.record
    if record is None and rules.recipes.is_ignored(event.key) and not _may_be_made(facts, rules):
        return Finish(Outcome.IGNORED)
    if record and (record.sequencer, record.status) == (event.sequencer, "deleted"):
        cleanup = _cleanup(event.key, record, facts, rules)
        return Finish(Outcome.DUPLICATE, record, cleanup)
    tombstone = succeeding(deleted(event, facts.now_s), record)
    return Write(tombstone, Outcome.DELETED, _cleanup(event.key, tombstone, facts, rules))


def _may_be_made(facts: Facts, rules: Rules) -> bool:
    """Return whether workers of a deployment that did not ignore the object may still run."""
    deployment = rules.deployment
    return deployment.revision > 1 and deployment.is_recent(1000 * facts.now_s)


def _decide_done(
    event: ObjectEvent, record: ImageRecord | None, facts: Facts, rules: Rules
) -> Finish:
    if record is None:
        return Finish(Outcome.DUPLICATE)
    may_have_strays = facts.has_stored or facts.attempt > 1 or record.status == "deleted"
    keys = rules.preset_keys(event.key) if may_have_strays else frozenset()
    return Finish(Outcome.DUPLICATE, record, leftovers_of(record, keys, facts, rules))


def _cleanup(key: str, record: ImageRecord, facts: Facts, rules: Rules) -> Cleanup:
    return leftovers_of(record, rules.preset_keys(key), facts, rules)


def _give_up(event: ObjectEvent, facts: Facts, rules: Rules) -> GiveUp:
    record, why = facts.record, f"attempt {facts.attempt - 1} was the last"
    if record and record.status == "failed" and record.sequencer == event.sequencer:
        return GiveUp(None, record, leftovers_of(record, (), facts, rules), why)
    crashed = Fault(Crashed.code, "the last attempt ended before it could say why")
    attempts = record.attempts if record else rules.max_attempts
    write = failure(event, crashed, replace(facts, attempt=attempts), rules)
    if write is None:
        return GiveUp(None, None, Cleanup(), why)
    return GiveUp(write.record, write.record, write.cleanup, why)
