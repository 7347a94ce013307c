"""Ends of a task without renditions, and the cleanup after a record is written."""

from dataclasses import replace

import pytest
from fakes.decisions import (
    DROPPED,
    MINE,
    NOW,
    NOW_MS,
    RECIPE,
    RULES,
    facts,
    ready_record,
    record_in_progress,
    rejected_record,
)
from fakes.events import created, removed

from imagemill.domain.deployment import OVERLAP_MS
from imagemill.domain.record import Fault, ImageRecord, precedence_of
from imagemill.domain.rendition_metadata import Precedence, of_deletion
from imagemill.domain.transitions import deleted, pending
from imagemill.pipeline.actions import Cleanup, Finish, StaleVariants
from imagemill.pipeline.endings import (
    failure,
    leftovers_of,
    rejection_cleanup,
    stale_variants,
    superseded,
)
from imagemill.pipeline.facts import Facts
from imagemill.pipeline.outcome import Outcome

OWN = Precedence("03", 7, RECIPE.hash)
WHY = Fault("store_unavailable", "the bucket did not answer")


def test_an_event_without_bytes_closes_every_key_that_it_may_have_written() -> None:
    ending = superseded(created(sequencer="03"), facts(), RULES)

    assert ending == Finish(Outcome.SUPERSEDED, None, Cleanup((DROPPED, MINE), OWN))


def test_a_superseded_event_closes_keys_up_to_the_settled_record() -> None:
    record = deleted(removed(sequencer="05"), 0)

    ending = superseded(created(sequencer="03"), facts(record), RULES)

    assert ending.cleanup == Cleanup((DROPPED, MINE), of_deletion("05"))


def test_a_superseded_event_leaves_the_listed_renditions() -> None:
    record = ready_record("05")

    ending = superseded(created(sequencer="03"), facts(record), RULES)

    assert ending.cleanup == Cleanup((DROPPED,), Precedence("05", 7, RECIPE.hash))


def test_a_superseded_event_does_not_close_keys_of_a_newer_one_in_progress() -> None:
    ending = superseded(created(sequencer="03"), facts(record_in_progress("05")), RULES)

    assert ending.cleanup.up_to == OWN


def test_a_settled_record_of_an_older_event_does_not_lower_the_closed_precedence() -> None:
    ending = superseded(created(sequencer="03"), facts(rejected_record("01")), RULES)

    assert ending.cleanup.up_to == OWN


def test_leftovers_are_the_keys_of_former_records_and_deployments() -> None:
    record = replace(ready_record("05"), leftovers=("older/a.jpg",))

    cleanup = leftovers_of(record, ["more/a.jpg", MINE], facts(), RULES)

    keys = ("more/a.jpg", DROPPED, "older/a.jpg")
    assert cleanup == Cleanup(keys, Precedence("05", 7, RECIPE.hash))


@pytest.mark.parametrize(
    ("revision", "before", "is_searched"),
    [
        (1, None, False),
        # An announced upload.
        (2, pending("a.jpg", 1, NOW, 0), False),
        (2, ready_record("04"), True),
        (2, record_in_progress("05"), True),
        # A duplicate.
        (1, ready_record("05"), False),
        (2, ready_record("05"), True),
    ],
)
def test_variants_are_searched_for_if_there_was_a_record_of_the_key(
    revision: int, before: ImageRecord | None, *, is_searched: bool
) -> None:
    record = replace(ready_record("05"), revision=revision)

    cleanup = leftovers_of(record, (), facts(before), RULES)

    assert cleanup.variants == (stale_variants(record) if is_searched else None)


def test_variants_of_a_deleted_image_are_searched_for_even_if_it_had_no_record() -> None:
    tombstone = deleted(removed(sequencer="05"), 0)

    cleanup = leftovers_of(tombstone, (), facts(), RULES)

    assert cleanup.variants == StaleVariants(tombstone.id, of_deletion("05"))


@pytest.mark.parametrize("record", [ready_record("05"), rejected_record("05")])
def test_stale_variants_are_all_before_those_of_the_record(record: ImageRecord) -> None:
    own, up_to = precedence_of(record), stale_variants(record).up_to

    former = [replace(own, sequencer="04"), replace(own, deployed_at=6)]
    assert all(one <= up_to < own for one in former)


def test_a_rejection_at_the_first_attempt_closes_no_key_of_the_recipe() -> None:
    assert rejection_cleanup(rejected_record(), facts(), RULES).keys == (DROPPED,)


@pytest.mark.parametrize("doubt", [replace(facts(), attempt=2), replace(facts(), has_stored=True)])
def test_a_rejection_after_an_earlier_attempt_closes_every_key(doubt: Facts) -> None:
    assert rejection_cleanup(rejected_record(), doubt, RULES).keys == (DROPPED, MINE)


@pytest.mark.parametrize(
    ("since_ms", "keys"), [(NOW_MS - OVERLAP_MS + 1, (MINE,)), (NOW_MS - OVERLAP_MS, ())]
)
def test_a_rejection_closes_every_key_while_workers_of_a_former_deployment_may_run(
    since_ms: int, keys: tuple[str, ...]
) -> None:
    rules = replace(RULES, deployment=replace(RULES.deployment, since=since_ms, dropped={}))

    assert rejection_cleanup(rejected_record(), facts(), rules).keys == keys


def test_a_failure_is_recorded_with_its_reason_and_attempt() -> None:
    write = failure(created(sequencer="05"), WHY, facts(attempt=4), RULES)

    assert write is not None
    record = write.record
    assert (record.status, record.error, record.attempts) == ("failed", WHY, 4)
    assert (record.recipe, record.deployed_at, record.processed_at) == (RECIPE.hash, 7, NOW)
    assert (record.processing_ms, write.outcome) == (0, Outcome.FAILED)
    assert write.cleanup == Cleanup((DROPPED,), Precedence("05", 7, RECIPE.hash))


def test_a_failure_on_other_bytes_lists_and_closes_the_former_renditions() -> None:
    write = failure(replace(created(sequencer="06"), etag="x"), WHY, facts(ready_record()), RULES)

    assert write is not None
    assert (write.record.leftovers, write.record.revision) == ((MINE,), 2)
    assert write.cleanup.keys == (DROPPED, MINE)


@pytest.mark.parametrize(
    "record", [ready_record("06"), ready_record("07"), deleted(removed(sequencer="06"), 0)]
)
def test_a_failure_is_not_recorded_over_something_better_or_newer(record: ImageRecord) -> None:
    event = replace(created(sequencer="06"), etag="other")

    assert failure(event, WHY, facts(record), RULES) is None


def test_a_failure_on_unchanged_bytes_is_not_recorded() -> None:
    assert failure(created(sequencer="06"), WHY, facts(ready_record("05")), RULES) is None
