"""Every final state is announced at least once, and no other state is."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions

from imagemill.domain.event import ObjectEvent
from imagemill.errors import Crashed, StoreUnavailable
from imagemill.imaging import Rendered
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome

if TYPE_CHECKING:
    from imagemill.domain.record import ImageRecord


class AnnouncingPipeline:
    """The pipeline with fake stores, and the records that it announced."""

    def __init__(self) -> None:
        self.heard: list[ImageRecord] = []
        self.records = FakeRecords()
        self.originals = FakeOriginals()
        self.renditions = FakeRenditions()
        deps = fake_deps(self.originals, self.records, self.renditions)
        self.deps = replace(deps, announce=self.heard.append)

    def put(self, event: ObjectEvent, data: bytes) -> ObjectEvent:
        return self.originals.add(event, data)

    @property
    def states(self) -> list[str]:
        return [record.status for record in self.heard]


@pytest.fixture
def pipeline() -> AnnouncingPipeline:
    return AnnouncingPipeline()


def test_a_ready_image_is_announced_with_its_record(pipeline: AnnouncingPipeline) -> None:
    handle_task(pipeline.put(created(), jpeg()), pipeline.deps)

    assert pipeline.heard == list(pipeline.records.items.values())
    assert pipeline.states == ["ready"]


def test_rejected_and_deleted_images_are_announced(pipeline: AnnouncingPipeline) -> None:
    handle_task(pipeline.put(created(), b"words"), pipeline.deps)
    handle_task(removed(), pipeline.deps)

    assert pipeline.states == ["rejected", "deleted"]


def test_a_duplicate_is_announced_again(pipeline: AnnouncingPipeline) -> None:
    event = pipeline.put(created(), jpeg())

    handle_task(event, pipeline.deps)
    outcome = handle_task(event, pipeline.deps)
    handle_task(removed(), pipeline.deps)
    handle_task(removed(), pipeline.deps)

    assert outcome is Outcome.DUPLICATE
    assert pipeline.states == ["ready", "ready", "deleted", "deleted"]


def test_a_superseded_event_is_not_announced(pipeline: AnnouncingPipeline) -> None:
    handle_task(removed(sequencer="02"), pipeline.deps)

    handle_task(pipeline.put(created(sequencer="01"), jpeg()), pipeline.deps, attempt=2)

    assert pipeline.states == ["deleted"]


def test_a_failure_is_announced_after_the_last_attempt(pipeline: AnnouncingPipeline) -> None:
    event = pipeline.put(created(), jpeg())
    broken = replace(pipeline.deps, render=_unavailable)

    for attempt in (1, 2, 3, 4):
        with pytest.raises(StoreUnavailable):
            handle_task(event, broken, attempt)

    assert [(r.status, r.error.code) for r in pipeline.heard if r.error] == [
        ("failed", "store_unavailable")
    ]


def test_a_killed_last_attempt_is_announced_by_the_next_delivery(
    pipeline: AnnouncingPipeline,
) -> None:
    event = pipeline.put(created(), jpeg())
    with pytest.raises(KeyboardInterrupt):
        handle_task(event, replace(pipeline.deps, render=_killed), attempt=4)
    told_by_the_dead = list(pipeline.heard)

    with pytest.raises(Crashed):
        handle_task(event, pipeline.deps, attempt=5)

    assert told_by_the_dead == []
    assert [(r.status, r.error.code) for r in pipeline.heard if r.error] == [("failed", "crashed")]
    assert pipeline.renditions.objects == {}


def test_a_last_attempt_that_succeeds_announces_only_ready(pipeline: AnnouncingPipeline) -> None:
    handle_task(pipeline.put(created(), jpeg()), pipeline.deps, attempt=4)

    assert pipeline.states == ["ready"]


def test_a_delivery_after_the_last_is_handled_if_no_attempt_was_made(
    pipeline: AnnouncingPipeline,
) -> None:
    outcome = handle_task(pipeline.put(created(), jpeg()), pipeline.deps, attempt=5)

    assert (outcome, pipeline.states) == (Outcome.READY, ["ready"])


def test_a_failed_overwrite_removes_the_old_rendition(pipeline: AnnouncingPipeline) -> None:
    handle_task(pipeline.put(created(sequencer="01", version_id="v1"), jpeg()), pipeline.deps)
    event = pipeline.put(created(sequencer="02", version_id="v2"), jpeg(30, 20))

    with pytest.raises(StoreUnavailable):
        handle_task(event, replace(pipeline.deps, render=_unavailable), attempt=4)

    assert pipeline.states == ["ready", "failed"]
    assert pipeline.renditions.objects == {}


def _killed(*_: object) -> Rendered:
    raise KeyboardInterrupt


def _unavailable(*_: object) -> Rendered:
    raise StoreUnavailable("S3 answered InternalError to GetObject")
