"""Compressed rows show the pixels that were given, each row by the filter with the least sum."""

import zlib
from collections.abc import Callable
from io import BytesIO
from random import Random

import pytest
from fakes import pngs
from fakes.pngs import COLOUR, COLOUR_ALPHA, GREY, GREY_ALPHA
from PIL import Image

from imagemill.imaging import fastpng
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.fastpng import Layout, PixelBytes, Rows

LAYOUTS: list[tuple[int, PixelBytes, str]] = [
    (GREY, 1, "L"),
    (GREY_ALPHA, 2, "LA"),
    (COLOUR, 3, "RGB"),
    (COLOUR_ALPHA, 4, "RGBA"),
]
AVERAGE = 3


def rows_of(pixels: bytes, row_bytes: int) -> Rows:
    return lambda top, bottom: pixels[top * row_bytes : bottom * row_bytes]


def compressed(pixels: bytes, width: int, pixel: PixelBytes) -> bytes:
    height = len(pixels) // (width * pixel)
    parts = fastpng.compress_runs(width, height, pixel, rows_of(pixels, width * pixel))
    return b"".join(parts)


def noise(count: int, least: int = 0, most: int = 255) -> bytes:
    random = Random(count)  # noqa: S311 - the same bytes every time
    return bytes(random.randint(least, most) for _ in range(count))


def predictors(row: bytes | bytearray, above: bytes, at: int, pixel: int) -> list[int]:
    """Return the predictions of the five filters for a byte: PNG, clause 9."""
    left, corner = (line[at - pixel] if at >= pixel else 0 for line in (row, above))
    up = above[at]
    target = left + up - corner
    paeth = min((left, up, corner), key=lambda value: abs(value - target))
    return [0, left, up, (left + up) // 2, paeth]


def filters_of_least_sum(pixels: bytes, row_bytes: int, pixel: int) -> list[int]:
    above, found = bytes(row_bytes), []
    for start in range(0, len(pixels), row_bytes):
        row, sums = pixels[start : start + row_bytes], [0] * 5
        for at in range(row_bytes):
            for kind, predicted in enumerate(predictors(row, above, at, pixel)):
                value = (row[at] - predicted) % 256
                sums[kind] += min(value, 256 - value)
        found.append(sums.index(min(sums)))
        above = row
    return found


@pytest.mark.parametrize("width", [1, 5, 16, 17, 333])
@pytest.mark.parametrize(("colour", "pixel", "mode"), LAYOUTS)
def test_every_layout_keeps_its_pixels(
    colour: int, pixel: PixelBytes, mode: str, width: int
) -> None:
    pixels = noise(width * pixel * 9)

    file = pngs.png((width, 9), (8, colour), compressed(pixels, width, pixel))

    with Image.open(BytesIO(file)) as image:
        assert image.mode == mode
        assert image.tobytes() == pixels


@pytest.mark.parametrize("pixel", [1, 2, 3, 4])
def test_each_row_gets_the_filter_of_the_least_sum(pixel: PixelBytes) -> None:
    width = 37
    ramp = bytes(at // pixel * 5 % 256 for at in range(width * pixel))
    dark = bytes(at // pixel % 2 * 9 for at in range(width * pixel))
    other = noise(width * pixel)
    mean = bytearray(other)
    for at in range(len(mean)):
        mean[at] = predictors(mean, other, at, pixel)[AVERAGE]
    sloped = bytes((one + two) % 256 for one, two in zip(other, ramp, strict=True))
    pixels = b"".join((dark, other, mean, other, sloped, ramp, other, other))

    raw = zlib.decompress(compressed(pixels, width, pixel))
    chosen = list(raw[:: width * pixel + 1])

    assert chosen == filters_of_least_sum(pixels, width * pixel, pixel)
    assert set(chosen) == {0, 1, 2, 3, 4}


def test_rows_of_several_bands_are_filtered_as_one_image() -> None:
    width = 3001
    pixels = noise(width * 3) * 40

    raw = zlib.decompress(compressed(pixels, width, 3))

    # All rows are equal, so each but the first is nought above the one before.
    assert raw[width * 3 + 1 :] == (b"\2" + bytes(width * 3)) * 39


def test_repetitions_are_found_and_photos_have_none() -> None:
    width, height = 240, 60
    grain = Image.effect_noise((width, height), 8).tobytes()
    tile = noise(width // 8, 0, 40)
    # A row is a tile eight times, and rows differ by where it begins.
    pattern = b"".join((tile * 9)[start % 29 :][:width] for start in range(height))

    assert fastpng.repeats(width, height, 1, rows_of(pattern, width))
    assert not fastpng.repeats(width, height, 1, rows_of(grain, width))


def test_an_image_is_decoded_after_another_was_compressed() -> None:
    raw = pngs.filtered(61, 47, 8, COLOUR)
    data = [memoryview(zlib.compress(raw))]

    before = b"".join(fastpng.read_rows(Layout(61, 47, 8, COLOUR), data, 1))
    compressed(noise(61 * 47), 61, 1)
    after = b"".join(fastpng.read_rows(Layout(61, 47, 8, COLOUR), data, 1))

    assert after == before


@pytest.mark.parametrize(
    "rows", [lambda _top, _bottom: bytes(7), lambda _top, _bottom: bytes(6 * 100)]
)
def test_rows_that_do_not_fit_are_refused(rows: Callable[[int, int], bytes]) -> None:
    with pytest.raises(Refused):
        b"".join(fastpng.compress_runs(2, 5, 3, rows))


def test_an_image_too_wide_for_the_sandbox_is_refused() -> None:
    with pytest.raises(Refused):
        next(fastpng.compress_runs(90_000_000, 1, 4, lambda _top, _bottom: b""))
