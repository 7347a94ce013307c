"""Decide about a look: at an image whose record or renditions may not match its original."""

from dataclasses import replace

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation, is_finished, needs_remaking
from imagemill.domain.record import SETTLED, ImageRecord, event_of, precedence_of
from imagemill.domain.sequencer import OLDEST, between
from imagemill.pipeline.actions import Action, Finish, Make
from imagemill.pipeline.decide_event import decide_event
from imagemill.pipeline.endings import leftovers_of
from imagemill.pipeline.facts import Facts, Rules, is_rendition, listed_by, whole_renditions
from imagemill.pipeline.finding_tokens import token_of
from imagemill.pipeline.outcome import Outcome


def is_done(task: Reconciliation, record: ImageRecord | None, rules: Rules) -> bool:
    """Return whether record and listing show that there is nothing to look at."""
    finished = is_finished(task, record, rules.recipe.hash, rules.judge)
    return finished and not task.renditions


def decide_look(task: Reconciliation, facts: Facts, rules: Rules) -> Action:
    """Bring record and renditions in line with what stands in the bucket.

    Nobody announced what is found here, so it gets a place in the order of its own: right after the
    newest event that has left a trace, and before whatever S3 announces next. The traces are read
    first and the bucket afterwards. So an event whose trace was seen is already in what the bucket
    shows, and one that was not seen is newer and wins over what is made here.
    """
    record = facts.record
    if not facts.has_acted and is_done(task, record, rules):
        return Finish(Outcome.DUPLICATE, _again(facts))
    if Concern.MISSING in task.concerns and not _agrees(task, facts):
        return decide_event(_finding(task, facts, rules), facts, rules)
    remade = facts.has_acted
    if record and not remade and needs_remaking(task, record, rules.recipe.hash, rules.judge):
        return _remake(record, rules)
    return _tidy(task, facts, rules)


def _agrees(task: Reconciliation, facts: Facts) -> bool:
    """Compare the record with the bucket; an upload that is still awaited is nothing out of line.

    Nothing that is stored may be newer than the record, but for the markers of removed renditions.
    """
    record, current = facts.record, facts.current
    if current is None:
        settled = record is None or record.status in {"pending", "deleted"}
    else:
        settled = (
            record is not None
            and record.status in {"ready", "rejected"}
            and (record.version_id, record.etag) == (current.version_id, current.etag)
        )
    return settled and not _has_newer(task, facts)


def _has_newer(task: Reconciliation, facts: Facts) -> bool:
    record = facts.record
    listed = listed_by(record)
    bound = precedence_of(record) if record else None
    for key in listed.union(task.renditions):
        state = facts.stored.get(key)
        is_closed = state is not None and state.is_removed and key not in listed
        if state and not is_closed and (bound is None or state.precedence > bound):
            return True
    return False


def _finding(task: Reconciliation, facts: Facts, rules: Rules) -> ObjectEvent:
    """Return what stands in the bucket as an event right after the newest trace."""
    record, current = facts.record, facts.current
    traces = [state.precedence.sequencer for state in facts.stored.values() if state]
    newest = max([record.sequencer if record else OLDEST, *traces])
    place = between(newest, token_of(current, rules.deployment.fingerprint))
    if current is None:
        return ObjectEvent(Change.HIDDEN, task.key, place, facts.now)
    return replace(current, sequencer=place)


def _remake(record: ImageRecord, rules: Rules) -> Action:
    """Make the same version again; should that fail, the record stays as it was."""
    event = event_of(record)
    again = f"{rules.deployment.fingerprint}/{record.revision}"
    place = between(record.sequencer, token_of(event, again))
    return Make(replace(event, sequencer=place), record)


def _tidy(task: Reconciliation, facts: Facts, rules: Rules) -> Action:
    """Remove what the record does not list, and make again what it lists and is not there."""
    record = facts.record
    if record is None or record.status not in SETTLED:
        return Finish(Outcome.DUPLICATE)
    if record.renditions and whole_renditions(record, facts.stored) is None:
        return Make(event_of(record), record)
    usual = rules.preset_keys(task.key) if record.status == "deleted" else frozenset()
    cleanup = leftovers_of(record, usual.union(task.renditions), facts, rules)
    present = tuple(key for key in cleanup.keys if is_rendition(facts.stored.get(key)))
    return Finish(Outcome.DUPLICATE, _again(facts), replace(cleanup, keys=present))


def _again(facts: Facts) -> ImageRecord | None:
    """Return the record to announce again: an earlier attempt may have ended before it could."""
    record, is_repeated = facts.record, facts.attempt > 1 and not facts.has_acted
    return record if is_repeated and record and record.status in SETTLED else None
