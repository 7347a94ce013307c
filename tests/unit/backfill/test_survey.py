from dataclasses import replace

import pytest
from fakes.backfill import RECIPE, FakeBackfillStack
from fakes.cloud import deleted_record, ready_record

from imagemill.backfill.due import Reason
from imagemill.backfill.survey import Selection, Survey, survey
from imagemill.domain.ignored import KeyFilter
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import EVERYTHING, Concern, StoredObject
from imagemill.domain.record import precedence_of
from imagemill.domain.rendition_metadata import Precedence
from imagemill.domain.transitions import pending
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

MISSING = frozenset({Concern.MISSING})
STALE = frozenset({Concern.STALE})


@pytest.fixture
def stack() -> FakeBackfillStack:
    return FakeBackfillStack()


def looked(
    stack: FakeBackfillStack, prefix: str = "", concerns: frozenset[Concern] = EVERYTHING
) -> Survey:
    selection = Selection(prefix, concerns, stack.recipes)
    return survey(selection, stack.scan, lambda _: None)


def reasons(found: Survey) -> list[tuple[str, str]]:
    return [(due.key, due.why) for due in found.due]


def test_nothing_is_due_if_every_record_agrees(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")

    found = looked(stack)

    assert (found.originals, found.records, found.renditions, found.due) == (1, 1, 1, [])


@pytest.mark.parametrize("status", ["pending", "failed", "deleted"])
def test_an_original_whose_record_is_not_final_is_due(
    stack: FakeBackfillStack, status: str
) -> None:
    record = stack.add_image("a.jpg")
    stack.table.add(replace(record, status=status))  # type: ignore[arg-type]  # one of the statuses
    reason = {"pending": Reason.UNFINISHED, "failed": Reason.FAILED, "deleted": Reason.UNRECORDED}[
        status
    ]

    assert reasons(looked(stack)) == [("a.jpg", reason)]


def test_an_original_without_a_record_is_due_and_its_renditions_are_no_strays(
    stack: FakeBackfillStack,
) -> None:
    stack.add_image("a.jpg")
    stack.table.items.clear()

    assert reasons(looked(stack)) == [("a.jpg", Reason.UNRECORDED)]


def test_a_record_of_other_bytes_is_due(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.listed["a.jpg"] = replace(stack.scan.listed["a.jpg"], etag="etag of v2")

    assert reasons(looked(stack)) == [("a.jpg", Reason.CHANGED)]


def test_an_image_of_another_recipe_is_due(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg", recipe="another")

    assert reasons(looked(stack)) == [("a.jpg", Reason.STALE)]


def test_only_the_requested_concerns_are_due(stack: FakeBackfillStack) -> None:
    stack.add_image("old.jpg", recipe="another")
    stack.add_original("new.jpg")

    assert reasons(looked(stack, concerns=STALE)) == [("old.jpg", Reason.STALE)]
    assert reasons(looked(stack, concerns=MISSING)) == [("new.jpg", Reason.UNRECORDED)]


def test_a_record_without_an_original_is_due(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.listed.clear()

    assert reasons(looked(stack)) == [("a.jpg", Reason.GONE)]


def test_an_original_uploaded_after_the_listing_is_not_gone(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.listed.clear()
    stack.scan.late.add("a.jpg")

    assert looked(stack).due == []


def test_tombstones_and_pending_uploads_are_not_due(stack: FakeBackfillStack) -> None:
    stack.table.add(deleted_record("a.jpg"))
    stack.table.add(pending("b.jpg", 1, "2026-05-04T12:00:00.000Z", 0))

    assert looked(stack).due == []


def test_a_record_whose_rendition_is_lost_is_due(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.stored.clear()

    [due] = looked(stack).due

    assert (due.why, due.renditions) == (Reason.DAMAGED, ("500/a.jpg",))


@pytest.mark.parametrize("stray", ["old/a.jpg", "500/never.jpg"])
def test_a_rendition_that_no_record_lists_is_due(stack: FakeBackfillStack, stray: str) -> None:
    stack.add_image("a.jpg")
    stack.scan.stored[stray] = StoredObject(stray, 9)

    [due] = looked(stack).due

    assert (due.key, due.why, due.renditions) == (stray.partition("/")[2], Reason.STRAY, (stray,))


def add_variant(stack: FakeBackfillStack, key: str, made_for: Precedence) -> str:
    """Store a variant of an image, and return its key."""
    name = f"~t/{image_id(key)}/20x.jpg"
    stack.scan.stored[name] = StoredObject(name, 9)
    stack.scan.made_for[name] = made_for
    return name


def test_a_variant_of_the_recorded_version_is_not_due(stack: FakeBackfillStack) -> None:
    add_variant(stack, "a.jpg", precedence_of(stack.add_image("a.jpg")))

    found = looked(stack)

    assert (found.due, found.renditions, found.variants) == ([], 1, 1)


def test_a_variant_of_a_former_version_is_due(stack: FakeBackfillStack) -> None:
    own = precedence_of(stack.add_image("a.jpg"))
    name = add_variant(stack, "a.jpg", replace(own, sequencer="00"))

    [due] = looked(stack).due

    assert (due.key, due.why, due.renditions) == ("a.jpg", Reason.OUTDATED, (name,))


@pytest.mark.parametrize("status", ["deleted", "rejected"])
def test_a_variant_of_an_image_that_is_not_ready_is_due(
    stack: FakeBackfillStack, status: str
) -> None:
    record = replace(ready_record("a.jpg"), status=status, renditions={})  # type: ignore[arg-type]  # one of them
    stack.table.add(record)
    add_variant(stack, "a.jpg", precedence_of(record))

    assert ("a.jpg", Reason.ORPHANED) in reasons(looked(stack, concerns=MISSING))


def test_a_variant_of_an_original_without_a_record_is_due_with_its_key(
    stack: FakeBackfillStack,
) -> None:
    stack.add_original("a.jpg")
    add_variant(stack, "a.jpg", Precedence("01"))

    found = reasons(looked(stack))

    assert found == [("a.jpg", Reason.UNRECORDED), ("a.jpg", Reason.ORPHANED)]


def test_a_variant_of_an_unknown_image_is_due_without_a_key(stack: FakeBackfillStack) -> None:
    add_variant(stack, "gone.jpg", Precedence("01"))

    assert reasons(looked(stack)) == [("", Reason.ORPHANED)]
    assert reasons(looked(stack, prefix="a/")) == []


def test_a_stray_with_a_long_name_is_found_by_its_record(stack: FakeBackfillStack) -> None:
    record = stack.add_image("a.jpg")
    name = f"~old/{record.id}"
    stack.scan.stored[name] = StoredObject(name, 9)

    assert reasons(looked(stack)) == [("a.jpg", Reason.STRAY)]


def test_a_prefix_leaves_everything_else_alone(stack: FakeBackfillStack) -> None:
    stack.add_original("in/a.jpg")
    stack.add_original("out/a.jpg")
    stack.table.add(ready_record("out/b.jpg"))
    stack.scan.stored["old/out/c.jpg"] = StoredObject("old/out/c.jpg", 9)

    found = looked(stack, prefix="in/")

    assert (reasons(found), found.originals) == ([("in/a.jpg", Reason.UNRECORDED)], 1)


@pytest.mark.parametrize("key", ["Some folder/a.jpg", "~/a.jpg", "500"])
def test_an_object_that_cannot_be_a_rendition_is_ignored(
    stack: FakeBackfillStack, key: str
) -> None:
    stack.scan.stored[key] = StoredObject(key, 9)

    assert reasons(looked(stack)) == []


def by_rules(stack: FakeBackfillStack, text: str) -> Survey:
    stack.recipes = RecipeRules.parse(text)
    return looked(stack)


def test_a_changed_rule_makes_only_its_own_images_stale(stack: FakeBackfillStack) -> None:
    for key in ("in/a.jpg", "out/a.jpg"):
        stack.add_image(key)

    found = by_rules(stack, "in/ -> 500, 9; * -> 500")

    assert [(due.key, due.why, due.presets) for due in found.due] == [("in/a.jpg", Reason.STALE, 2)]


def test_an_image_is_compared_with_the_rule_that_its_upload_chose(stack: FakeBackfillStack) -> None:
    for key, rule in [("a.jpg", "hero"), ("b.jpg", "gone"), ("c.jpg", None)]:
        stack.table.add(replace(stack.add_image(key), rule=rule))

    assert reasons(by_rules(stack, "[hero] -> 9; * -> 500")) == [("a.jpg", Reason.STALE)]


def test_ignored_originals_and_their_images_need_no_work(stack: FakeBackfillStack) -> None:
    stack.add_original("raw/new.jpg")
    for key in ("raw/stale.jpg", "raw/damaged.jpg", "raw/changed.jpg", "a.jpg"):
        stack.add_image(key, recipe=RECIPE.hash if key == "a.jpg" else "another")
    del stack.scan.stored["500/raw/damaged.jpg"]
    stack.add_original("raw/changed.jpg", size=1)

    found = by_rules(stack, "raw/ -> ignore; * -> 500")

    assert (found.originals, found.ignored, found.due) == (1, 4, [])


def test_a_record_of_an_ignored_original_that_is_gone_is_due(stack: FakeBackfillStack) -> None:
    stack.table.add(ready_record("raw/a.jpg"))

    assert ("raw/a.jpg", Reason.GONE) in reasons(by_rules(stack, "raw/ -> ignore; * -> 500"))


def test_a_stray_of_another_rule_is_due_although_its_image_is_made_again(
    stack: FakeBackfillStack,
) -> None:
    stack.add_original("in/a.jpg")
    for key in ("500/in/a.jpg", "9/in/a.jpg"):
        stack.scan.stored[key] = StoredObject(key, 9)

    found = by_rules(stack, "in/ -> 9; * -> 500")

    assert [due.renditions for due in found.due] == [(), ("500/in/a.jpg",)]


def test_the_time_of_an_image_is_that_of_images_with_its_recipe(stack: FakeBackfillStack) -> None:
    for key, recipe, ms in [("a", "9", 100), ("b", "500", 900)]:
        for number in range(10):
            record = stack.add_image(f"{key}/made {number}.jpg", recipe=Recipe.parse(recipe).hash)
            stack.table.add(replace(record, processing_ms=ms))
        stack.add_original(f"{key}/new.jpg")

    found = by_rules(stack, "a/ -> 9; * -> 500")

    one, other = (due.ms for due in found.due)
    assert (one < 300, other > 600) == (True, True)


def test_objects_that_are_not_processed_are_counted_and_need_no_work(
    stack: FakeBackfillStack,
) -> None:
    for key in ("a.jpg", "a.xmp", "b.jpg"):
        stack.add_image(key)
    stack.table.items.pop(image_id("b.jpg"))
    stack.table.items.pop(image_id("a.xmp"))
    selection = Selection("", MISSING, RecipeRules.plain(RECIPE), accepts=KeyFilter().accepts)

    found = survey(selection, stack.scan, lambda _: None)

    assert (found.originals, found.ignored) == (2, 1)
    assert ("b.jpg", Reason.UNRECORDED) in reasons(found)
    assert "a.xmp" not in {due.key for due in found.due if due.why is Reason.UNRECORDED}


def test_the_record_of_an_object_that_is_no_longer_processed_is_not_gone(
    stack: FakeBackfillStack,
) -> None:
    stack.add_image("a.jpg")
    keys = KeyFilter(suffixes=(".png",))
    selection = Selection("", MISSING, RecipeRules.plain(RECIPE), accepts=keys.accepts)

    assert survey(selection, stack.scan, lambda _: None).due == []


def test_an_object_of_others_in_the_processed_bucket_is_no_stray(stack: FakeBackfillStack) -> None:
    for key in ("theirs/a.jpg", "500/gone.jpg"):
        stack.scan.stored[key] = StoredObject(key, 9)
    stack.scan.made_for = {"theirs/a.jpg": Precedence(""), "500/gone.jpg": Precedence("01")}

    assert reasons(looked(stack)) == [("gone.jpg", Reason.STRAY)]
