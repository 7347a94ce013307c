import math
from dataclasses import replace

import pytest

from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Size
from imagemill.imaging.plan import make_plans
from imagemill.imaging.plane_sizes import PlaneSizes, is_fine, luma_samples, plane_sizes
from imagemill.recipe import Recipe

# 4:2:0, whose coefficients take three bytes per px.
PHOTO = Facts("jpeg", 3_000_000, 4000, 3000, coefficient_bytes=3)


def sizes(recipe: str, facts: Facts = PHOTO) -> PlaneSizes:
    return plane_sizes(facts, make_plans(facts, Recipe.parse(recipe)))


def test_luma_has_eight_fifths_of_the_pixels_of_the_largest_rendition() -> None:
    assert sizes("500, 1000").luma == Size(1600, 1200)


def test_luma_is_finer_where_means_of_blocks_would_be_enough() -> None:
    assert sizes("300").luma == Size(800, 600)


def test_no_plane_is_larger_than_the_image() -> None:
    assert sizes("3900:png") == PlaneSizes(Size(4000, 3000), Size(4000, 3000))


@pytest.mark.parametrize("recipe", ["1000, 500", "1000:webp, 500", "1000, a=1000:avif:e0"])
def test_chroma_is_halved_if_the_encoder_of_every_rendition_halves_it(recipe: str) -> None:
    assert sizes(recipe).chroma == Size(500, 375)


def test_pixels_need_finer_luma_than_samples() -> None:
    assert sizes("a=500:png, b=1000:webp").luma == Size(1600, 1200)
    assert sizes("a=700:png, b=1000:webp").luma == Size(1750, 1313)
    assert sizes("a=160:png, b=50:png").luma == Size(1000, 750)


@pytest.mark.parametrize(
    ("recipe", "chroma"),
    [
        # Three of eight samples on the side of a block of luma, six of chroma.
        ("600:png", Size(1500, 1125)),
        ("600:jxl, 500", Size(1500, 1125)),
        ("600:webp:quality=auto", Size(1000, 750)),
        ("600:avif", Size(1000, 750)),
        ("300:png", Size(1000, 750)),
    ],
)
def test_chroma_is_as_fine_as_luma_where_pixels_are_needed(recipe: str, chroma: Size) -> None:
    assert sizes(recipe).chroma == chroma


@pytest.mark.parametrize(
    ("coefficient_bytes", "divisor", "times"),
    [(6, 1, 1), (4, 2, 1), (3, 2, 2)],
    ids=["4:4:4", "4:2:2", "4:2:0"],
)
@pytest.mark.parametrize("size", [Size(4000, 3000), Size(4001, 2999), Size(1023, 777)])
@pytest.mark.parametrize("side", [90, 160, 333, 500, 777])
def test_the_samples_of_chroma_match_those_of_luma(
    side: int, size: Size, coefficient_bytes: int, divisor: int, times: int
) -> None:
    facts = replace(
        PHOTO, width=size.width, height=size.height, coefficient_bytes=coefficient_bytes
    )

    wanted = sizes(f"{side}:png", facts)

    luma = kept(wanted.luma, size, 1)
    assert kept(wanted.chroma, size, divisor) == min(8, times * luma)
    assert luma == 8 or times * luma <= 8


def kept(wanted: Size, stored: Size, divisor: int) -> int:
    """Return the samples on the side of a block that the decoder makes for a plane."""
    needed = (
        math.ceil(8 * divisor * wanted.width / stored.width),
        math.ceil(8 * divisor * wanted.height / stored.height),
    )
    most = min(8, max(needed))
    return 8 if most == 7 else most


def test_planes_of_a_sideways_image_are_as_stored() -> None:
    sideways = replace(PHOTO, width=3000, height=4000, orientation=6)

    assert sizes("1000", sideways) == sizes("1000")


@pytest.mark.parametrize(
    ("side", "samples", "fine"), [(300, 2, False), (624, 2, False), (628, 3, True), (3000, 8, True)]
)
def test_more_samples_of_a_block_are_decoded_for_larger_renditions(
    side: int, samples: int, fine: bool
) -> None:
    plans = make_plans(PHOTO, Recipe.parse(str(side)))

    assert luma_samples(PHOTO, plans) == 12_000_000 * samples**2 // 64
    assert is_fine(PHOTO, plans) == fine
