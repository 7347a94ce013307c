"""Unsigned URLs get few sizes, and keep the usual shapes."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.preset import FITS
from imagemill.requests.ladder import SHAPES, snapped, variant_count
from imagemill.requests.options import WHOLE, normal
from imagemill.requests.route import Rewrite, route
from imagemill.requests.settings import Settings

SETTINGS = Settings(now=0)
FEW = Settings(now=0, widths=(100, 200), qualities=(75,))
sides = st.integers(1, 16_382)


def test_shapes_are_ascending_and_have_their_mirror_image() -> None:
    ratios = [width / height for width, height in SHAPES]

    assert ratios == sorted(ratios)
    assert {(height, width) for width, height in SHAPES} == set(SHAPES)


@given(width=sides, height=sides)
def test_a_box_is_not_above_the_ladder(width: int, height: int) -> None:
    box = snapped(replace(WHOLE, width=width, height=height), SETTINGS)

    assert max(box.width, box.height) in SETTINGS.widths


@given(width=st.integers(1, 2560))
def test_a_width_never_becomes_smaller(width: int) -> None:
    assert snapped(replace(WHOLE, width=width), SETTINGS).width >= width


@given(width=sides, height=sides)
def test_a_box_is_snapped_once(width: int, height: int) -> None:
    once = snapped(replace(WHOLE, width=width, height=height, quality=80), SETTINGS)

    assert snapped(once, SETTINGS) == once


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [96, 640, 1280])
def test_a_usual_shape_stays(shape: tuple[int, int], width: int) -> None:
    height = round(width * shape[1] / shape[0])

    box = snapped(replace(WHOLE, width=width, height=height, fit="cover"), SETTINGS)

    # Each side is rounded to whole px, which moves the ratio of a narrow box by a few percent.
    assert box.width / box.height == pytest.approx(shape[0] / shape[1], rel=0.03)


def paths_of(queries: Iterable[dict[str, object]]) -> set[str]:
    paths = set()
    for pairs in queries:
        query = "&".join(f"{name}={value}" for name, value in pairs.items() if value)
        answer = route("/~/a.jpg", query, "", FEW)
        assert isinstance(answer, Rewrite)
        paths.add(answer.path)
    return paths


def test_an_unsigned_picture_has_exactly_the_counted_boxes_and_codings() -> None:
    sides = (None, *range(1, 260, 12))
    boxes = paths_of(
        {"w": width, "h": height, "fit": fit}
        for width, height in product(sides, repeat=2)
        for fit in ("clip", "min", "scale", "fill")
    )
    codings = paths_of(
        {"w": 100, "q": quality, "fm": fm}
        for quality in (None, 1, 99)
        for fm in (None, "jpg", "png", "webp", "avif", "jxl")
    )

    assert len(boxes) == 2 * 2 + 2 * len(SHAPES) * len(FITS)
    assert len(boxes) * len(codings) == variant_count(FEW)


def test_a_normal_preset_stays_normal() -> None:
    box = snapped(replace(WHOLE, width=300, height=200, fit="cover"), SETTINGS)

    assert normal(box) == box
