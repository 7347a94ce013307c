"""Ends of a task without renditions, and the cleanup after a record was written."""

from collections.abc import Iterable

from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import (
    SETTLED,
    Fault,
    ImageRecord,
    precedence_of,
    stale_up_to,
    standing,
)
from imagemill.domain.sequencer import OLDEST
from imagemill.domain.transitions import AttemptTimes, failed, succeeding
from imagemill.pipeline.actions import Cleanup, Finish, StaleVariants, Write
from imagemill.pipeline.facts import Facts, Rules, has_same_bytes, listed_by
from imagemill.pipeline.outcome import Outcome


def superseded(event: ObjectEvent, facts: Facts, rules: Rules) -> Finish:
    """Return the end of an event without bytes, or with a newer event.

    The cleanup keeps a slow worker of this event from leaving a rendition that no record lists.
    """
    record, own = facts.record, rules.precedence(event)
    settled = record is not None and record.status in SETTLED
    up_to = max(own, precedence_of(record)) if record and settled else own
    keys = rules.keys(event.key, 1000 * facts.now_s) - listed_by(record)
    return Finish(Outcome.SUPERSEDED, cleanup=Cleanup(tuple(sorted(keys)), up_to))


def leftovers_of(record: ImageRecord, keys: Iterable[str], facts: Facts, rules: Rules) -> Cleanup:
    """Return the cleanup after a record is written: `keys` and leftovers that it does not list.

    Variants of older versions are removed, too. `facts` have the record before it, or itself if it
    was written earlier.
    """
    dropped = rules.dropped_keys(record.key, 1000 * facts.now_s)
    closed = dropped.union(record.leftovers, keys) - listed_by(record)
    variants = stale_variants(record) if may_have_variants(record, facts.record) else None
    return Cleanup(tuple(sorted(closed)), precedence_of(record), variants)


def stale_variants(record: ImageRecord) -> StaleVariants:
    """Return the variants that are older than a record."""
    return StaleVariants(record.id, stale_up_to(record))


def may_have_variants(record: ImageRecord, before: ImageRecord | None) -> bool:
    """Return False for the first record of a key, except for a tombstone.

    Variants are made only of an image with a record, and uploads are mostly new keys, for which the
    listing and the query are saved. The record of an announced upload counts as none.
    """
    if record.status == "deleted":
        return True
    return record.revision > 1 and not (before and before.sequencer == OLDEST)


def rejection_cleanup(record: ImageRecord, facts: Facts, rules: Rules) -> Cleanup:
    """Return the cleanup after an image was rejected.

    Only a worker of another deployment, or an earlier attempt, can have stored renditions of it.
    """
    is_recent = rules.deployment.is_recent(1000 * facts.now_s)
    may_have_strays = facts.attempt > 1 or facts.has_stored or is_recent
    keys = rules.preset_keys(record.key) if may_have_strays else frozenset()
    return leftovers_of(record, keys, facts, rules)


def failure(event: ObjectEvent, why: Fault, facts: Facts, rules: Rules) -> Write | None:
    """Return the record of a final failure; None if the present record is better or newer.

    The renditions of unchanged bytes stay, and so does the record that lists them.
    """
    record = facts.record
    if standing(record, event, rules.precedence(event)) != "new":
        return None
    if record and has_same_bytes(record, event):
        return None
    times = AttemptTimes(
        rules.recipe_of(event).hash, facts.attempt, facts.now, 0, rules.deployment.since
    )
    after = succeeding(failed(event, times, why), record)
    return Write(after, Outcome.FAILED, leftovers_of(after, (), facts, rules))
