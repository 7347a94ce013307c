import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image

from imagemill.errors import (
    EmptyFile,
    ImageRejected,
    OverBudget,
    TooManyBytes,
    TooManyPixels,
)
from imagemill.imaging import Limits, probe, render
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import fits_animated
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.sniff import Kind
from imagemill.recipe import DEFAULT_RECIPE, Recipe

FEW_BYTES = Limits(max_memory_bytes=24 << 20)
Save = Callable[..., bytes]


def png_of(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with these sides in its header, and only these chunks."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (header, *chunks, (b"IEND", b""))
    )


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(EmptyFile):
        render(b"", DEFAULT_RECIPE)


def test_a_file_of_too_many_bytes_is_refused(save: Save) -> None:
    data = save(Image.new("RGB", (10, 10)), "BMP")

    with pytest.raises(TooManyBytes):
        render(data, DEFAULT_RECIPE, Limits(max_bytes=len(data) - 1))


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000"])
def test_an_image_of_too_many_pixels_is_refused(to: str, save: Save) -> None:
    data = save(Image.new("RGB", (40, 30)), to)

    with pytest.raises(TooManyPixels):
        render(data, DEFAULT_RECIPE, Limits(max_pixels=40 * 30 - 1))


def test_a_side_too_long_is_refused(save: Save) -> None:
    data = save(Image.new("RGB", (200, 1)), "PNG")

    with pytest.raises(TooManyPixels):
        render(data, DEFAULT_RECIPE, Limits(max_side=199))


@pytest.mark.parametrize("to", ["GIF", "WEBP", "PNG"])
def test_an_animation_of_far_too_many_frames_is_shown_by_its_first(to: str, save: Save) -> None:
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in (0, 100, 200)]
    data = save(frames[0], to, save_all=True, append_images=frames[1:])

    rendered = render(data, DEFAULT_RECIPE, Limits(max_frames=1))

    assert rendered.warnings == ("first_frame_only",)
    assert getattr(Image.open(BytesIO(rendered.renditions[0].data)), "n_frames", 1) == 1


@pytest.mark.parametrize("limits", [Limits(max_cpu_s=0.15), Limits(max_memory_bytes=13 << 20)])
def test_an_animation_over_the_total_limits_shows_its_first_frame(
    limits: Limits, save: Save
) -> None:
    frames = [Image.new("L", (150, 150), shade) for shade in range(60)]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:])

    rendered = render(data, Recipe.parse("140"), limits)

    assert rendered.warnings == ("first_frame_only",)


def test_an_animation_stays_within_512_mb_under_any_limit_of_memory() -> None:
    assert fits_animated(400 << 20, 1.0, Limits())
    assert not fits_animated(401 << 20, 1.0, Limits())


def test_an_image_that_needs_too_much_memory_is_refused(save: Save) -> None:
    data = save(Image.new("RGB", (1000, 1000)), "PNG")

    with pytest.raises(OverBudget):
        render(data, DEFAULT_RECIPE, Limits(max_memory_bytes=1 << 20))


def test_a_decompression_bomb_is_refused_before_it_is_decompressed() -> None:
    bomb = png_of(60_000, 60_000, (b"IDAT", zlib.compress(bytes(1 << 20))))
    tracemalloc.start()

    with pytest.raises(TooManyPixels):
        render(bomb, DEFAULT_RECIPE)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 1 << 20


def test_a_webp_bomb_is_refused_before_its_canvas_is_made() -> None:
    body = b"WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0" * 2
    bomb = b"RIFF" + struct.pack("<I", len(body)) + body

    with pytest.raises(TooManyPixels):
        render(bomb, DEFAULT_RECIPE)


def test_text_that_decompresses_to_megabytes_is_not_decompressed() -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(64 << 20))
    pixel = zlib.compress(b"\0\xff\0\0")

    rendered = render(png_of(1, 1, (b"zTXt", text), (b"IDAT", pixel)), DEFAULT_RECIPE)

    assert rendered.colour == "#ff0000"


def test_probing_decodes_no_pixel() -> None:
    facts = probe(png_of(3000, 2000))

    assert (facts.width, facts.height) == (3000, 2000)


def test_a_large_jpeg_needs_little_memory_and_a_large_png_much() -> None:
    jpeg = Facts("jpeg", 20 << 20, 9643, 10_328, max_reduction=8)
    png = Facts("png", 20 << 20, 9643, 10_328)

    estimates = [
        estimate_memory(facts, make_plans(facts, DEFAULT_RECIPE)) >> 20 for facts in (jpeg, png)
    ]

    assert estimates[0] < 150
    assert 400 < estimates[1] < 700


@pytest.mark.parametrize(
    "facts",
    [
        Facts("png", 50 << 20, 10_000, 10_000, mode="RGBA", has_alpha=True),
        Facts("jpeg", 50 << 20, 10_000, 10_000, max_reduction=8, is_progressive=True),
        Facts("heic", 50 << 20, 8000, 6000),
        Facts("tiff", 99 << 20, 10_000, 10_000),
    ],
)
def test_the_largest_photographs_fit_the_default_memory(facts: Facts) -> None:
    estimate = estimate_memory(facts, make_plans(facts, DEFAULT_RECIPE))

    assert estimate < Limits().max_memory_bytes


@pytest.mark.parametrize(
    ("kind", "copies"), [("png", 0), ("tiff", 0), ("jp2", 1), ("jpeg", 1), ("gif", 0)]
)
def test_a_file_that_is_copied_for_its_decoder_counts_into_the_estimate(
    kind: Kind, copies: int
) -> None:
    small = Facts(format=kind, bytes=0, width=1000, height=1000)
    large = replace(small, bytes=10_000_000)

    def estimate(facts: Facts) -> int:
        return estimate_memory(facts, make_plans(facts, DEFAULT_RECIPE))

    assert estimate(large) - estimate(small) == copies * 10_000_000


@pytest.mark.parametrize(
    ("mode", "sampling", "expected"), [("RGB", "4:4:4", 6), ("RGB", "4:2:0", 3), ("L", -1, 2)]
)
def test_subsampled_colour_takes_less_memory_to_decode(
    mode: str, sampling: str | int, expected: int, save: Save
) -> None:
    data = save(Image.new(mode, (64, 64)), "JPEG", progressive=True, subsampling=sampling)

    assert probe(data).coefficient_bytes == expected


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 8, 12, 16, 24, 32])
@pytest.mark.parametrize(
    "to", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "ICO"]
)
def test_a_file_of_few_bytes_is_rejected_with_a_code(to: str, cut: int, save: Save) -> None:
    data = save(Image.new("RGB", (64, 64), "red"), to)

    with pytest.raises(ImageRejected):
        render(data[:cut], DEFAULT_RECIPE)


@pytest.mark.parametrize("is_progressive", [False, True])
def test_a_jpeg_of_the_largest_phones_is_rendered_by_default(is_progressive: bool) -> None:
    pytest.importorskip("wasmtime")
    data = jpegs.flat(16_320, 12_240, is_progressive=is_progressive)

    rendered = render(data, DEFAULT_RECIPE)

    assert (rendered.sandbox, rendered.renditions[0].width) == ("drawn", 500)


@pytest.mark.parametrize("to", ["PNG", "GIF", "TIFF", "BMP", "JPEG2000"])
def test_other_formats_have_a_limit_of_their_own(to: str, save: Save) -> None:
    data = save(Image.new("L", (40, 30)), to)

    with pytest.raises(TooManyPixels, match="1,199"):
        render(data, DEFAULT_RECIPE, Limits(max_whole_pixels=40 * 30 - 1))


@pytest.mark.parametrize(("recipe", "sandboxed"), [("200", False), ("2000", True)])
def test_a_progressive_jpeg_is_refused_if_the_library_would_need_too_much_memory(
    recipe: str, sandboxed: bool
) -> None:
    data = jpegs.flat(3000, 2000, is_progressive=True)

    with pytest.raises(OverBudget):
        render(data, Recipe.parse(recipe), FEW_BYTES, sandboxed=sandboxed)


def test_the_same_jpeg_is_rendered_if_the_sandbox_needs_little_memory() -> None:
    pytest.importorskip("wasmtime")
    data = jpegs.flat(3000, 2000, is_progressive=True)

    assert render(data, Recipe.parse("200"), FEW_BYTES).sandbox == "drawn"


def test_components_in_separate_scans_need_the_memory_of_a_progressive_jpeg() -> None:
    sequential = Facts("jpeg", 1 << 20, 8000, 6000, max_reduction=8)
    buffered = replace(sequential, is_buffered=True)

    low, high = (
        estimate_memory(facts, make_plans(facts, DEFAULT_RECIPE))
        for facts in (sequential, buffered)
    )

    assert high - low == 8000 * 6000 * 6
