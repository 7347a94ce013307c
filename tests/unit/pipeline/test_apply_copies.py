"""Tasks for a copy of the same bytes, which keep the renditions."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.aws_clients import FakeDynamoDB, FakeS3
from fakes.events import created
from fakes.images import jpeg
from fakes.pipeline import ArchivedOriginals, Pipeline, deployed
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeRenditions

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.errors import (
    StoreUnavailable,
)
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def test_the_record_of_a_copy_has_the_size_of_the_stored_rendition() -> None:
    s3, deps = _over_the_real_stores()
    data = jpeg()
    for sequencer in ("01", "02"):
        version = s3.put("originals", "a.jpg", data)
        event = replace(
            created(sequencer=sequencer, version_id=version.version_id),
            bytes=len(data),
            etag=version.etag.strip('"'),
        )
        handle_task(event, deps)

    record = deps.records.get(created().id)

    stored = s3.objects["processed", "p/a.jpg"][-1].data
    assert record is not None
    assert (record.sequencer, record.renditions["p"].bytes) == ("02", len(stored or b""))


def test_the_renditions_of_an_archived_copy_keep_their_recipe(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(sequencer="01", version_id="v1"), jpeg())
    handle_task(event, pipeline.deps)
    archived = replace(event, sequencer="02", version_id="v2", etag="other")
    elsewhere = replace(deployed(pipeline.deps, "p=10"), originals=ArchivedOriginals())

    handle_task(archived, elsewhere)

    own_recipe = pipeline.deps.recipes.hash
    metadata = pipeline.renditions.objects["p/a.jpg"][1]
    assert metadata.precedence == Precedence("02", 1, own_recipe)
    assert (pipeline.record.recipe, pipeline.record.deployed_at) == (own_recipe, 1)


def test_a_copy_is_rendered_if_a_rendition_was_replaced_while_it_was_read(
    pipeline: Pipeline,
) -> None:
    data = jpeg()
    pipeline.put(created(sequencer="01"), data)
    copied = pipeline.originals.add(created(sequencer="02", version_id="v2"), data)
    renditions = _Vanishing(pipeline.renditions.objects)

    outcome = handle_task(copied, replace(pipeline.deps, renditions=renditions))

    assert (outcome, pipeline.record.sequencer) == (Outcome.READY, "02")
    assert set(renditions.objects) == {"p/a.jpg"}


def test_a_copy_yields_to_a_newer_event_that_has_stored_and_not_recorded(
    pipeline: Pipeline,
) -> None:
    data = jpeg()
    pipeline.put(created(sequencer="01"), data)
    copied = pipeline.originals.add(created(sequencer="02", version_id="v2"), data)
    renditions = _Overtaken(pipeline.renditions.objects)

    outcome = handle_task(copied, replace(pipeline.deps, renditions=renditions))

    assert (outcome, pipeline.record.sequencer) == (Outcome.SUPERSEDED, "01")


def test_renditions_of_records_without_a_recipe_keep_no_recipe(pipeline: Pipeline) -> None:
    event = pipeline.originals.add(created(sequencer="01", version_id="v1"), jpeg())
    handle_task(event, pipeline.deps)
    _forget_recipe(pipeline)
    archived = replace(event, sequencer="02", version_id="v2", etag="other")

    handle_task(archived, replace(pipeline.deps, originals=ArchivedOriginals()))

    metadata = pipeline.renditions.objects["p/a.jpg"][1]
    assert metadata.precedence == Precedence("02", 0, "")


def test_the_failure_of_a_copy_is_recorded_over_an_older_event_of_other_bytes(
    pipeline: Pipeline,
) -> None:
    data = jpeg()
    pipeline.put(created(sequencer="01"), data)
    copied = pipeline.originals.add(created(sequencer="03", version_id="v3"), data)
    renditions = _Unanswering(pipeline.renditions.objects)
    renditions.before_read = lambda: _put_no_image(pipeline, sequencer="02")

    with pytest.raises(StoreUnavailable):
        handle_task(copied, replace(pipeline.deps, renditions=renditions), attempt=4)

    assert (pipeline.record.status, pipeline.record.sequencer) == ("failed", "03")


class _Unanswering(FakeRenditions):
    """A bucket that fails to answer a read, during which another worker acts."""

    before_read: Callable[[], None]

    def read(self, key: str, state: StoredState) -> bytes | None:
        del key, state
        self.before_read()
        raise StoreUnavailable("no answer")


class _Vanishing(FakeRenditions):
    """A bucket in which a rendition is deleted just before it is read."""

    def read(self, key: str, state: StoredState) -> bytes | None:
        self.objects.pop(key, None)
        return super().read(key, state)


class _Overtaken(FakeRenditions):
    """A bucket in which a newer event stores its rendition while the former is read."""

    def read(self, key: str, state: StoredState) -> bytes | None:
        data = super().read(key, state)
        metadata = self.objects[key][1]
        newer = replace(metadata, precedence=replace(metadata.precedence, sequencer="03"))
        self.objects[key] = (b"newer", newer)
        return data


def _put_no_image(pipeline: Pipeline, sequencer: str) -> None:
    pipeline.put(created(sequencer=sequencer, version_id="v2"), b"words, words")


def _forget_recipe(pipeline: Pipeline) -> None:
    """Leave record and rendition as the first version wrote them."""
    record = replace(pipeline.record, recipe=None)
    pipeline.records.items[record.id] = record
    data, metadata = pipeline.renditions.objects["p/a.jpg"]
    former = replace(metadata, precedence=replace(metadata.precedence, recipe=""))
    pipeline.renditions.objects["p/a.jpg"] = (data, former)


def _over_the_real_stores() -> tuple[FakeS3, PipelineDeps]:
    s3 = FakeS3()
    deps = replace(
        fake_deps(recipe="p=20"),
        records=RecordsTable(FakeDynamoDB(), "records"),  # type: ignore[arg-type]  # a fake
        originals=OriginalsBucket(s3, "originals"),  # type: ignore[arg-type]  # a fake
        renditions=RenditionsBucket(s3, "processed"),  # type: ignore[arg-type]  # a fake
    )
    return s3, deps
