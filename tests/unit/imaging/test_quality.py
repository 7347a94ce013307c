"""Quality is read from the tables of a JPEG, and lowered no further than necessary."""

from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image

from imagemill.imaging import Rendered, probe, render
from imagemill.imaging.quality import (
    estimate_quality,
    fit_quality,
    highest_quality,
    max_attempts,
)
from imagemill.recipe import Recipe

Draw = Callable[[int, int], Image.Image]
TAKES_4_BYTES_A_STEP = [4 * quality for quality in range(101)]


class Encoder:
    """An encoder that returns files of known sizes and records the requested qualities."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes
        self.tried: list[int] = []

    def __call__(self, quality: int) -> bytes:
        self.tried.append(quality)
        return bytes(self.sizes[quality])


def photo(width: int, height: int) -> Image.Image:
    """Return an image whose file size depends on the quality as for a photo."""
    return jpegs.scene(width, height)


def made(data: bytes, recipe: str) -> Rendered:
    return render(data, Recipe.parse(recipe))


@pytest.mark.parametrize("quality", [20, 35, 50, 65, 75, 82, 90, 95, 99])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality: int) -> None:
    data = jpegs.save(photo(64, 48), quality=quality)

    assert probe(data).quality == pytest.approx(quality, abs=1)


def test_other_formats_have_no_quality_to_read() -> None:
    file = BytesIO()
    photo(64, 48).save(file, "WEBP")

    assert probe(file.getvalue()).quality is None


@pytest.mark.parametrize("tables", [{}, {1: [16] * 64}, {0: []}])
def test_without_a_luminance_table_the_quality_is_unknown(tables: dict[int, list[int]]) -> None:
    assert estimate_quality(tables) is None


@pytest.mark.parametrize("step", [0, 1, 255, 65_535])
def test_any_table_has_a_quality(step: int) -> None:
    assert 1 <= (estimate_quality({0: [step] * 64}) or 0) <= 100


@pytest.mark.parametrize("max_bytes", [165, 200, 240, 280, 300, 319, 327])
def test_the_search_comes_near_the_highest_quality_that_fits(max_bytes: int) -> None:
    encoder = Encoder(TAKES_4_BYTES_A_STEP)

    found = fit_quality(encoder, 328, max_bytes, (40, 82), 4)

    assert found is not None
    assert 0.85 * max_bytes <= len(found) <= max_bytes
    assert len(encoder.tried) <= 4


def test_the_lowest_quality_is_tried_before_giving_up() -> None:
    encoder = Encoder(TAKES_4_BYTES_A_STEP)

    assert fit_quality(encoder, 328, 159, (40, 82), 4) is None
    assert min(encoder.tried) == 40
    assert len(encoder.tried) <= 4


@pytest.mark.parametrize("attempts", [0, 1, 2, 3, 4])
def test_no_more_is_encoded_than_allowed(attempts: int) -> None:
    encoder = Encoder([1_000] * 101)

    assert fit_quality(encoder, 1_001, 100, (1, 95), attempts) is None
    assert len(encoder.tried) <= attempts


def test_no_quality_is_tried_twice() -> None:
    encoder = Encoder([100] * 60 + [1_000] * 41)

    assert fit_quality(encoder, 1_000, 100, (40, 82), 50) == bytes(100)
    assert len(encoder.tried) == len(set(encoder.tried))


def test_a_quality_that_is_low_already_is_not_lowered() -> None:
    assert fit_quality(Encoder(TAKES_4_BYTES_A_STEP), 120, 100, (40, 30), 4) is None


def test_larger_images_get_fewer_attempts() -> None:
    assert [max_attempts(pixels) for pixels in (1, 250_000, 2_000_000, 9_000_000, 50_000_000)] == [
        4,
        4,
        2,
        1,
        0,
    ]
    assert [max_attempts(pixels, has_budget=True) for pixels in (1, 9_000_000, 50_000_000)] == [
        4,
        3,
        3,
    ]


@pytest.mark.parametrize("recipe", ["500", "500:webp", "500:avif", "500:jpeg:q90"])
@pytest.mark.parametrize("quality", [15, 30, 50])
@pytest.mark.parametrize("width", [510, 640, 800])
def test_a_smaller_rendition_of_a_low_quality_photo_has_no_more_bytes(
    width: int, quality: int, recipe: str
) -> None:
    data = jpegs.save(photo(width, width * 3 // 4), quality=quality)

    rendered = made(data, recipe)

    assert len(rendered.renditions[0].data) <= len(data)
    assert rendered.warnings == ()


@pytest.mark.parametrize("to", ["WEBP", "AVIF"])
def test_smaller_renditions_of_other_lossy_originals_have_no_more_bytes(to: str) -> None:
    file = BytesIO()
    photo(520, 390).save(file, to, quality=45)

    assert len(made(file.getvalue(), "500").renditions[0].data) <= len(file.getvalue())


def test_a_photo_of_high_quality_is_encoded_at_the_default_quality() -> None:
    data = jpegs.save(photo(800, 600), quality=92)

    small = Image.open(BytesIO(made(data, "500").renditions[0].data))

    assert estimate_quality(small.quantization) == 82  # type: ignore[attr-defined]


def test_a_rendition_larger_than_the_original_gives_a_warning(noise: Draw) -> None:
    data = jpegs.save(noise(80, 60), quality=10)

    rendered = made(data, "500:png")

    assert len(rendered.renditions[0].data) > len(data)
    assert rendered.warnings == ("larger_than_original",)


def test_quality_stays_if_lowering_it_does_not_help(noise: Draw) -> None:
    fax = noise(30, 20).convert("1").resize((600, 400), Image.Resampling.NEAREST)
    file = BytesIO()
    fax.save(file, "TIFF", compression="group4")

    rendered = made(file.getvalue(), "410:jpeg")

    small = Image.open(BytesIO(rendered.renditions[0].data))
    assert estimate_quality(small.quantization) == 92  # type: ignore[attr-defined]
    assert rendered.warnings == ("larger_than_original",)


@pytest.mark.parametrize("recipe", ["500:webp", "500:jpeg"])
def test_a_colour_tag_is_left_out_if_the_file_would_grow(recipe: str) -> None:
    file = BytesIO()
    Image.new("RGB", (48, 48), (200, 100, 50)).save(file, "PNG")
    data = file.getvalue().ljust(700, b"\0")

    rendition = made(data, recipe).renditions[0]

    assert len(rendition.data) <= len(data)
    assert Image.open(BytesIO(rendition.data)).getpixel((9, 9)) == pytest.approx(
        (200, 100, 50), abs=4
    )


def test_a_smaller_rendition_keeps_its_colour_tag_if_it_fits_into_a_packet() -> None:
    file = BytesIO()
    Image.new("RGB", (48, 48), (200, 100, 50)).save(file, "PNG")

    rendered = made(file.getvalue(), "24:jpeg")

    assert "icc_profile" in Image.open(BytesIO(rendered.renditions[0].data)).info
    assert rendered.warnings == ()


def test_webp_is_lossless_if_only_that_fits(noise: Draw) -> None:
    file = BytesIO()
    noise(64, 64).quantize(4).save(file, "PNG", bits=2)

    rendition = made(file.getvalue(), "500:webp").renditions[0]

    assert len(rendition.data) <= len(file.getvalue())
    assert b"VP8L" in rendition.data


@pytest.mark.parametrize(
    ("to", "same"),
    [("jpeg", (20, 40, 60, 80)), ("webp", (13, 43, 65, 83)), ("avif", (26, 44, 52, 64))],
)
def test_at_the_same_size_a_format_looks_at_most_like_the_original(
    to: str, same: tuple[int, ...]
) -> None:
    assert tuple(highest_quality(quality, 1, to) for quality in (20, 40, 60, 80)) == same


@pytest.mark.parametrize("to", ["jpeg", "webp", "avif"])
@pytest.mark.parametrize("quality", [1, 5, 30, 82, 95, 99, 100])
def test_the_limit_rises_with_the_size_that_is_lost(quality: int, to: str) -> None:
    limits = [highest_quality(quality, shrinking, to) for shrinking in (1, 1.25, 2, 4, 100)]

    assert limits == sorted(limits)
    assert 1 <= limits[0] <= limits[-1] <= 100


@pytest.mark.parametrize(("recipe", "most"), [("800", 41), ("600", 52), ("800:jpeg:q90", 41)])
def test_a_photo_of_low_quality_stays_one(recipe: str, most: int) -> None:
    data = jpegs.save(photo(810, 600), quality=40)

    small = Image.open(BytesIO(made(data, recipe).renditions[0].data))

    assert estimate_quality(small.quantization) <= most  # type: ignore[attr-defined, operator]


@pytest.mark.parametrize(("to", "quality"), [("WEBP", 1), ("WEBP", 10), ("AVIF", 10)])
def test_lossy_originals_of_the_lowest_quality_are_not_exceeded(to: str, quality: int) -> None:
    file = BytesIO()
    photo(540, 400).save(file, to, quality=quality)

    rendered = made(file.getvalue(), "500")

    assert len(rendered.renditions[0].data) <= len(file.getvalue())
    assert rendered.warnings == ()


@pytest.mark.parametrize("colours", [2, 4, 16, 256])
@pytest.mark.parametrize("to", ["PNG", "GIF"])
def test_a_drawing_loses_colours_rather_than_gain_bytes(to: str, colours: int) -> None:
    file = BytesIO()
    photo(540, 400).quantize(colours).save(file, to, optimize=True)

    rendered = made(file.getvalue(), "500")

    assert len(rendered.renditions[0].data) <= len(file.getvalue())
    assert rendered.renditions[0].format == to.lower()
    assert rendered.warnings == ()


def test_transparency_stays_if_colours_are_lost() -> None:
    file = BytesIO()
    pixels = photo(540, 400).convert("RGBA")
    pixels.paste((0, 0, 0, 0), (0, 0, 270, 400))
    pixels.quantize(64).save(file, "PNG", optimize=True)

    rendition = made(file.getvalue(), "500").renditions[0]

    assert len(rendition.data) <= len(file.getvalue())
    assert Image.open(BytesIO(rendition.data)).mode == "P"
    small = Image.open(BytesIO(rendition.data)).convert("RGBA")
    assert [small.getpixel((x, 200))[3] for x in (50, 450)] == [0, 255]  # type: ignore[index]


def test_a_format_that_the_preset_names_keeps_its_colours() -> None:
    file = BytesIO()
    photo(540, 400).quantize(4).save(file, "PNG", optimize=True)

    rendered = made(file.getvalue(), "500:png")

    colours = Image.open(BytesIO(rendered.renditions[0].data)).convert("RGB").getcolors(1 << 20)
    assert len(colours or ()) > 16
    assert rendered.warnings == ("larger_than_original",)


def test_a_fax_becomes_a_png() -> None:
    file = BytesIO()
    photo(1200, 900).convert("1", dither=Image.Dither.NONE).save(file, "TIFF", compression="group4")

    assert made(file.getvalue(), "500").renditions[0].format == "png"


@pytest.mark.parametrize(
    ("recipe", "most"),
    [("500:jpeg", 20_000), ("500", 8_000), ("500:webp", 8_000), ("500:avif", 8_000)],
)
def test_the_quality_is_the_best_that_fits_the_budget(recipe: str, most: int) -> None:
    data = jpegs.save(photo(800, 600), quality=95)

    rendered = made(data, f"{recipe}:max={most}")

    assert 0.8 * most < len(rendered.renditions[0].data) <= most
    assert rendered.warnings == ()


def test_a_file_that_fits_the_budget_anyway_stays_as_it_is() -> None:
    data = jpegs.save(photo(800, 600), quality=95)

    files = [made(data, f"x=300{words}").renditions[0].data for words in ("", ":max=1MB")]

    assert files[0] == files[1]


@pytest.mark.parametrize("to", ["jpeg", "webp"])
def test_a_budget_that_no_file_fits_gives_the_smallest_and_a_warning(to: str, noise: Draw) -> None:
    data = jpegs.save(noise(300, 200), quality=95)

    rendered = made(data, f"200:{to}:max=400")

    assert (
        400
        < len(rendered.renditions[0].data)
        < 0.5 * len(made(data, f"200:{to}").renditions[0].data)
    )
    assert rendered.warnings == ("over_max_bytes",)


def test_a_png_loses_colours_to_fit_a_budget() -> None:
    data = jpegs.save(photo(400, 300), quality=95)

    rendered = made(data, "200:png:max=9kB")

    assert len(rendered.renditions[0].data) <= 9_000
    assert Image.open(BytesIO(rendered.renditions[0].data)).mode == "P"


def test_a_copy_of_the_original_must_fit_the_budget_too() -> None:
    data = jpegs.save(photo(400, 300), quality=50)

    rendered = made(data, f"500:max={len(data) // 2}")

    assert len(rendered.renditions[0].data) <= len(data) // 2
