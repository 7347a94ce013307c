"""Tasks that lose a race to another worker, or end before they are done."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.decisions import LATE_AT, MINE, RECIPE, RULES, facts, ready_record
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import Pipeline, deployed, killed
from fakes.stores import FakeOriginals, FakeRecords

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence, RenditionMetadata
from imagemill.errors import (
    Crashed,
    StoreUnavailable,
    Throttled,
)
from imagemill.pipeline.actions import Make
from imagemill.pipeline.apply import Applier
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import StageTimer

LOOK = Reconciliation("a.jpg", frozenset({Concern.MISSING}))


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def test_a_last_attempt_stores_nothing_if_a_newer_event_is_recorded_first(
    pipeline: Pipeline,
) -> None:
    pipeline.records.before_put = lambda: _delete(pipeline)

    outcome = pipeline.put(created(sequencer="01"), attempt=4)

    assert (outcome, pipeline.record.status) == (Outcome.SUPERSEDED, "deleted")
    assert "put" not in pipeline.renditions.calls


def test_an_event_leaves_no_rendition_if_a_deletion_is_recorded_during_its_work(
    pipeline: Pipeline,
) -> None:
    pipeline.records.before_put = lambda: _delete(pipeline)

    outcome = pipeline.put(created(sequencer="01"))

    assert (outcome, pipeline.record.status) == (Outcome.SUPERSEDED, "deleted")
    assert pipeline.renditions.objects == {}


def test_renditions_that_the_record_of_a_newer_deployment_does_not_list_are_removed() -> None:
    pipeline = Pipeline("p=20, q=10")
    event = pipeline.originals.add(created(), jpeg())
    pipeline.records.before_put = lambda: _ignore(
        handle_task(event, deployed(pipeline.deps, "p=20"))
    )

    outcome = handle_task(event, pipeline.deps)

    assert outcome is Outcome.DUPLICATE
    assert set(pipeline.renditions.objects) == {"p/a.jpg"}


def test_a_task_is_throttled_after_eight_rounds(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(), jpeg())
    deps = replace(pipeline.deps, records=_LostRecords())

    with pytest.raises(Throttled, match=r"^the image was changed by others 8 times in a row$"):
        handle_task(event, deps)


def test_a_failure_that_cannot_be_recorded_is_logged(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    event = pipeline.originals.add(created(), jpeg())
    deps = replace(pipeline.deps, originals=_Silent(), records=_DyingRecords())

    with pytest.raises(StoreUnavailable):
        handle_task(event, deps, attempt=4)

    [line] = caplog.records
    assert (line.message, line.levelno) == ("failure not recorded", logging.ERROR)
    assert line.__dict__["id"] == event.id


def test_giving_up_logs_the_number_of_the_last_attempt(pipeline: Pipeline) -> None:
    event = _killed_at_the_last_attempt(pipeline)

    with pytest.raises(Crashed, match=r"^attempt 4 was the last$"):
        handle_task(event, pipeline.deps, attempt=5)

    assert [record.status for record in pipeline.announced] == ["failed"]
    assert pipeline.records.calls == ["get", "put"]


def test_an_attempt_is_not_given_up_if_another_worker_has_succeeded(pipeline: Pipeline) -> None:
    event = _killed_at_the_last_attempt(pipeline)
    pipeline.records.before_put = lambda: _ignore(handle_task(event, pipeline.deps, attempt=4))

    outcome = handle_task(event, pipeline.deps, attempt=5)

    assert (outcome, pipeline.record.status) == (Outcome.DUPLICATE, "ready")


def test_a_late_event_of_a_deleted_image_stores_no_rendition(pipeline: Pipeline) -> None:
    outcome = handle_task(replace(created(), happened_at=LATE_AT), pipeline.deps)

    assert (outcome, pipeline.records.items) == (Outcome.DUPLICATE, {})


def test_the_expiry_of_an_old_version_does_not_apply_another_recipe(
    pipeline: Pipeline,
) -> None:
    pipeline.put(created(sequencer="05"))
    before = pipeline.record
    expired = removed(sequencer="", change=Change.VERSION_DELETED)

    handle_task(expired, deployed(pipeline.deps, "p=10"))

    assert pipeline.record == before


def test_a_reconciliation_announces_its_result_once(pipeline: Pipeline) -> None:
    pipeline.originals.add(created(), jpeg())

    outcome = handle_task(LOOK, pipeline.deps, attempt=2)

    assert (outcome, pipeline.announced) == (Outcome.READY, [pipeline.record])


def test_a_worker_waits_for_a_newer_deployment_that_has_stored_and_not_recorded(
    pipeline: Pipeline,
) -> None:
    newer = replace(deployed(pipeline.deps, "p=10"), records=_LostRecords())
    event = pipeline.originals.add(created(), jpeg())
    with pytest.raises(Throttled):
        handle_task(event, newer)

    with pytest.raises(Throttled, match=r"^a newer deployment is at work on the same event$"):
        handle_task(event, pipeline.deps)

    assert pipeline.records.items == {}


@pytest.mark.parametrize(("sequencer", "since"), [("06", 7), ("05", 8)])
def test_a_worker_that_finds_a_newer_rendition_and_its_record_starts_again(
    sequencer: str, since: int, pipeline: Pipeline
) -> None:
    record = ready_record(sequencer)
    pipeline.records.put(record)
    pipeline.renditions.objects[MINE] = _rendition(Precedence(sequencer, since, "other"))
    event = pipeline.originals.add(created(sequencer="05"), jpeg())

    outcome = applier(pipeline).apply(Make(event, None), facts())

    assert outcome is None


def test_a_worker_that_finds_a_newer_rendition_and_an_older_record_is_superseded(
    pipeline: Pipeline,
) -> None:
    pipeline.records.put(ready_record("04"))
    pipeline.renditions.objects[MINE] = _rendition(Precedence("06", 7, RECIPE.hash))
    event = pipeline.originals.add(created(sequencer="05"), jpeg())

    outcome = applier(pipeline).apply(Make(event, None), facts())

    assert outcome is Outcome.SUPERSEDED


def applier(pipeline: Pipeline) -> Applier:
    return Applier(pipeline.deps, RULES, 1, StageTimer(pipeline.deps.clock))


class _Silent(FakeOriginals):
    """A bucket that does not answer."""

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        del event, check
        raise StoreUnavailable("no answer")


class _LostRecords(FakeRecords):
    """A table in which every write loses to another worker."""

    def put(self, record: ImageRecord) -> bool:
        del record
        return False


class _DyingRecords(FakeRecords):
    """A table that accepts the record in progress of the last attempt, and fails after that."""

    def get(self, image_id: str) -> ImageRecord | None:
        if self.items:
            raise StoreUnavailable("no answer")
        return super().get(image_id)


def _delete(pipeline: Pipeline) -> None:
    handle_task(removed(sequencer="09"), pipeline.deps)


def _rendition(precedence: Precedence) -> tuple[bytes, RenditionMetadata]:
    return b"newer", RenditionMetadata(precedence, "image/jpeg", "inline")


def _ignore(_: object) -> None:
    """Ignore an outcome."""


def _killed_at_the_last_attempt(pipeline: Pipeline) -> ObjectEvent:
    event = pipeline.originals.add(created(), jpeg())
    with pytest.raises(KeyboardInterrupt):
        handle_task(event, replace(pipeline.deps, render=killed), attempt=4)
    pipeline.clear_logs()
    return event
