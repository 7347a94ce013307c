"""The memory that each fact of a header adds to the estimate."""

from dataclasses import replace

import pytest

from imagemill.imaging.facts import Facts
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.sniff import Kind
from imagemill.recipe import Recipe

SIDE = 1000
PIXELS = SIDE * SIDE
# A rendition at full size, so that no pixels are averaged while decoding.
WHOLE = Recipe.parse(f"p={SIDE}")
PLAIN = Facts("bmp", 0, SIDE, SIDE)


def estimate(facts: Facts, recipe: Recipe = WHOLE) -> int:
    return estimate_memory(facts, make_plans(facts, recipe))


def made(facts: Facts, recipe: str) -> int:
    return estimate(facts, Recipe.parse(recipe))


@pytest.mark.parametrize(
    ("mode", "decoded", "is_converted"),
    [
        ("1", 1, 1),
        ("P", 1, 1),
        ("I;16", 2, 1),
        ("I;16B", 2, 1),
        ("L", 1, 0),
        ("RGB", 4, 0),
        ("CMYK", 4, 0),
        ("F", 4, 1),
    ],
)
def test_a_pixel_needs_the_bytes_of_its_mode_and_of_a_converted_copy(
    mode: str, decoded: int, is_converted: int
) -> None:
    recipe = Recipe.parse(f"p={SIDE}:png")
    difference = estimate(replace(PLAIN, mode=mode), recipe) - estimate(PLAIN, recipe)

    assert difference == (decoded + 4 * is_converted - 4) * PIXELS


def test_a_jpeg_with_all_its_colour_needs_twice_the_memory() -> None:
    drawing, grey = replace(PLAIN, mode="P"), replace(PLAIN, mode="I;16")
    # A palette is decoded to one byte per pixel, sixteen bits to two.
    assert estimate(drawing) - estimate(grey) == (12 - 1) * PIXELS


def test_pixels_with_alpha_are_converted() -> None:
    recipe = Recipe.parse(f"p={SIDE}:png")
    difference = estimate(replace(PLAIN, has_alpha=True), recipe) - estimate(PLAIN, recipe)

    assert difference == 4 * PIXELS


def test_the_webp_decoder_needs_twelve_more_bytes_per_pixel() -> None:
    recipe = Recipe.parse(f"p={SIDE}:png")
    webp = replace(PLAIN, format="webp")

    assert estimate(webp, recipe) - estimate(PLAIN, recipe) == 12 * PIXELS


def test_the_decoder_memory_known_from_the_header_is_counted() -> None:
    heavier = replace(PLAIN, decoder_bytes=30)

    assert estimate(heavier) - estimate(PLAIN) == (30 - 4) * PIXELS


def test_the_coefficients_of_a_progressive_jpeg_are_kept_for_every_pixel() -> None:
    jpeg = replace(PLAIN, format="jpeg", max_reduction=8)
    progressive = replace(jpeg, is_progressive=True, coefficient_bytes=3)
    small = "p=100"

    assert made(progressive, small) - made(jpeg, small) == 3 * PIXELS


def test_a_jpeg_is_decoded_at_the_scale_that_is_needed() -> None:
    jpeg = replace(PLAIN, format="jpeg")
    reduced = replace(jpeg, max_reduction=4)

    assert made(jpeg, "p=250") - made(reduced, "p=250") == 4 * (PIXELS - PIXELS // 4)


def test_a_sideways_image_is_decoded_at_the_same_scale() -> None:
    upright = Facts("jpeg", 0, 1200, 800, max_reduction=8)
    sideways = replace(upright, width=800, height=1200, orientation=6)

    assert made(sideways, "p=100x150") == made(upright, "p=150x100")


@pytest.mark.parametrize(
    ("to", "per_pixel"), [("jpeg", 12), ("png", 12), ("webp", 24), ("avif", 48)]
)
def test_encoding_needs_the_bytes_per_pixel_of_its_format(to: str, per_pixel: int) -> None:
    as_jpeg = made(PLAIN, f"p={SIDE}:jpeg")

    assert made(PLAIN, f"p={SIDE}:{to}") - as_jpeg == (per_pixel - 12) * PIXELS


def test_only_the_largest_encoding_counts_because_they_run_one_by_one() -> None:
    alone = made(PLAIN, f"p={SIDE}:avif")
    both = made(PLAIN, f"p={SIDE}:avif, q={SIDE}:jpeg")

    assert both - alone == 4 * PIXELS


@pytest.mark.parametrize("kind", ["gif", "bmp", "webp"])
def test_a_file_that_is_not_copied_counts_once_at_most(kind: Kind) -> None:
    facts = replace(PLAIN, format=kind)

    assert estimate(replace(facts, bytes=10_000_000)) == estimate(facts)


def test_every_image_needs_12_mib_besides_its_pixels() -> None:
    decoded, resized, encoded, kept = 4, 4, 12, 4

    assert estimate(Facts("bmp", 0, 1, 1)) == (12 << 20) + decoded + resized + encoded + kept


def test_the_sandbox_holds_one_resized_image_at_a_time() -> None:
    alone, both = made(PLAIN, "p=300"), made(PLAIN, "p=300, q=200")

    kept = 4 * 200**2
    assert both - alone == kept


def test_an_animation_needs_memory_for_a_canvas() -> None:
    still = replace(PLAIN, format="gif", mode="P")
    animated = replace(still, frames=2)
    first_frame = make_plans(animated, Recipe.parse(f"p={SIDE}:jpeg"))

    difference = estimate_memory(animated, first_frame) - estimate_memory(still, first_frame)

    assert difference == 12 * PIXELS


def test_frames_are_kept_but_no_more_than_three_are_encoded_at_a_time() -> None:
    recipe = Recipe.parse(f"p={SIDE}")
    second, third, fourth, fifth = (
        estimate(replace(PLAIN, format="gif", mode="P", frames=frames), recipe)
        for frames in (2, 3, 4, 5)
    )

    assert fifth - fourth == fourth - third > 0
    assert third - second == fourth - third + 16 * PIXELS


def test_an_averaged_image_keeps_five_source_pixels_per_needed_pixel() -> None:
    small, large = (made(PLAIN, f"p={side}") for side in (100, 200))

    averaged = 4 * 5 * (400**2 - 200**2)
    resized_encoded_and_kept = (4 + 12 + 4) * (200**2 - 100**2)
    assert large - small == averaged + resized_encoded_and_kept


def test_the_memory_of_an_averaged_image_does_not_grow_with_the_original() -> None:
    one, two = (replace(PLAIN, width=side, height=side) for side in (SIDE, 2 * SIDE))

    assert made(two, "p=100") - made(one, "p=100") == 4 * 3 * PIXELS


def test_an_averaged_image_that_is_converted_needs_two_layers_and_two_bands() -> None:
    large = Facts("bmp", 0, 5000, 5000)
    converted = replace(large, mode="F")

    layer, band = 4 * 5 * 200**2, 4 * (1 << 22)
    assert made(converted, "p=100") - made(large, "p=100") == layer + 2 * band


def sandboxed(facts: Facts, recipe: str) -> int:
    return estimate_memory(facts, make_plans(facts, Recipe.parse(recipe)), sandboxed=True)


# JPEG in 4:4:4, and 4:2:0: bytes of coefficients per px.
JPEG = replace(PLAIN, format="jpeg", coefficient_bytes=6)
SUBSAMPLED = replace(JPEG, coefficient_bytes=3)


@pytest.mark.parametrize(
    ("facts", "recipe", "samples"),
    [
        (JPEG, "p=150", 2**2 + 2 * 1**2),
        (JPEG, "p=300:png", 8**2 + 2 * 8**2),
        (SUBSAMPLED, "p=300:png", 8**2 + 8**2 // 2),
        (JPEG, "p=500", 8**2 + 2 * 2**2),
        (SUBSAMPLED, "p=150", 2**2 + 2**2 // 2),
        (SUBSAMPLED, "p=500", 8**2 + 4**2 // 2),
        (replace(JPEG, coefficient_bytes=2), "p=500", 8**2),
    ],
)
def test_the_sandbox_keeps_planes_as_fine_as_the_renditions_need(
    facts: Facts, recipe: str, samples: int
) -> None:
    pixels = make_plans(facts, Recipe.parse(recipe))[0].size
    encoding = (4 + 12 + 4) * pixels.width * pixels.height

    assert sandboxed(facts, recipe) == (12 << 20) + PIXELS * samples // 8**2 + encoding


@pytest.mark.parametrize(
    ("recipe", "more"),
    [
        ("p=150", 2 * (2**2 + 2 * 1**2)),
        ("p=500", 2 * 8 * 8 + 8 + 2 * 2 * 2**2),
    ],
)
def test_the_sandbox_keeps_coefficients_of_a_progressive_jpeg(recipe: str, more: int) -> None:
    progressive = replace(JPEG, is_progressive=True)

    assert sandboxed(progressive, recipe) - sandboxed(JPEG, recipe) == PIXELS * more // 8**2


def test_the_sandbox_needs_the_same_memory_for_a_sideways_image() -> None:
    upright = Facts("jpeg", 0, 1200, 800)
    sideways = replace(upright, width=800, height=1200, orientation=6)

    assert sandboxed(sideways, "p=100x150") == sandboxed(upright, "p=150x100")


@pytest.mark.parametrize(("width", "height"), [(1000, 10), (10, 1000)])
def test_the_sandbox_decodes_at_the_larger_scale_of_the_two_sides(width: int, height: int) -> None:
    banner = Facts("jpeg", 0, width, height)

    two_eighths = round(width * height * (2**2 + 2 * 1**2) / 8**2)
    assert sandboxed(banner, "p=126") == (12 << 20) + two_eighths + (4 + 12 + 4) * 126


def test_an_image_that_is_decoded_in_bands_needs_one_more_band() -> None:
    tiff = replace(PLAIN, format="tiff")

    assert estimate(replace(tiff, bytes_per_band=5_000)) - estimate(tiff) == 5_000
