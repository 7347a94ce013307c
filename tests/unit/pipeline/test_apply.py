"""Calls to the stores for an action."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.events import created
from fakes.images import jpeg
from fakes.pipeline import ArchivedOriginals, Pipeline, deployed, unavailable
from fakes.pipeline_deps import render_here
from fakes.stores import FakeOriginals, ManualClock

from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import Fault, Original
from imagemill.errors import (
    ImageRejected,
    StoreUnavailable,
)
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe import Recipe


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def test_the_record_has_the_displayed_size_of_the_original(pipeline: Pipeline) -> None:
    data = jpeg(60, 40)

    pipeline.put(created(), data)

    assert pipeline.record.original == Original(len(data), 60, 40, "jpeg", 1)


def test_the_record_has_the_processing_time(pipeline: Pipeline) -> None:
    clock = ManualClock()

    def render_for_5_ms(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        clock.ms += 5
        return render_here(data, recipe, limits, timeout_s)

    deps = replace(pipeline.deps, clock=clock, render=render_for_5_ms)
    handle_task(pipeline.originals.add(created(), jpeg()), deps)

    assert pipeline.record.processing_ms == 5


def test_the_record_has_the_reason_of_a_rejection(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())

    handle_task(event, replace(pipeline.deps, render=_refuse))

    assert pipeline.record.error == Fault("rejected", "too odd")


def test_the_record_has_the_reason_why_an_original_cannot_be_read(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())

    handle_task(event, replace(pipeline.deps, originals=ArchivedOriginals()))

    assert pipeline.record.error == Fault("original_archived", "restore it")


def test_the_record_has_the_error_of_the_last_attempt(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())

    with pytest.raises(StoreUnavailable):
        handle_task(event, replace(pipeline.deps, render=unavailable), attempt=4)

    assert pipeline.record.error == Fault("store_unavailable", "no answer")


def test_the_record_of_a_bug_has_only_the_type_of_the_exception(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())

    with pytest.raises(ZeroDivisionError):
        handle_task(event, replace(pipeline.deps, render=_bug), attempt=4)

    assert pipeline.record.error == Fault("internal", "ZeroDivisionError")


def test_a_file_of_exactly_the_limit_is_downloaded(pipeline: Pipeline) -> None:
    data = jpeg()
    limits = replace(pipeline.deps.limits, max_bytes=len(data))

    outcome = handle_task(pipeline.originals.add(created(), data), _limited(pipeline, limits))

    assert outcome is Outcome.READY


def test_the_error_of_a_file_over_the_limit_has_both_sizes(pipeline: Pipeline) -> None:
    data = jpeg()
    limits = replace(pipeline.deps.limits, max_bytes=10)

    handle_task(pipeline.originals.add(created(), data), _limited(pipeline, limits))

    why = f"expected at most 10 bytes, got {len(data)}"
    assert pipeline.record.error == Fault("too_many_bytes", why)


def test_a_file_without_the_signature_of_an_image_is_not_downloaded_completely(
    pipeline: Pipeline,
) -> None:
    originals = _Beginnings(b"words, words")
    event = replace(created(), bytes=50_000_000)

    handle_task(event, replace(pipeline.deps, originals=originals))

    assert (pipeline.record.status, originals.fetched_whole) == ("rejected", False)


def test_the_record_is_in_progress_before_renditions_of_other_bytes_are_replaced(
    pipeline: Pipeline,
) -> None:
    pipeline.put(created(sequencer="01"))
    pipeline.clear_logs()

    pipeline.put(created(sequencer="02", version_id="v2"), jpeg(30, 20))

    assert pipeline.records.statuses == ["pending", "ready"]


def test_a_first_version_is_written_once(pipeline: Pipeline) -> None:
    pipeline.put(created())

    assert pipeline.records.statuses == ["ready"]


def test_the_record_is_never_in_progress_for_the_same_bytes(pipeline: Pipeline) -> None:
    data = jpeg()
    pipeline.put(created(sequencer="01"), data)
    pipeline.clear_logs()
    copied = pipeline.originals.add(created(sequencer="02", version_id="v2"), data)

    handle_task(copied, deployed(pipeline.deps, "p=10"))

    assert (pipeline.records.statuses, pipeline.record.recipe) == (
        ["ready"],
        Recipe.parse("p=10").hash,
    )


def test_the_last_attempt_is_recorded_first_and_replaces_renditions_at_once(
    pipeline: Pipeline,
) -> None:
    pipeline.put(created(sequencer="01"))
    pipeline.clear_logs()

    pipeline.put(created(sequencer="02", version_id="v2"), jpeg(30, 20), attempt=4)

    assert pipeline.records.statuses == ["pending", "ready"]
    assert pipeline.renditions.calls == ["put"]


def test_a_last_attempt_that_finds_no_image_is_recorded(pipeline: Pipeline) -> None:
    outcome = pipeline.put(created(), b"words, words", attempt=4)

    assert (outcome, pipeline.records.statuses) == (Outcome.REJECTED, ["pending", "rejected"])


def test_a_last_attempt_that_cannot_read_the_original_is_recorded(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())

    outcome = handle_task(event, replace(pipeline.deps, originals=ArchivedOriginals()), attempt=4)

    assert (outcome, pipeline.records.statuses) == (Outcome.FAILED, ["pending", "failed"])


class _Beginnings(FakeOriginals):
    """A bucket of one large file, which shows its beginning first."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self._beginning = beginning
        self.fetched_whole = False

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        del event
        check(self._beginning)
        self.fetched_whole = True
        return self._beginning


def _limited(pipeline: Pipeline, limits: object) -> PipelineDeps:
    return replace(pipeline.deps, limits=limits)  # type: ignore[arg-type]  # Limits


def _bug(*_: object) -> Rendered:
    raise ZeroDivisionError("secret")


def _refuse(*_: object) -> Rendered:
    raise ImageRejected("too odd")
