from dataclasses import replace

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions

from imagemill.domain.event import ObjectEvent
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence
from imagemill.domain.transitions import pending
from imagemill.errors import Crashed, TransientFault
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

LOOK = Reconciliation("a.jpg")
STALE = Reconciliation("a.jpg", frozenset({Concern.STALE}))
AS_LISTED = Listed("a.jpg", 1, "e", 0)


class Bench:
    """The pipeline over fakes, with one image that is ready."""

    def __init__(self) -> None:
        self.records = FakeRecords()
        self.originals = FakeOriginals()
        self.renditions = FakeRenditions()
        self.deps = fake_deps(self.originals, self.records, self.renditions)
        self.put(created(sequencer="05"))
        self.forget_calls()

    def put(self, event: ObjectEvent, data: bytes | None = None) -> None:
        handle_task(self.originals.add(event, data or jpeg()), self.deps)

    def look(self, task: Reconciliation = LOOK, recipe: str = "20") -> Outcome:
        return handle_task(task, replace(self.deps, recipes=RecipeRules.parse(recipe)))

    def forget_calls(self) -> None:
        for store in (self.records, self.originals, self.renditions):
            store.calls.clear()

    @property
    def record(self) -> ImageRecord:
        return self.records.items[LOOK.id]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_finished_work_that_a_listing_shows_costs_one_read(bench: Bench) -> None:
    outcome = bench.look(replace(LOOK, listed=AS_LISTED))

    calls = (bench.records.calls, bench.originals.calls, bench.renditions.calls)
    assert (outcome, calls) == (Outcome.DUPLICATE, (["get"], [], []))


def test_a_reconciliation_of_stale_images_costs_one_read_if_the_image_is_not_stale(
    bench: Bench,
) -> None:
    bench.look(STALE)

    calls = (bench.records.calls, bench.originals.calls, bench.renditions.calls)
    assert calls == (["get"], [], [])


def test_an_original_without_an_event_is_made(bench: Bench) -> None:
    bench.originals.add(created("b.jpg"), jpeg())

    outcome = bench.look(Reconciliation("b.jpg"))

    assert outcome is Outcome.READY
    assert "20/b.jpg" in bench.renditions.objects


def test_an_original_that_is_deleted_while_it_is_made_leaves_nothing(bench: Bench) -> None:
    bench.originals.add(created("b.jpg"), jpeg())

    def render(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        bench.originals.heads.pop("b.jpg")
        return bench_render(data, recipe, limits, timeout_s)

    bench_render, bench.deps = bench.deps.render, replace(bench.deps, render=render)

    outcome = bench.look(Reconciliation("b.jpg"))

    assert (outcome, list(bench.renditions.objects)) == (Outcome.DELETED, ["20/a.jpg"])


def test_a_rendition_that_the_task_names_is_removed_beside_a_new_image(bench: Bench) -> None:
    bench.originals.add(created("b.jpg"), jpeg())
    bench.renditions.objects["old/b.jpg"] = bench.renditions.objects["20/a.jpg"]

    bench.look(Reconciliation("b.jpg", renditions=("old/b.jpg",)))

    assert set(bench.renditions.objects) == {"20/a.jpg", "20/b.jpg"}


@pytest.mark.parametrize("trace", ["record", "marker"])
def test_an_image_that_left_a_trace_is_read_again_after_it_was_made(
    bench: Bench, trace: str
) -> None:
    if trace == "record":
        bench.renditions.objects.clear()
    else:
        bench.records.items.clear()
        bench.renditions.remove("20/a.jpg", Precedence("06"))

    bench.look()

    assert bench.records.calls.count("get") == 2


def test_a_lost_record_is_written_again_for_the_stored_renditions(bench: Bench) -> None:
    bench.records.items.clear()

    outcome = bench.look()

    assert (outcome, bench.record.status) == (Outcome.READY, "ready")
    assert "05" < bench.record.sequencer < "0500000001"


def test_new_bytes_without_an_event_replace_the_old(bench: Bench) -> None:
    bench.originals.add(created(version_id="v2"), jpeg(30, 20))

    bench.look()

    assert bench.record.version_id == "v2"
    assert bench.renditions.objects["20/a.jpg"][1].precedence.sequencer == bench.record.sequencer


def test_a_delayed_event_is_newer_than_a_finding_before_it(bench: Bench) -> None:
    bench.originals.add(created(version_id="v2"), jpeg(30, 20))
    bench.look()

    bench.put(created(sequencer="0501", version_id="v3"))

    assert (bench.record.version_id, bench.record.sequencer) == ("v3", "0501")


def test_a_record_without_an_original_and_its_renditions_are_deleted(bench: Bench) -> None:
    bench.originals.heads.clear()

    outcome = bench.look()

    assert (outcome, bench.record.status) == (Outcome.DELETED, "deleted")
    assert bench.renditions.objects == {}


def test_the_renditions_left_by_an_interrupted_deletion_are_removed(bench: Bench) -> None:
    left = dict(bench.renditions.objects)
    bench.originals.heads.clear()
    bench.look()
    bench.renditions.objects.update(left)
    bench.renditions.markers.clear()

    bench.look()

    assert bench.renditions.objects == {}


def test_renditions_that_a_tombstone_does_not_list_are_removed(bench: Bench) -> None:
    left = dict(bench.renditions.objects)
    bench.originals.heads.clear()
    bench.look()
    bench.renditions.objects.update(left)
    bench.renditions.markers.clear()
    bench.records.items[LOOK.id] = replace(bench.record, leftovers=())

    bench.look()

    assert bench.renditions.objects == {}


def test_a_pending_upload_is_left_unchanged(bench: Bench) -> None:
    awaited = pending("b.jpg", 1, "2026-05-04T10:20:30.000Z", 0)
    bench.records.put(awaited)

    outcome = bench.look(Reconciliation("b.jpg"))

    assert (outcome, bench.records.items[awaited.id]) == (Outcome.DUPLICATE, awaited)


def test_a_failed_record_is_tried_again(bench: Bench) -> None:
    bench.records.items[LOOK.id] = replace(bench.record, status="failed", renditions={})

    bench.look()

    assert bench.record.status == "ready"


def test_another_recipe_makes_another_rendition_and_removes_the_old_one(bench: Bench) -> None:
    uploaded_at = bench.record.uploaded_at

    outcome = bench.look(STALE, recipe="30")

    assert outcome is Outcome.READY
    assert set(bench.renditions.objects) == {"30/a.jpg"}
    assert bench.record.uploaded_at == uploaded_at


def test_a_reconciliation_of_missing_work_leaves_renditions_of_another_recipe(bench: Bench) -> None:
    outcome = bench.look(Reconciliation("a.jpg", frozenset({Concern.MISSING})), recipe="30")

    assert (outcome, set(bench.renditions.objects)) == (Outcome.DUPLICATE, {"20/a.jpg"})


def test_a_rendition_that_no_record_lists_is_removed(bench: Bench) -> None:
    bench.renditions.objects["old/a.jpg"] = bench.renditions.objects["20/a.jpg"]

    bench.look(replace(LOOK, listed=AS_LISTED, renditions=("old/a.jpg",)))

    assert set(bench.renditions.objects) == {"20/a.jpg"}


def test_renditions_of_an_image_without_a_record_are_removed(bench: Bench) -> None:
    stray = bench.renditions.objects["20/a.jpg"]
    bench.renditions.objects["old/b.jpg"] = stray

    bench.look(Reconciliation("b.jpg", renditions=("old/b.jpg",)))

    assert "old/b.jpg" not in bench.renditions.objects


def test_a_lost_listed_rendition_is_made_again(bench: Bench) -> None:
    bench.renditions.objects.clear()

    bench.look(replace(LOOK, renditions=("20/a.jpg",)))

    assert set(bench.renditions.objects) == {"20/a.jpg"}


def test_an_image_of_another_recipe_stays_ready_if_making_it_again_fails(bench: Bench) -> None:
    before = bench.record

    with pytest.raises(TransientFault):
        handle_task(STALE, _broken(bench, "30"), attempt=4)

    assert bench.record == before


def test_a_missing_image_that_fails_at_the_last_attempt_is_recorded(bench: Bench) -> None:
    bench.records.items.clear()

    with pytest.raises(TransientFault):
        handle_task(LOOK, _broken(bench, "20"), attempt=4)

    assert bench.record.status == "failed"


def test_a_delayed_deletion_is_newer_than_a_finding_before_it(bench: Bench) -> None:
    bench.originals.heads.clear()
    bench.look()

    outcome = handle_task(removed(sequencer="06"), bench.deps)

    assert (outcome, bench.record.sequencer) == (Outcome.DELETED, "06")


def test_a_recorded_version_whose_bytes_are_gone_is_left_as_it_is(bench: Bench) -> None:
    bench.originals.versions.clear()
    bench.renditions.objects.clear()
    before = bench.record

    outcome = bench.look(STALE, recipe="10")

    assert (outcome, bench.record) == (Outcome.SUPERSEDED, before)


def _broken(bench: Bench, recipe: str) -> PipelineDeps:
    def crash(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        raise Crashed(f"{len(data)} bytes for {recipe} within {limits} and {timeout_s} s")

    return replace(bench.deps, recipes=RecipeRules.parse(recipe), render=crash)
