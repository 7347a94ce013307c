"""Requests for variants over fakes: every path, and the races with deletions and overwrites."""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fakes import raw_files
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import ArchivedOriginals, unavailable
from fakes.transform import Transforms
from fakes.variants import request_of
from PIL import Image

from imagemill.domain.event import Focus
from imagemill.domain.record import precedence_of
from imagemill.domain.record_focus import with_focus
from imagemill.domain.rendition_metadata import RenditionMetadata, of_deletion
from imagemill.errors import (
    Gone,
    NotFound,
    NotReady,
    OriginalArchived,
    OverBudget,
    StoreUnavailable,
    Throttled,
    TooManyBytes,
)
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.pipeline.handle_task import handle_task
from imagemill.transform import serve
from imagemill.transform.serve import MAX_ROUNDS, STORED
from imagemill.transform.source import ORIGINAL

REQUEST = request_of("a.jpg", "40x.webp")


@pytest.fixture
def transforms() -> Transforms:
    """Return requests for an image of 120 × 80 px that is ready."""
    made = Transforms()
    made.put()
    return made


def size_of(data: bytes | None) -> tuple[int, int]:
    return Image.open(io.BytesIO(data or b"")).size


def test_a_variant_is_made_from_the_original_and_stored(transforms: Transforms) -> None:
    answer = transforms.get("40x.webp")

    stored, metadata = transforms.pipeline.renditions.objects[REQUEST.key]
    assert (answer.source, answer.content_type, size_of(answer.data)) == (
        ORIGINAL,
        "image/webp",
        (40, 27),
    )
    assert answer.data == stored
    assert metadata == RenditionMetadata(
        precedence_of(transforms.pipeline.record),
        "image/webp",
        answer.disposition,
        "v1",
        {"2": "full/40,/0/default.webp", "3": "full/40,27/0/default.webp"},
    )


def test_a_variant_of_a_camera_raw_file_is_made_of_its_preview(transforms: Transforms) -> None:
    limits = replace(DEFAULT_LIMITS, camera_raw=True)
    transforms.pipeline.deps = replace(transforms.pipeline.deps, limits=limits)
    transforms.with_deps(limits=limits)
    transforms.put(raw_files.cr2(jpeg(1200, 800), jpeg(160, 120), {}))

    variant = transforms.get("60x.webp")

    assert variant.data is not None
    assert Image.open(io.BytesIO(variant.data)).size == (60, 40)


def test_the_file_is_named_after_the_original(transforms: Transforms) -> None:
    assert 'filename="a.webp"' in transforms.get("40x.webp").disposition


def test_a_stored_variant_is_answered_from_the_bucket(transforms: Transforms) -> None:
    first = transforms.get("40x.webp")

    second = transforms.get("40x.webp")

    assert (second.source, second.data, second.content_type) == (STORED, first.data, "image/webp")
    assert len(transforms.rendered) == 1


def test_a_miss_makes_few_calls(transforms: Transforms) -> None:
    transforms.pipeline.clear_logs()
    transforms.pipeline.originals.calls.clear()

    transforms.get("40x.webp")

    assert transforms.pipeline.records.calls == ["get", "get"]
    assert transforms.registry.calls == ["register"]
    assert transforms.pipeline.originals.calls == ["read"]
    assert transforms.pipeline.renditions.calls == ["put"]


def test_a_small_variant_is_made_from_a_rendition(transforms: Transforms) -> None:
    transforms.pipeline.originals.calls.clear()

    answer = transforms.get("5x.webp")

    rendition, _ = transforms.pipeline.renditions.objects["p/a.jpg"]
    assert (answer.source, size_of(answer.data)) == ("p", (5, 3))
    assert transforms.rendered[0][0] == rendition
    assert transforms.pipeline.originals.calls == []


def test_a_rendition_of_another_version_is_not_used(transforms: Transforms) -> None:
    data, metadata = transforms.pipeline.renditions.objects["p/a.jpg"]
    older = replace(metadata, precedence=replace(metadata.precedence, sequencer="00"))
    transforms.pipeline.renditions.objects["p/a.jpg"] = (data, older)

    transforms.get("5x.webp")

    assert transforms.rendered[0][0] == jpeg(120, 80)


def test_a_missing_rendition_is_replaced_by_the_original(transforms: Transforms) -> None:
    del transforms.pipeline.renditions.objects["p/a.jpg"]

    assert size_of(transforms.get("5x.webp").data) == (5, 3)


def test_the_original_is_never_enlarged(transforms: Transforms) -> None:
    assert size_of(transforms.get("2560x.webp").data) == (120, 80)


def test_an_unknown_image_is_not_registered(transforms: Transforms) -> None:
    with pytest.raises(NotFound):
        transforms.get("40x.webp", key="unknown.jpg")

    assert transforms.registry.calls == []


def test_a_deleted_image_is_gone(transforms: Transforms) -> None:
    handle_task(removed(), transforms.pipeline.deps)

    with pytest.raises(Gone):
        transforms.get("40x.webp")


def test_an_original_whose_version_is_gone_is_not_ready(transforms: Transforms) -> None:
    transforms.pipeline.originals.versions.clear()

    with pytest.raises(NotReady, match="has changed"):
        transforms.get("40x.webp")


def test_an_original_over_the_limit_is_not_downloaded(transforms: Transforms) -> None:
    transforms.with_deps(limits=replace(DEFAULT_LIMITS, max_bytes=100))
    transforms.pipeline.originals.calls.clear()

    with pytest.raises(TooManyBytes):
        transforms.get("40x.webp")

    assert transforms.pipeline.originals.calls == []


def test_an_archived_original_is_reported(transforms: Transforms) -> None:
    transforms.with_deps(originals=ArchivedOriginals())

    with pytest.raises(OriginalArchived):
        transforms.get("40x.webp")


def test_a_large_variant_is_stored_and_not_returned(
    transforms: Transforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MAX_ANSWER_BYTES", 10)

    answers = [transforms.get("40x.webp"), transforms.get("40x.webp")]

    assert [(answer.source, answer.data) for answer in answers] == [
        (ORIGINAL, None),
        (STORED, None),
    ]
    assert REQUEST.key in transforms.pipeline.renditions.objects


@pytest.mark.parametrize("fault", [OverBudget("too much"), StoreUnavailable("no answer")])
def test_after_a_failure_the_next_request_tries_at_once(
    transforms: Transforms, fault: Exception
) -> None:
    def fail() -> None:
        raise fault

    transforms.while_rendering = fail
    with pytest.raises(type(fault)):
        transforms.get("40x.webp")

    assert transforms.get("40x.webp").source == ORIGINAL
    assert transforms.clock.ms == 0


def test_a_request_waits_for_another_that_makes_the_variant(transforms: Transforms) -> None:
    transforms.registry.acquire(
        REQUEST, transforms.pipeline.record.sequencer, transforms.clock.now_s(), 2
    )
    other = Transforms()
    other.put()

    def store() -> None:
        other.get("40x.webp")
        stored = other.pipeline.renditions.objects[REQUEST.key]
        transforms.pipeline.renditions.objects[REQUEST.key] = stored

    transforms.clock.meanwhile = store
    answer = transforms.get("40x.webp")

    assert (answer.source, transforms.rendered, transforms.clock.ms) == (STORED, [], 200)


def test_after_two_seconds_a_request_makes_the_variant_itself(transforms: Transforms) -> None:
    transforms.registry.acquire(
        REQUEST, transforms.pipeline.record.sequencer, transforms.clock.now_s(), 2
    )

    answer = transforms.get("40x.webp")

    assert answer.source == ORIGINAL
    assert 2_000 < transforms.clock.ms <= 3_200


def test_the_second_maker_of_a_slow_variant_is_the_last(transforms: Transforms) -> None:
    sequencer, later = transforms.pipeline.record.sequencer, []
    transforms.registry.acquire(REQUEST, sequencer, transforms.clock.now_s(), 2)

    def ask_ten_seconds_later() -> None:
        now_s = transforms.clock.now_s() + 10
        later.append(transforms.registry.acquire(REQUEST, sequencer, now_s, 2))

    transforms.while_rendering = ask_ten_seconds_later
    transforms.get("40x.webp")

    assert later == [False]


def test_a_request_gives_up_when_nobody_makes_the_variant(transforms: Transforms) -> None:
    transforms.registry.acquire(
        REQUEST, transforms.pipeline.record.sequencer, transforms.clock.now_s(), 60
    )

    with pytest.raises(Throttled):
        transforms.get("40x.webp")

    assert transforms.clock.ms == MAX_ROUNDS * 200


def test_a_hundred_requests_at_once_make_one_rendering(transforms: Transforms) -> None:
    are_all_here = threading.Barrier(100)
    transforms.while_rendering = lambda: time.sleep(0.05)
    transforms.with_deps(pause=lambda _: time.sleep(0.01))

    def ask(_: int) -> bytes | None:
        are_all_here.wait(10)
        return transforms.get("40x.webp").data

    with ThreadPoolExecutor(100) as pool:
        answers = set(pool.map(ask, range(100)))

    assert len(answers) == 1
    assert len(transforms.rendered) == 1


def test_a_variant_without_a_focus_shows_the_focal_point_of_the_renditions(
    transforms: Transforms,
) -> None:
    records = transforms.pipeline.records
    records.items[REQUEST.image_id] = replace(transforms.pipeline.record, focus=Focus(1, 0.5))
    # A worker has not yet applied it.
    records.put(with_focus(transforms.pipeline.record, Focus(0, 0.5)))

    for canonical in ("40x40_cover.jpg", "40x40_cover_focus0.5x0.5.jpg", "40x.webp"):
        transforms.get(canonical)

    assert [recipe.split(":", 3)[3:] for _, recipe in transforms.rendered] == [
        ["around1x0.5"],
        ["focus0.5x0.5"],
        [],
    ]


def test_a_deletion_while_rendering_leaves_nothing(transforms: Transforms) -> None:
    def delete() -> None:
        handle_task(removed(), transforms.pipeline.deps)
        for key in transforms.registry.registered(REQUEST.image_id):
            transforms.pipeline.renditions.remove(key, of_deletion("02"))

    transforms.while_rendering = delete
    with pytest.raises(Gone):
        transforms.get("40x.webp")

    assert REQUEST.key not in transforms.pipeline.renditions.objects


def test_an_overwrite_while_rendering_gives_the_new_version(transforms: Transforms) -> None:
    def overwrite() -> None:
        transforms.put(jpeg(90, 30), created(sequencer="02", version_id="v2"))
        precedence = replace(precedence_of(transforms.pipeline.record), deployed_at=0, recipe="")
        transforms.pipeline.renditions.remove(REQUEST.key, precedence)

    transforms.while_rendering = overwrite
    answer = transforms.get("40x.webp")

    assert (answer.record.version_id, size_of(answer.data)) == ("v2", (40, 13))


def test_an_overwrite_before_the_lease_gives_the_new_version(transforms: Transforms) -> None:
    transforms.registry.before = lambda: transforms.put(
        jpeg(90, 30), created(sequencer="02", version_id="v2")
    )

    answer = transforms.get("40x.webp")

    assert (answer.record.version_id, size_of(answer.data)) == ("v2", (40, 13))
    assert len(transforms.rendered) == 1


def test_a_deletion_between_the_reads_of_the_record_is_seen(transforms: Transforms) -> None:
    transforms.registry.after = lambda: handle_task(removed(), transforms.pipeline.deps)

    with pytest.raises(Gone):
        transforms.get("40x.webp")

    assert transforms.rendered == []


def test_an_unavailable_store_is_reported(transforms: Transforms) -> None:
    transforms.with_deps(render=unavailable)

    with pytest.raises(StoreUnavailable):
        transforms.get("40x.webp")
