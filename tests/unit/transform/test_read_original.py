"""The original of a variant is read into memory, once for several variants."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.transform import Transforms

from imagemill.errors import Gone
from imagemill.imaging.shared_file import find_file, share_memory
from imagemill.imaging.worker_process import WorkerPool
from imagemill.pipeline.handle_task import handle_task


@pytest.fixture
def transforms() -> Iterator[Transforms]:
    """Return requests for an image that is ready, with the memory of a worker."""
    made = Transforms()
    made.put()
    made.pipeline.originals.calls.clear()
    with closing(WorkerPool("fakes.renderers:digest")) as pool:
        pool.fork()
        made.with_deps(
            share=partial(share_memory, workers=pool), find=partial(find_file, workers=pool)
        )
        yield made


def test_an_original_is_read_into_the_memory_of_a_worker(transforms: Transforms) -> None:
    transforms.get("40x.webp")

    assert transforms.in_memory == [True]
    assert transforms.rendered[0][0] == jpeg(120, 80)


def test_an_original_is_read_as_bytes_without_memory(transforms: Transforms) -> None:
    transforms.with_deps(share=lambda _: None)

    transforms.get("40x.webp")

    assert transforms.in_memory == [False]
    assert transforms.rendered[0][0] == jpeg(120, 80)


def test_a_second_variant_does_not_read_the_original_again(transforms: Transforms) -> None:
    transforms.get("40x.webp")
    transforms.get("60x.webp")

    assert transforms.pipeline.originals.calls == ["read"]
    assert [data for data, _ in transforms.rendered] == [jpeg(120, 80)] * 2


def test_an_original_is_read_again_in_the_next_minute(transforms: Transforms) -> None:
    transforms.get("40x.webp")
    transforms.clock.pause(60)
    transforms.get("60x.webp")

    assert transforms.pipeline.originals.calls == ["read", "read"]


def test_another_original_is_read(transforms: Transforms) -> None:
    transforms.put(jpeg(90, 30), created("b.jpg"))
    transforms.get("40x.webp")
    transforms.get("40x.webp", key="b.jpg")

    assert [data for data, _ in transforms.rendered] == [jpeg(120, 80), jpeg(90, 30)]


def test_an_original_that_was_overwritten_is_read(transforms: Transforms) -> None:
    transforms.get("40x.webp")
    transforms.put(jpeg(90, 30), created(sequencer="02", version_id="v2"))
    transforms.get("60x.webp")

    assert [data for data, _ in transforms.rendered] == [jpeg(120, 80), jpeg(90, 30)]


def test_an_original_in_memory_that_was_deleted_is_gone(transforms: Transforms) -> None:
    transforms.get("40x.webp")
    handle_task(removed(), transforms.pipeline.deps)

    with pytest.raises(Gone):
        transforms.get("60x.webp")
