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


@pytest.mark.parametrize("recipe", ["1000, 500", "1000:webp, 500"])
def test_chroma_is_halved_if_the_encoder_of_every_rendition_halves_it(recipe: str) -> None:
    assert sizes(recipe).chroma == Size(500, 375)


@pytest.mark.parametrize("recipe", ["1000:png", "1000:webp:quality=auto", "1000, a=1000:avif"])
def test_chroma_is_finer_than_the_output_if_another_format_shows_it(recipe: str) -> None:
    assert sizes(recipe).chroma == Size(1500, 1125)


@pytest.mark.parametrize(
    ("coefficient_bytes", "chroma"),
    [(6, Size(800, 600)), (3, Size(450, 338))],
    ids=["4:4:4", "4:2:0"],
)
def test_chroma_is_finer_still_where_means_of_its_blocks_would_be_enough(
    coefficient_bytes: int, chroma: Size
) -> None:
    facts = replace(PHOTO, coefficient_bytes=coefficient_bytes)

    assert sizes("300:png", facts).chroma == chroma


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
