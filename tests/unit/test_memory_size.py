"""The default memory of ResizeImageFunction is the least that accepts the promised images."""

import pytest

from benchmarks.grants import (
    PROMISED,
    PROMISED_MEGAPIXELS,
    SIZES_MB,
    Kind,
    is_granted,
    least,
    slowest,
)
from imagemill.local.template import load_template, template_path
from imagemill.pipeline.concurrency import MOST_S

DEFAULT_MB: int = load_template(template_path())["Parameters"]["MemorySize"]["Default"]

pytest.importorskip("pillow_heif")


@pytest.mark.parametrize("kind", PROMISED, ids=lambda kind: kind.name)
def test_an_image_of_the_largest_cameras_is_accepted_by_default(kind: Kind) -> None:
    assert is_granted(kind, PROMISED_MEGAPIXELS, DEFAULT_MB)


def test_no_smaller_memory_size_accepts_all_of_them() -> None:
    smaller = [size for size in SIZES_MB if size < DEFAULT_MB]

    rejected = [kind for kind in PROMISED if not is_granted(kind, PROMISED_MEGAPIXELS, smaller[-1])]

    assert rejected
    assert least(PROMISED) == DEFAULT_MB


def test_the_slowest_of_them_ends_before_the_timeout() -> None:
    _, _, seconds = slowest(DEFAULT_MB)

    assert seconds < MOST_S
