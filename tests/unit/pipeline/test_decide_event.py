"""The action for an event."""

from dataclasses import replace

import pytest
from fakes.decisions import (
    DROPPED,
    LATE_AT,
    MINE,
    NOW_S,
    RECIPE,
    RULES,
    WORK,
    facts,
    other_bytes,
    ready_record,
    record_in_progress,
    rejected_record,
    stored,
    whole,
)
from fakes.events import created, removed

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.rendition_metadata import Precedence, StoredState, of_deletion
from imagemill.domain.transitions import TOMBSTONE_LIFETIME_S, deleted, failed, succeeding
from imagemill.pipeline.actions import (
    Cleanup,
    Finish,
    GiveUp,
    LookInstead,
    Make,
    Reuse,
    StaleVariants,
    Write,
)
from imagemill.pipeline.decide import decide
from imagemill.pipeline.facts import LATE_EVENT_S, Facts
from imagemill.pipeline.outcome import Outcome

MADE = Precedence("05", 7, RECIPE.hash)
RECENT = created(sequencer="05")
LOOK = LookInstead(Reconciliation("a.jpg", frozenset({Concern.MISSING})))
ERASED = removed(sequencer="06", change=Change.VERSION_DELETED)


def failed_record(sequencer: str = "05", attempts: int = 4) -> ImageRecord:
    work = replace(WORK, attempts=attempts)
    return failed(created(sequencer=sequencer), work, Fault("internal", "ZeroDivisionError"))


def with_original(found: Facts, current: ObjectEvent | None) -> Facts:
    return replace(found, current=current)


def test_a_first_event_is_made() -> None:
    assert decide(RECENT, facts(), RULES) == Make(RECENT, None)


@pytest.mark.parametrize(("attempt", "is_last"), [(3, False), (4, True), (5, True)])
def test_the_last_attempt_is_marked_as_the_last(attempt: int, is_last: bool) -> None:
    assert decide(RECENT, facts(attempt=attempt), RULES) == Make(RECENT, None, is_last=is_last)


def test_other_bytes_replace_the_version_of_the_listed_renditions() -> None:
    event, record = other_bytes(created(sequencer="06")), ready_record("05")

    assert decide(event, facts(record), RULES) == Make(event, record, replaces_version=True)


def test_other_bytes_replace_nothing_if_no_rendition_is_listed() -> None:
    event, record = other_bytes(created(sequencer="06")), rejected_record("05")

    assert decide(event, facts(record), RULES) == Make(event, record)


def test_the_same_bytes_keep_the_stored_renditions() -> None:
    event, record = created(sequencer="06"), ready_record("05")
    found = replace(facts(record), stored=whole(record))

    assert decide(event, found, RULES) == Reuse(event, record, whole(record))


@pytest.mark.parametrize(
    "standing",
    [
        None,
        stored(MADE, is_removed=True),
        stored(replace(MADE, sequencer="04")),
        stored(replace(MADE, recipe="other")),
    ],
)
def test_the_same_bytes_are_rendered_again_if_a_rendition_is_not_of_the_record(
    standing: StoredState | None,
) -> None:
    event, record = created(sequencer="06"), ready_record("05")
    found = replace(facts(record, attempt=4), stored={MINE: standing})

    assert decide(event, found, RULES) == Make(event, record)


def test_the_same_bytes_are_made_again_with_another_recipe() -> None:
    record = ready_record("05", replace(WORK, recipe="former"))
    found = replace(facts(record), stored=whole(record))

    assert decide(created(sequencer="06"), found, RULES) == Make(created(sequencer="06"), record)


def test_a_superseded_event_closes_every_key_that_it_may_have_written() -> None:
    action = decide(created(sequencer="04"), facts(ready_record("05")), RULES)

    assert action == Finish(Outcome.SUPERSEDED, None, Cleanup((DROPPED,), MADE))


def test_finished_work_is_announced_again_and_nothing_else() -> None:
    record = replace(rejected_record("05"), leftovers=("older/a.jpg",))

    action = decide(RECENT, facts(record), RULES)

    assert action == Finish(Outcome.DUPLICATE, record, Cleanup((DROPPED, "older/a.jpg"), MADE))


@pytest.mark.parametrize(
    "found",
    [
        facts(rejected_record("05"), attempt=2),
        replace(facts(rejected_record("05")), has_stored=True),
    ],
)
def test_finished_work_is_cleaned_up_if_an_attempt_may_have_stored_renditions(found: Facts) -> None:
    action = decide(RECENT, found, RULES)

    assert action == Finish(Outcome.DUPLICATE, found.record, Cleanup((DROPPED, MINE), MADE))


def test_a_duplicate_of_an_overwrite_removes_the_variants_of_the_former_version() -> None:
    record = replace(ready_record("05"), revision=2)

    action = decide(RECENT, facts(record), RULES)

    variants = StaleVariants(record.id, replace(MADE, recipe=""))
    assert action == Finish(Outcome.DUPLICATE, record, Cleanup((DROPPED,), MADE, variants))


def test_an_event_with_the_sequencer_of_the_tombstone_closes_every_key() -> None:
    tombstone = deleted(removed(sequencer="05"), NOW_S)

    action = decide(RECENT, facts(tombstone), RULES)

    variants = StaleVariants(tombstone.id, of_deletion("05"))
    cleanup = Cleanup((DROPPED, MINE), of_deletion("05"), variants)
    assert action == Finish(Outcome.DUPLICATE, tombstone, cleanup)


def test_a_deletion_leaves_a_tombstone_and_closes_every_key() -> None:
    event, record = removed(sequencer="06"), ready_record("05")

    action = decide(event, facts(record), RULES)

    tombstone = succeeding(deleted(event, NOW_S), record)
    variants = StaleVariants(tombstone.id, of_deletion("06"))
    cleanup = Cleanup((DROPPED, MINE), of_deletion("06"), variants)
    assert action == Write(tombstone, Outcome.DELETED, cleanup)
    assert tombstone.expires_at == NOW_S + TOMBSTONE_LIFETIME_S


def test_a_deletion_done_before_closes_every_key_again() -> None:
    event = removed(sequencer="06")
    tombstone = deleted(event, NOW_S)

    action = decide(event, facts(tombstone), RULES)

    variants = StaleVariants(tombstone.id, of_deletion("06"))
    cleanup = Cleanup((DROPPED, MINE), of_deletion("06"), variants)
    assert action == Finish(Outcome.DUPLICATE, tombstone, cleanup)


def test_a_deletion_wins_over_a_creation_with_the_same_sequencer() -> None:
    action = decide(removed(sequencer="05"), facts(ready_record("05")), RULES)

    assert isinstance(action, Write)


def test_deleting_a_version_makes_the_current_one_with_the_new_sequencer() -> None:
    found = with_original(facts(), RECENT)

    assert decide(ERASED, found, RULES) == Make(replace(RECENT, sequencer="06"), None)


def test_deleting_the_last_version_is_a_deletion() -> None:
    action = decide(ERASED, facts(ready_record("05")), RULES)

    assert isinstance(action, Write)
    assert action.outcome is Outcome.DELETED


def test_a_delete_marker_is_a_deletion_of_any_current_object() -> None:
    action = decide(removed(sequencer="06"), with_original(facts(), RECENT), RULES)

    assert isinstance(action, Write)


def test_a_late_event_without_a_record_leads_to_a_look() -> None:
    event = replace(RECENT, happened_at=LATE_AT)

    assert decide(event, facts(), RULES) == LOOK


def test_an_event_is_late_after_a_day() -> None:
    at_the_limit = replace(RECENT, happened_at="2026-05-03T10:20:30.000Z")

    assert LATE_EVENT_S == 24 * 3600
    assert isinstance(decide(at_the_limit, facts(), RULES), Make)


def test_a_late_event_of_the_current_version_is_made() -> None:
    event = replace(RECENT, happened_at=LATE_AT)

    assert decide(event, with_original(facts(), event), RULES) == Make(event, None)


@pytest.mark.parametrize("other", [{"version_id": "other"}, {"etag": "other"}])
def test_a_late_event_of_another_version_than_the_current_leads_to_a_look(
    other: dict[str, str],
) -> None:
    event = replace(RECENT, happened_at=LATE_AT)
    current = replace(event, **other)  # type: ignore[arg-type]  # two fields of text

    assert decide(event, with_original(facts(), current), RULES) == LOOK


def test_a_late_event_of_an_image_with_a_record_is_made() -> None:
    event = other_bytes(replace(created(sequencer="06"), happened_at=LATE_AT))
    record = ready_record("05")

    assert decide(event, facts(record), RULES) == Make(event, record, replaces_version=True)


def test_a_delivery_after_the_last_attempt_was_killed_records_it() -> None:
    record = record_in_progress("05", attempt=4)

    action = decide(RECENT, facts(record, attempt=6), RULES)

    assert isinstance(action, GiveUp)
    assert (action.why, action.write) == ("attempt 5 was the last", action.announce)
    assert action.write is not None
    why = Fault("crashed", "the last attempt ended before it could say why")
    assert (action.write.status, action.write.error, action.write.attempts) == ("failed", why, 4)
    variants = StaleVariants(record.id, replace(MADE, recipe=""))
    assert action.cleanup == Cleanup((DROPPED,), MADE, variants)


def test_a_delivery_after_a_recorded_failure_announces_it_again() -> None:
    record = failed_record("05")

    action = decide(RECENT, facts(record, attempt=5), RULES)

    cleanup = Cleanup((DROPPED,), MADE)
    assert action == GiveUp(None, record, cleanup, "attempt 4 was the last")


@pytest.mark.parametrize(
    "record",
    [
        None,
        record_in_progress("04", attempt=4),
        record_in_progress("05", attempt=3),
        failed_record("05", attempts=3),
    ],
)
def test_a_delivery_after_the_last_is_handled_unless_the_last_attempt_has_started(
    record: ImageRecord | None,
) -> None:
    action = decide(RECENT, facts(record, attempt=5), RULES)

    assert action == Make(RECENT, record, is_last=True)


def test_the_last_delivery_is_handled_with_every_record() -> None:
    record = record_in_progress("05", attempt=4)

    assert decide(RECENT, facts(record, attempt=4), RULES) == Make(RECENT, record, is_last=True)


def test_a_killed_attempt_beyond_the_last_keeps_its_number() -> None:
    record = record_in_progress("05", attempt=6)

    action = decide(RECENT, facts(record, attempt=7), RULES)

    assert isinstance(action, GiveUp)
    assert action.write is not None
    assert action.write.attempts == 6
