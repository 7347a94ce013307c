"""Decide about a reconciliation: record or renditions of an image may not match the original."""

from dataclasses import replace

from imagemill.domain.event import Change, ObjectEvent, token_of
from imagemill.domain.keys import is_variant_key
from imagemill.domain.reconciliation import Concern, Reconciliation, is_finished, needs_remaking
from imagemill.domain.record import SETTLED, ImageRecord, event_of, precedence_of
from imagemill.domain.record_focus import newest_place
from imagemill.domain.sequencer import OLDEST, between
from imagemill.pipeline.actions import Action, Cleanup, Finish, Make, StaleVariants
from imagemill.pipeline.decide_event import decide_event
from imagemill.pipeline.endings import leftovers_of, stale_variants
from imagemill.pipeline.facts import Facts, Rules, is_rendition, listed_by, whole_renditions
from imagemill.pipeline.outcome import Outcome


def is_done(task: Reconciliation, record: ImageRecord | None, rules: Rules) -> bool:
    """Return whether record and listing show that there is nothing to do."""
    finished = is_finished(task, record, rules.current_recipe(task.key, record), rules.engine)
    return finished and not task.renditions


def decide_look(task: Reconciliation, facts: Facts, rules: Rules) -> Action:
    """Return the action that makes record and renditions agree with the bucket of originals.

    No event of S3 announced the state that is found here, so it gets a place in the order of
    events: right after the newest event that left a trace in the record or in renditions, and
    before the next one of S3. The traces are read before the bucket of originals. So the bucket
    already shows the result of every event that left a trace; any other event is newer and takes
    precedence.
    """
    record = facts.record
    if not facts.has_acted and is_done(task, record, rules):
        return Finish(
            Outcome.DUPLICATE, _record_to_announce(facts), Cleanup(variants=_variants(task, facts))
        )
    if Concern.MISSING in task.concerns and not _agrees(task, facts):
        return decide_event(_finding(task, facts, rules), facts, rules)
    recipe, remade = rules.current_recipe(task.key, record), facts.has_acted
    if record and not remade and needs_remaking(task, record, recipe, rules.engine):
        return _remake(record, rules)
    return _decide_cleanup(task, facts, rules)


def is_complete(task: Reconciliation, facts: Facts) -> bool:
    """Return whether the first record of an image agrees with the bucket, read after it.

    Nothing was stored for the image before, so that nothing is left to remove. A worker that has
    changed record or renditions since then has found this record, and reads the bucket later.
    """
    return not task.renditions and _agrees(task, facts)


def _agrees(task: Reconciliation, facts: Facts) -> bool:
    """Return whether the record agrees with the bucket of originals, or an upload is pending.

    No stored rendition may be newer than the record, except for the markers of removed renditions.
    """
    record, current = facts.record, facts.current
    if current is None:
        agrees = record is None or record.status in {"pending", "deleted"}
    else:
        agrees = (
            record is not None
            and record.status in {"ready", "rejected"}
            and record.stored_etag == current.etag
            # Without a version id the state is from a listing.
            and current.version_id in {"", record.version_id}
        )
    return agrees and not _has_newer(task, facts)


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
    """Return the current object, or its absence, as an event right after the newest trace."""
    record, current = facts.record, facts.current
    traces = [state.precedence.sequencer for state in facts.stored.values() if state]
    newest = max([newest_place(record) if record else OLDEST, *traces])
    change = record.focus_change if record else None
    # After a change of the focal point, the finding has another result, and needs another place.
    maker = rules.deployment.fingerprint + (f"/{change.place}" if change else "")
    place = between(newest, token_of(current, maker))
    if current is None:
        return ObjectEvent(Change.HIDDEN, task.key, place, facts.now)
    return replace(current, sequencer=place)


def _remake(record: ImageRecord, rules: Rules) -> Action:
    """Make the same version again; if that fails, the record stays unchanged."""
    event = event_of(record)
    again = f"{rules.deployment.fingerprint}/{record.revision}"
    place = between(newest_place(record), token_of(event, again))
    return Make(replace(event, sequencer=place), record)


def _decide_cleanup(task: Reconciliation, facts: Facts, rules: Rules) -> Action:
    """Remove renditions that the record does not list; make the image again if one is missing."""
    record = facts.record
    if record is None or record.status not in SETTLED:
        return Finish(Outcome.DUPLICATE)
    is_whole = not record.renditions or whole_renditions(record, facts.stored) is not None
    if not is_whole and not rules.recipes.is_ignored(task.key):
        return Make(event_of(record), record)
    usual = rules.preset_keys(task.key) if record.status == "deleted" else frozenset()
    cleanup = leftovers_of(record, usual.union(task.renditions), facts, rules)
    present = tuple(
        key
        for key in cleanup.keys
        if is_rendition(facts.stored.get(key)) and not is_variant_key(key)
    )
    cleanup = replace(cleanup, keys=present, variants=_variants(task, facts))
    return Finish(Outcome.DUPLICATE, _record_to_announce(facts), cleanup)


def _variants(task: Reconciliation, facts: Facts) -> StaleVariants | None:
    """Return the variants to remove: if the task names one, or an earlier attempt was killed.

    Else none is searched for, because most reconciliations find an image that is as it should be.
    """
    record, is_repeated = facts.record, facts.attempt > 1 and not facts.has_acted
    is_named = any(map(is_variant_key, task.renditions))
    if record is None or record.status not in SETTLED:
        return None
    return stale_variants(record) if is_repeated or is_named else None


def _record_to_announce(facts: Facts) -> ImageRecord | None:
    """Return the record to announce again: an earlier attempt may have been killed before that."""
    record, is_repeated = facts.record, facts.attempt > 1 and not facts.has_acted
    return record if is_repeated and record and record.status in SETTLED else None
