"""The action for a reconciliation."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.decisions import (
    DROPPED,
    ENGINE,
    MINE,
    NOW,
    NOW_S,
    RECIPE,
    RULES,
    WORK,
    facts,
    ready_record,
    record_in_progress,
    rejected_record,
    stored,
    whole,
)
from fakes.events import created, removed

from imagemill.domain.event import Change, ObjectEvent, token_of
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.rendition_metadata import Precedence, StoredState, of_deletion
from imagemill.domain.sequencer import between
from imagemill.domain.transitions import deleted, failed, pending, succeeding
from imagemill.pipeline.actions import Cleanup, Finish, Make, Reuse, StaleVariants, Write
from imagemill.pipeline.decide import decide
from imagemill.pipeline.facts import Facts
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe_rules import RecipeRules

LOOK = Reconciliation("a.jpg", frozenset({Concern.MISSING}))
STALE = Reconciliation("a.jpg", frozenset({Concern.STALE}))
EVERYTHING = Reconciliation("a.jpg")
CURRENT = created(sequencer="")
READY = ready_record("05")
FORMER = replace(WORK, recipe="former")
TOMBSTONE = deleted(removed(sequencer="05"), NOW_S)
AWAITED = pending("a.jpg", 1, NOW, 0)
FAILED = failed(created(sequencer="05"), WORK, Fault("internal", "TypeError"))
MADE = Precedence("05", 7, RECIPE.hash)
NOTHING = Finish(Outcome.DUPLICATE)
# The variants of versions before READY.
FORMER_VARIANTS = StaleVariants(READY.id, replace(MADE, recipe=""))
VARIANT = f"~t/{READY.id}/20x.jpg"


def seen(
    record: ImageRecord | None,
    current: ObjectEvent | None = CURRENT,
    standing: Mapping[str, StoredState | None] | None = None,
) -> Facts:
    return replace(facts(record), current=current, stored=standing or {})


def place_after(sequencer: str, current: ObjectEvent | None) -> str:
    return between(sequencer, token_of(current, RULES.deployment.fingerprint))


@pytest.mark.parametrize(
    ("record", "current", "standing"),
    [
        (None, None, {}),
        (AWAITED, None, {}),
        (TOMBSTONE, None, {}),
        (READY, CURRENT, whole(READY)),
        (rejected_record("05"), CURRENT, {}),
    ],
)
def test_a_record_of_the_current_version_is_left_unchanged(
    record: ImageRecord | None,
    current: ObjectEvent | None,
    standing: dict[str, StoredState | None],
) -> None:
    action = decide(LOOK, seen(record, current, standing), RULES)

    assert isinstance(action, Finish)
    assert (action.outcome, action.announce, action.cleanup.keys) == (Outcome.DUPLICATE, None, ())


@pytest.mark.parametrize("record", [READY, FAILED, rejected_record("05")])
def test_a_record_without_an_original_is_deleted_after_the_newest_trace(
    record: ImageRecord,
) -> None:
    action = decide(LOOK, seen(record, None), RULES)

    event = ObjectEvent(Change.HIDDEN, "a.jpg", place_after("05", None), NOW)
    variants = StaleVariants(record.id, of_deletion(event.sequencer))
    cleanup = Cleanup((DROPPED, MINE), of_deletion(event.sequencer), variants)
    tombstone = succeeding(deleted(event, NOW_S), record)
    assert action == Write(tombstone, Outcome.DELETED, cleanup)


@pytest.mark.parametrize("record", [None, AWAITED, TOMBSTONE, FAILED])
def test_an_original_that_the_record_does_not_describe_is_made_after_the_newest_trace(
    record: ImageRecord | None,
) -> None:
    action = decide(LOOK, seen(record), RULES)

    newest = record.sequencer if record else ""
    assert action == Make(replace(CURRENT, sequencer=place_after(newest, CURRENT)), record)


def test_another_version_of_the_same_bytes_keeps_the_renditions() -> None:
    other = replace(CURRENT, version_id="v2")

    action = decide(LOOK, seen(READY, other, whole(READY)), RULES)

    event = replace(other, sequencer=place_after("05", other))
    assert action == Reuse(event, READY, whole(READY))


def test_a_state_without_a_version_is_of_the_recorded_one_if_the_etag_is() -> None:
    listed = replace(CURRENT, version_id="")

    assert isinstance(decide(LOOK, seen(READY, listed, whole(READY)), RULES), Finish)


def test_another_etag_is_another_version() -> None:
    other = replace(CURRENT, etag="other")

    action = decide(LOOK, seen(READY, other, whole(READY)), RULES)

    event = replace(other, sequencer=place_after("05", other))
    assert action == Make(event, READY, replaces_version=True)


def test_a_listed_rendition_of_a_newer_event_puts_the_finding_after_it() -> None:
    newer = {MINE: stored(replace(MADE, sequencer="06"))}

    action = decide(LOOK, seen(READY, standing=newer), RULES)

    assert action == Make(replace(CURRENT, sequencer=place_after("06", CURRENT)), READY)


def test_a_marker_in_place_of_a_listed_rendition_counts_as_a_trace() -> None:
    marker = {MINE: stored(of_deletion("06"), is_removed=True)}

    action = decide(LOOK, seen(READY, standing=marker), RULES)

    assert action == Make(replace(CURRENT, sequencer=place_after("06", CURRENT)), READY)


def test_a_marker_that_no_record_lists_is_no_trace_of_an_image() -> None:
    task = replace(LOOK, renditions=(DROPPED,))
    marker = whole(READY) | {DROPPED: stored(of_deletion("06"), is_removed=True)}

    assert decide(task, seen(READY, standing=marker), RULES) == Finish(
        Outcome.DUPLICATE, None, Cleanup((), MADE)
    )


def test_a_named_rendition_of_a_newer_event_is_a_trace() -> None:
    task = replace(LOOK, renditions=(DROPPED,))
    newer = whole(READY) | {DROPPED: stored(replace(MADE, sequencer="06"))}

    action = decide(task, seen(READY, standing=newer), RULES)

    assert isinstance(action, Reuse | Make)
    assert action.event.sequencer == place_after("06", CURRENT)


def test_a_named_rendition_of_an_image_without_a_record_is_a_trace() -> None:
    task = replace(LOOK, renditions=(MINE,))

    action = decide(task, seen(None, None, {MINE: stored(MADE)}), RULES)

    assert isinstance(action, Write)
    assert action.record.sequencer == place_after("05", None)


def test_work_that_a_listing_shows_to_be_finished_is_not_looked_at() -> None:
    task = replace(EVERYTHING, listed=Listed("a.jpg", 1, "e", 0))

    assert decide(task, seen(READY), RULES) == NOTHING


def test_a_second_delivery_announces_finished_work_again_and_ends_its_cleanup() -> None:
    found = replace(seen(READY), attempt=2)

    action = decide(STALE, found, RULES)

    cleanup = Cleanup(variants=FORMER_VARIANTS)
    assert action == Finish(Outcome.DUPLICATE, READY, cleanup)


def test_a_second_delivery_announces_nothing_that_is_not_settled() -> None:
    found = replace(seen(FAILED), attempt=2)

    assert decide(STALE, found, RULES) == NOTHING


def test_work_that_this_task_has_announced_is_not_announced_again() -> None:
    found = replace(seen(READY, standing=whole(READY)), attempt=2, has_acted=True)

    assert decide(LOOK, found, RULES) == Finish(Outcome.DUPLICATE, None, Cleanup((), MADE))


def test_stale_work_is_made_again_right_after_its_own_event() -> None:
    record = ready_record("05", FORMER)

    action = decide(STALE, seen(record), RULES)

    event = created(sequencer="05")
    place = between("05", token_of(event, "mine/1"))
    assert action == Make(replace(event, sequencer=place), record)


@pytest.mark.parametrize("record", [READY, rejected_record("05")])
def test_an_image_that_a_caller_asks_for_is_made_again_once(record: ImageRecord) -> None:
    concerns = frozenset({Concern.MISSING, Concern.REQUESTED})
    task = Reconciliation(record.key, concerns, revision=record.revision)
    made = replace(record, revision=record.revision + 1)

    action = decide(task, seen(record, standing=whole(record)), RULES)

    assert isinstance(action, Make)
    assert action.event.sequencer > record.sequencer
    assert isinstance(decide(task, seen(made, standing=whole(made)), RULES), Finish)


def test_a_later_revision_is_made_again_with_another_sequencer() -> None:
    record = ready_record("05", FORMER)
    places = [
        action.event.sequencer
        for one in (record, replace(record, revision=2))
        if isinstance(action := decide(STALE, seen(one), RULES), Make)
    ]

    assert len(set(places)) == 2


def test_two_versions_that_are_made_again_get_different_sequencers() -> None:
    record = ready_record("05", FORMER)
    places = [
        action.event.sequencer
        for one in (record, replace(record, version_id="v2"))
        if isinstance(action := decide(STALE, seen(one), RULES), Make)
    ]

    assert len(set(places)) == 2


def test_work_that_this_task_has_redone_is_not_redone() -> None:
    record = rejected_record("05")
    task = replace(LOOK, concerns=frozenset({Concern.REJECTED}))

    found = replace(seen(record), has_acted=True)

    assert decide(task, found, RULES) == Finish(Outcome.DUPLICATE, None, Cleanup((), MADE))


def test_a_rejected_image_that_higher_limits_may_accept_is_made_again() -> None:
    record = rejected_record("05", replace(ENGINE, version="0.9"))

    assert isinstance(decide(STALE, seen(record), RULES), Make)


@pytest.mark.parametrize("record", [None, AWAITED, record_in_progress("05"), FAILED])
def test_nothing_is_cleaned_up_without_a_settled_record(record: ImageRecord | None) -> None:
    task = replace(STALE, renditions=(DROPPED,))
    found = seen(record, standing={DROPPED: stored(replace(MADE, sequencer="04"))})

    assert decide(task, found, RULES) == NOTHING


def test_a_missing_listed_rendition_is_made_again() -> None:
    assert decide(LOOK, seen(READY), RULES) == Make(created(sequencer="05"), READY)


def test_stored_renditions_that_no_record_lists_are_removed() -> None:
    task = replace(LOOK, renditions=("gone/a.jpg", "more/a.jpg"))
    stray = stored(replace(MADE, sequencer="04"))
    found = seen(READY, standing=whole(READY) | {DROPPED: stray, "more/a.jpg": stray})

    action = decide(task, found, RULES)

    assert action == Finish(Outcome.DUPLICATE, None, Cleanup(("more/a.jpg", DROPPED), MADE))


def test_every_rendition_of_a_tombstone_is_removed() -> None:
    found = seen(TOMBSTONE, None, {MINE: stored(replace(MADE, sequencer="04"))})

    action = decide(LOOK, replace(found, attempt=2), RULES)

    variants = StaleVariants(TOMBSTONE.id, of_deletion("05"))
    cleanup = Cleanup((MINE,), of_deletion("05"), variants)
    assert action == Finish(Outcome.DUPLICATE, TOMBSTONE, cleanup)


def test_a_variant_that_is_named_is_removed_with_the_others_of_former_versions() -> None:
    task = replace(LOOK, renditions=(VARIANT,))
    found = seen(READY, standing=whole(READY) | {VARIANT: stored(replace(MADE, sequencer="04"))})

    action = decide(task, found, RULES)

    assert action == Finish(Outcome.DUPLICATE, None, Cleanup((), MADE, FORMER_VARIANTS))


def test_a_variant_of_an_unknown_image_puts_its_deletion_after_the_variant() -> None:
    task = replace(LOOK, renditions=(VARIANT,))
    found = seen(None, None, {VARIANT: stored(replace(MADE, sequencer="07"))})

    action = decide(task, found, RULES)

    assert isinstance(action, Write)
    assert action.record.sequencer == place_after("07", None)
    assert action.cleanup.variants == StaleVariants(READY.id, of_deletion(action.record.sequencer))


def test_other_keys_of_the_recipe_are_left_if_the_image_exists() -> None:
    recipe = replace(RECIPE, presets=(replace(RECIPE.presets[0], name="q"),))
    rules = replace(RULES, recipes=RecipeRules.plain(recipe))
    standing = whole(READY) | {"q/a.jpg": stored(replace(MADE, sequencer="04"))}

    action = decide(LOOK, seen(READY, standing=standing), rules)

    assert action == Finish(Outcome.DUPLICATE, None, Cleanup((), MADE))


def test_renditions_without_a_recipe_belong_to_a_record_without_a_recipe() -> None:
    record = replace(READY, recipe=None)
    standing = {MINE: stored(replace(MADE, recipe=""))}

    action = decide(LOOK, seen(record, standing=standing), RULES)

    assert isinstance(action, Finish)
