"""The default memory of ResizeImageFunction accepts the promised images."""

from pathlib import Path

import pytest
from fakes.template import read_template

from benchmarks.grants import (
    PROMISED,
    PROMISED_MEGAPIXELS,
    Kind,
    is_granted,
    least,
    slowest,
)
from imagemill.pipeline.concurrency import MOST_S

DEFAULT_MB: int = read_template()["Parameters"]["MemorySize"]["Default"]

pytest.importorskip("pillow_heif")


@pytest.mark.parametrize("kind", PROMISED, ids=lambda kind: kind.name)
def test_an_image_of_the_largest_cameras_is_accepted_by_default(kind: Kind) -> None:
    assert is_granted(kind, PROMISED_MEGAPIXELS, DEFAULT_MB)


def test_the_page_names_the_least_memory_that_accepts_all_of_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    enough = least(PROMISED)

    assert enough <= DEFAULT_MB
    assert f"{enough:,} MB already accept" in page


def test_the_slowest_of_them_ends_before_the_timeout() -> None:
    _, _, seconds = slowest(DEFAULT_MB)

    assert seconds < MOST_S
