"""Images with rules by prefix, with rules that uploads choose, and with rules that ignore."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.decisions import NOW_MS, RECIPE, RULES, facts, ready_record
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import Pipeline, deployed
from fakes.stores import FakeOriginals

from imagemill.domain.deployment import Deployment
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence, RenditionMetadata
from imagemill.domain.transitions import deleted
from imagemill.errors import StoreUnavailable
from imagemill.pipeline.actions import Finish, Write
from imagemill.pipeline.decide import decide
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

if TYPE_CHECKING:
    from imagemill.domain.notification import Task

BY_PREFIX = "a/ -> thumb=10, wide=20; raw/ -> ignore; * -> p=20"
NAMED = f"[hero] -> hero=30; {BY_PREFIX}"
IGNORING = replace(RULES, recipes=RecipeRules.parse("a.jpg -> ignore; * -> p=20"))


class BrokenOriginals(FakeOriginals):
    """A bucket that does not tell the metadata of its objects."""

    def with_choices(self, event: ObjectEvent) -> ObjectEvent:
        raise StoreUnavailable(f"no answer about {event.key}")


def record_of(pipeline: Pipeline, key: str) -> ImageRecord:
    return pipeline.records.items[image_id(key)]


def chosen(rule: str, key: str = "b.jpg", sequencer: str = "01") -> ObjectEvent:
    """Return the event of an upload that chose a rule; the object has it in its metadata."""
    return replace(created(key, sequencer, version_id=f"v{sequencer}"), rule=rule)


def put(pipeline: Pipeline, event: ObjectEvent) -> Outcome:
    """Store an object, and handle its event, which does not tell the rule."""
    stored = pipeline.originals.add(event, jpeg())
    return handle_task(replace(stored, rule=""), pipeline.deps)


def test_an_image_gets_the_recipe_of_its_prefix_and_keeps_its_hash() -> None:
    pipeline = Pipeline(BY_PREFIX)

    for key in ("a/b.jpg", "b.jpg"):
        pipeline.put(created(key))

    assert set(pipeline.renditions.objects) == {"thumb/a/b.jpg", "wide/a/b.jpg", "p/b.jpg"}
    assert record_of(pipeline, "a/b.jpg").recipe == Recipe.parse("thumb=10, wide=20").hash
    assert record_of(pipeline, "b.jpg").recipe == Recipe.parse("p=20").hash
    assert "with_choices" not in pipeline.originals.calls


def test_a_changed_rule_makes_only_its_own_images_again() -> None:
    pipeline = Pipeline(BY_PREFIX)
    for key in ("a/b.jpg", "b.jpg"):
        pipeline.put(created(key))
    later = deployed(pipeline.deps, BY_PREFIX.replace("wide=20", "p=20"))
    look = frozenset({Concern.STALE})

    outcomes = [handle_task(Reconciliation(key, look), later) for key in ("a/b.jpg", "b.jpg")]

    assert outcomes == [Outcome.READY, Outcome.DUPLICATE]
    assert set(pipeline.renditions.objects) == {"thumb/a/b.jpg", "p/a/b.jpg", "p/b.jpg"}


def test_an_event_yields_to_a_newer_one_of_the_same_rule() -> None:
    pipeline = Pipeline(BY_PREFIX)
    newer = RenditionMetadata(Precedence("09"), "image/jpeg", "inline")
    pipeline.renditions.objects["thumb/a/b.jpg"] = (b"newer", newer)

    outcome = pipeline.put(created("a/b.jpg"))

    assert outcome is Outcome.SUPERSEDED
    assert set(pipeline.renditions.objects) == {"thumb/a/b.jpg"}


def test_an_upload_chooses_a_rule_by_the_metadata_of_its_object() -> None:
    pipeline = Pipeline(NAMED)

    outcome = put(pipeline, chosen("hero", "a/b.jpg"))

    record = record_of(pipeline, "a/b.jpg")
    assert outcome is Outcome.READY
    assert (list(record.renditions), record.rule, record.warnings) == (["hero"], "hero", ())
    assert record.recipe == Recipe.parse("hero=30").hash


def test_an_unknown_name_counts_as_none_with_a_warning() -> None:
    pipeline = Pipeline(NAMED)

    put(pipeline, chosen("zero"))

    record = record_of(pipeline, "b.jpg")
    assert (list(record.renditions), record.rule) == (["p"], "zero")
    assert record.warnings == ("unknown_recipe",)


def test_a_name_that_becomes_known_makes_its_images_stale() -> None:
    pipeline = Pipeline(NAMED)
    put(pipeline, chosen("zero"))
    later = deployed(pipeline.deps, NAMED.replace("[hero]", "[zero]"))

    handle_task(Reconciliation("b.jpg", frozenset({Concern.STALE})), later)

    record = record_of(pipeline, "b.jpg")
    assert (list(record.renditions), record.rule, record.warnings) == (["hero"], "zero", ())


def test_the_same_bytes_with_another_choice_are_made_again() -> None:
    pipeline = Pipeline(NAMED)
    put(pipeline, chosen("hero"))

    put(pipeline, chosen("", sequencer="02"))

    assert list(record_of(pipeline, "b.jpg").renditions) == ["p"]
    assert set(pipeline.renditions.objects) == {"p/b.jpg"}


def test_the_same_bytes_with_a_name_of_the_same_recipe_keep_their_renditions() -> None:
    pipeline = Pipeline(f"{NAMED}; [same] -> p=20")
    put(pipeline, chosen("zero"))
    pipeline.renditions.calls.clear()

    put(pipeline, chosen("same", sequencer="02"))

    record = record_of(pipeline, "b.jpg")
    assert (record.rule, record.warnings, record.sequencer) == ("same", (), "02")
    assert "read" in pipeline.renditions.calls


def test_a_restored_version_has_the_rule_that_it_chose() -> None:
    pipeline = Pipeline(NAMED)
    put(pipeline, chosen("hero"))
    handle_task(removed("b.jpg", "02"), pipeline.deps)

    handle_task(removed("b.jpg", "03", Change.VERSION_DELETED), pipeline.deps)

    record = record_of(pipeline, "b.jpg")
    assert (record.status, list(record.renditions), record.rule) == ("ready", ["hero"], "hero")


def test_a_lost_record_is_found_again_with_the_rule_that_its_object_chose() -> None:
    pipeline = Pipeline(NAMED)
    put(pipeline, chosen("hero"))
    pipeline.records.items.clear()

    handle_task(Reconciliation("b.jpg"), pipeline.deps)

    assert record_of(pipeline, "b.jpg").rule == "hero"


def test_a_deletion_removes_the_renditions_of_every_rule_that_a_version_may_have_chosen() -> None:
    pipeline = Pipeline(NAMED)
    put(pipeline, chosen("hero"))
    pipeline.records.items.clear()

    handle_task(removed("b.jpg", "02"), pipeline.deps)

    assert pipeline.renditions.objects == {}


def test_an_image_whose_metadata_cannot_be_read_ends_as_failed_after_the_last_attempt() -> None:
    pipeline = Pipeline(NAMED)
    deps = replace(pipeline.deps, originals=BrokenOriginals())

    with pytest.raises(StoreUnavailable):
        handle_task(created("b.jpg"), deps, attempt=4)

    assert record_of(pipeline, "b.jpg").status == "failed"


def test_an_ignored_original_gets_no_record_and_no_call_to_the_buckets() -> None:
    pipeline = Pipeline(NAMED)

    outcomes = [
        put(pipeline, chosen("hero", "raw/a.jpg")),
        handle_task(removed("raw/a.jpg"), pipeline.deps),
    ]

    assert outcomes == [Outcome.IGNORED, Outcome.IGNORED]
    assert (pipeline.records.items, pipeline.renditions.calls) == ({}, [])
    assert pipeline.originals.calls == []


def test_a_listed_original_that_is_ignored_costs_one_read_of_its_record() -> None:
    pipeline = Pipeline(BY_PREFIX)
    listed = Listed("raw/a.jpg", 9, "e", 0)

    outcome = handle_task(Reconciliation("raw/a.jpg", listed=listed), pipeline.deps)

    assert outcome is Outcome.DUPLICATE
    assert (pipeline.records.calls, pipeline.originals.calls) == (["get"], [])


def ignored_later(pipeline: Pipeline) -> Pipeline:
    """Process b.jpg, and then deploy a rule that ignores it."""
    pipeline.put(created("b.jpg"))
    pipeline.deps = deployed(pipeline.deps, "b -> ignore; * -> p=20")
    return pipeline


def test_an_image_stays_when_its_prefix_becomes_ignored() -> None:
    pipeline = ignored_later(Pipeline())
    record = record_of(pipeline, "b.jpg")
    look = Reconciliation("b.jpg")
    tasks: list[Task] = [created("b.jpg"), look, replace(look, renditions=("p/b.jpg",))]

    outcomes = [handle_task(task, pipeline.deps) for task in tasks]

    assert outcomes == [Outcome.IGNORED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert record_of(pipeline, "b.jpg") == record
    assert set(pipeline.renditions.objects) == {"p/b.jpg"}


def test_a_lost_rendition_of_an_ignored_image_is_not_made_again() -> None:
    pipeline = ignored_later(Pipeline())
    pipeline.renditions.objects.clear()

    handle_task(Reconciliation("b.jpg"), pipeline.deps)

    assert pipeline.renditions.objects == {}


@pytest.mark.parametrize("change", ["deleted", "replaced"])
def test_renditions_of_an_ignored_image_do_not_outlive_their_version(change: str) -> None:
    pipeline = ignored_later(Pipeline())
    replaced = replace(created("b.jpg", "02", "v2"), etag="other")

    handle_task(removed("b.jpg") if change == "deleted" else replaced, pipeline.deps)

    assert record_of(pipeline, "b.jpg").status == "deleted"
    assert pipeline.renditions.objects == {}


def test_a_copy_onto_itself_keeps_the_renditions_of_an_ignored_image() -> None:
    pipeline = ignored_later(Pipeline())
    event = replace(created("b.jpg", "02", "v2"), bytes=record_bytes(pipeline))

    outcome = handle_task(event, pipeline.deps)

    assert outcome is Outcome.IGNORED
    assert record_of(pipeline, "b.jpg").status == "ready"


def record_bytes(pipeline: Pipeline) -> int:
    original = record_of(pipeline, "b.jpg").original
    assert original is not None
    return original.bytes


def test_a_stray_rendition_of_an_ignored_original_is_removed() -> None:
    pipeline = ignored_later(Pipeline())
    pipeline.records.items.clear()

    handle_task(Reconciliation("b.jpg", renditions=("p/b.jpg",)), pipeline.deps)

    assert (pipeline.renditions.objects, pipeline.records.items) == ({}, {})


def test_an_image_that_is_no_longer_ignored_is_found() -> None:
    pipeline = ignored_later(Pipeline())
    handle_task(replace(created("b.jpg", "02", "v2"), etag="other"), pipeline.deps)
    again = deployed(pipeline.deps, "p=20")

    handle_task(Reconciliation("b.jpg"), again)

    assert record_of(pipeline, "b.jpg").status == "ready"


def test_a_deleted_original_leaves_a_tombstone_while_former_workers_may_make_it() -> None:
    recent = Deployment("mine", NOW_MS, frozenset({"p"}), revision=2)

    actions = [
        decide(removed("a.jpg"), facts(), replace(IGNORING, deployment=deployment))
        for deployment in (recent, replace(recent, since=0), replace(recent, revision=1))
    ]

    assert [type(action) for action in actions] == [Write, Finish, Finish]


def test_an_interrupted_removal_of_a_replaced_image_is_finished() -> None:
    event = replace(created(sequencer="06", version_id="v2"), etag="other")
    tombstone = replace(deleted(event, 0), leftovers=("p/a.jpg",), revision=2)

    action = decide(event, facts(tombstone), IGNORING)

    assert isinstance(action, Finish)
    assert "p/a.jpg" in action.cleanup.keys


def test_presets_of_former_rules_are_closed_although_other_rules_have_them() -> None:
    recipes = RecipeRules.parse("a.jpg -> p=20; * -> q=20")
    former = Deployment("mine", 7, frozenset({"p", "q"}), {"p": NOW_MS, "q": NOW_MS})
    rules = replace(RULES, recipes=recipes, deployment=former)

    assert rules.dropped_keys("a.jpg", NOW_MS) == {"q/a.jpg"}
    assert rules.dropped_keys("b.jpg", NOW_MS) == {"p/b.jpg"}
    assert RULES.current_recipe("a.jpg", ready_record()) == RECIPE.hash
