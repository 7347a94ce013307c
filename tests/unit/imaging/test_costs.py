"""CPU time is estimated from the header, and images over its limit are refused."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from PIL import Image

from imagemill.errors import OverBudget
from imagemill.imaging import Limits, probe, render
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
DEFAULT = Recipe.parse("500")
FILES: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95},
    "PNG": {},
    "WEBP": {"quality": 95, "method": 0},
    "GIF": {},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "JPEG2000": {},
    "AVIF": {"speed": 10, "quality": 90},
}


def estimate(facts: Facts, recipe: Recipe = DEFAULT) -> float:
    return estimate_cpu_s(facts, make_plans(facts, recipe))


@pytest.mark.parametrize("to", FILES)
def test_the_estimate_is_not_below_the_time_used(
    to: str, save: Save, noise: Callable[[int, int], Image.Image]
) -> None:
    data = save(noise(1200, 900), to, **FILES[to])
    most = estimate(probe(data)) * 1.2

    # The first time may include loading a library; the machine may be busy at the others.
    assert any(cpu_of(data) <= most for _ in range(4))


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "JPEG2000", "AVIF"])
def test_an_image_that_would_take_too_long_is_refused(to: str, save: Save) -> None:
    data = save(Image.new("RGB", (64, 48)), to)

    with pytest.raises(OverBudget, match="CPU time"):
        render(data, DEFAULT, Limits(max_cpu_s=0.05))


def test_more_pixels_bytes_and_work_known_from_the_header_take_longer() -> None:
    growing = [
        Facts("png", 1_000_000, 1000, 1000),
        Facts("png", 1_000_000, 2000, 2000),
        Facts("png", 9_000_000, 2000, 2000),
        Facts("png", 9_000_000, 2000, 2000, extra_cpu_s=1.5),
    ]

    assert all(less < more for less, more in pairwise(map(estimate, growing)))


@pytest.mark.parametrize(
    "facts",
    [
        Facts("png", 90 << 20, 10_000, 10_000, mode="RGBA", has_alpha=True),
        Facts("jpeg", 60 << 20, 16_320, 12_240, max_reduction=8),
        Facts("jpeg", 50 << 20, 10_000, 10_000, max_reduction=8, is_progressive=True),
        Facts("jp2", 40 << 20, 6000, 4000, max_reduction=8),
        Facts("heic", 12 << 20, 8000, 6000),
        Facts("tiff", 99 << 20, 10_000, 10_000),
    ],
)
def test_the_largest_photographs_fit_the_default_time(facts: Facts) -> None:
    assert estimate(facts) < Limits().max_cpu_s


def test_reduced_decoding_of_jpeg_2000_takes_less() -> None:
    facts = Facts("jp2", 40 << 20, 6000, 4000, max_reduction=8)

    assert estimate(facts) < estimate(facts, Recipe.parse("3000:webp"))


def cpu_of(data: bytes) -> float:
    began = time.process_time()
    render(data, DEFAULT)
    return time.process_time() - began
