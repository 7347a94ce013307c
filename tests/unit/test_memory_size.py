"""The reasons for the default memory size of ResizeImageFunction."""

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
def test_the_default_accepts_an_image_of_the_largest_phone_cameras(kind: Kind) -> None:
    assert is_granted(kind, PROMISED_MEGAPIXELS, DEFAULT_MB)


def test_no_smaller_size_accepts_all_of_these_formats() -> None:
    smaller = [size for size in SIZES_MB if size < DEFAULT_MB]

    refused = [kind for kind in PROMISED if not is_granted(kind, PROMISED_MEGAPIXELS, smaller[-1])]

    assert refused
    assert least(PROMISED) == DEFAULT_MB


def test_the_largest_accepted_images_finish_within_the_time_limit() -> None:
    _, _, seconds = slowest(DEFAULT_MB)

    assert seconds < MOST_S
