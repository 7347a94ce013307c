"""Renditions show the focal point of the file, or the one that a caller has set since."""

from dataclasses import replace

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import Pipeline, deployed

from imagemill.domain.event import Focus, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_focus import with_focus
from imagemill.imaging import Limits, Rendered, render
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe import Recipe

LEFT, RIGHT = Focus(0, 0.5), Focus(1, 0.5)
SEEN = Reconciliation("a.jpg")


class Focusing(Pipeline):
    """A pipeline with one crop, which remembers what it rendered."""

    def __init__(self) -> None:
        super().__init__("p=20x20:cover")
        self.rendered: list[str] = []
        self.deps = replace(self.deps, render=self._render)
        self.data = jpeg()

    def _render(self, data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        del timeout_s
        self.rendered.append(":".join(recipe.presets[0].edits()))
        return render(data, recipe, limits)

    def store(self, sequencer: str, focus: str = "", data: bytes = b"") -> Outcome:
        """Store a version, and handle its event, which does not tell the focal point."""
        version = replace(created(sequencer=sequencer, version_id=f"v{sequencer}"), focus=focus)
        return self.handle(self.originals.add(version, data or self.data))

    def handle(self, event: ObjectEvent) -> Outcome:
        return handle_task(replace(event, focus=None), self.deps)

    def ask(self, focus: Focus | None) -> None:
        """Change the focal point in the record, as a caller does."""
        assert self.records.put(with_focus(self.record, focus))

    def look(self, task: Reconciliation = SEEN) -> Outcome:
        return handle_task(task, self.deps)

    def stored_sequencer(self) -> str:
        return self.renditions.objects["p/a.jpg"][1].precedence.sequencer


@pytest.fixture
def pipeline() -> Focusing:
    return Focusing()


def focus_of(record: ImageRecord) -> tuple[Focus | None, bool]:
    return record.wanted_focus, record.is_focus_applied


def test_the_point_in_the_metadata_of_an_upload_places_its_crops(pipeline: Focusing) -> None:
    pipeline.store("01", "0,.5")

    assert pipeline.rendered == ["around0x0.5"]
    assert (pipeline.record.focus, pipeline.record.warnings) == (LEFT, ())
    assert pipeline.originals.calls == ["read"]


def test_a_text_that_is_no_point_is_a_warning(pipeline: Focusing) -> None:
    assert pipeline.store("01", "left") is Outcome.READY

    assert pipeline.rendered == [""]
    assert pipeline.record.warnings == ("invalid_focus",)


def test_a_change_makes_the_renditions_again(pipeline: Focusing) -> None:
    pipeline.store("01", "0,.5")
    pipeline.ask(RIGHT)
    assert focus_of(pipeline.record) == (RIGHT, False)

    pipeline.look()

    assert pipeline.rendered == ["around0x0.5", "around1x0.5"]
    assert focus_of(pipeline.record) == (RIGHT, True)
    assert pipeline.stored_sequencer() == pipeline.record.sequencer > "01"


def test_a_change_is_applied_once(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.look()

    assert pipeline.look() is Outcome.DUPLICATE

    assert len(pipeline.rendered) == 2


def test_a_removed_point_leaves_the_middle_although_the_file_has_one(pipeline: Focusing) -> None:
    pipeline.store("01", "0,.5")
    pipeline.ask(None)
    pipeline.look()

    assert pipeline.rendered[1:] == [""]
    assert focus_of(pipeline.record) == (None, True)


def test_another_recipe_keeps_the_point(pipeline: Focusing) -> None:
    pipeline.store("01", "0,.5")
    pipeline.ask(RIGHT)
    pipeline.look()

    handle_task(SEEN, deployed(pipeline.deps, "p=30x30:cover"))

    assert pipeline.rendered[-1] == "around1x0.5"
    assert focus_of(pipeline.record) == (RIGHT, True)


def test_a_recipe_that_is_changed_with_the_point_applies_with_it(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)

    handle_task(SEEN, deployed(pipeline.deps, "p=30x30:cover"))

    assert pipeline.rendered == ["", "around1x0.5"]
    assert focus_of(pipeline.record) == (RIGHT, True)


def test_the_same_bytes_as_a_new_version_keep_the_point_and_their_renditions(
    pipeline: Focusing,
) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.look()

    pipeline.store("02")

    record = pipeline.record
    assert len(pipeline.rendered) == 2
    assert (record.version_id, focus_of(record)) == ("v02", (RIGHT, True))
    assert "02" < record.sequencer < "020001"


def test_the_same_bytes_with_a_point_of_their_own_get_it(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.look()

    pipeline.store("02", "0,.5")

    assert pipeline.rendered[2:] == ["around0x0.5"]
    assert focus_of(pipeline.record) == (LEFT, True)
    assert pipeline.record.focus_change is None


def test_the_same_bytes_apply_a_change_that_waits(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)

    pipeline.store("02")

    assert pipeline.rendered == ["", "around1x0.5"]
    assert focus_of(pipeline.record) == (RIGHT, True)


def test_other_bytes_lose_the_point(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.look()

    pipeline.store("02", data=jpeg(50, 40))

    assert pipeline.rendered[-1] == ""
    assert (focus_of(pipeline.record), pipeline.record.sequencer) == ((None, True), "02")


def test_a_deleted_image_loses_the_point(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    handle_task(removed(sequencer="02"), pipeline.deps)

    pipeline.store("03")

    assert focus_of(pipeline.record) == (None, True)


def test_an_event_that_is_delivered_again_after_a_change_is_announced_and_changes_nothing(
    pipeline: Focusing,
) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.look()
    pipeline.clear_logs()

    again = pipeline.handle(pipeline.originals.heads["a.jpg"])

    assert again is Outcome.DUPLICATE
    assert pipeline.announced == [pipeline.record]
    assert len(pipeline.rendered) == 2


def test_an_event_that_was_cut_off_stores_under_the_place_of_the_newer_change(
    pipeline: Focusing,
) -> None:
    pipeline.store("01", "0,.5")
    late = pipeline.originals.add(created(sequencer="02", version_id="v02"), pipeline.data)

    # The point changes while a worker of the event renders.
    pipeline.records.before_put = lambda: pipeline.ask(RIGHT)
    pipeline.handle(late)

    assert focus_of(pipeline.record) == (RIGHT, True)
    assert pipeline.rendered[-1] == "around1x0.5"
    assert pipeline.stored_sequencer() == pipeline.record.sequencer


def test_a_look_for_missing_images_only_keeps_the_waiting_change(pipeline: Focusing) -> None:
    pipeline.store("01")
    pipeline.ask(RIGHT)
    pipeline.renditions.objects.clear()

    pipeline.look(Reconciliation("a.jpg", frozenset({Concern.MISSING})))

    assert pipeline.rendered[-1] == ""
    assert focus_of(pipeline.record) == (RIGHT, False)
    assert "p/a.jpg" in pipeline.renditions.objects
