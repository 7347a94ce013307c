"""Samples whose luma makes up for chroma that pixels share."""

from collections.abc import Iterator
from math import sqrt
from random import Random

import pytest
from fakes import jpegs
from PIL import Image

from imagemill.imaging.fastjpeg import (
    Refused,
    Samples,
    samples_of_pixels,
    samples_of_same_luminance,
)

# Weights of red, green and blue in luma: T.871, clause 7.
WEIGHTS = (0.299, 0.587, 0.114)
SIZES = ((1, 1), (1, 9), (2, 2), (3, 5), (8, 1), (33, 17), (64, 64))


def rows(image: Image.Image, height: int = 2) -> Iterator[bytes]:
    for top in range(0, image.height, height):
        band = image.crop((0, top, image.width, min(image.height, top + height)))
        yield band.tobytes("raw", "RGBX")


def noise(size: tuple[int, int]) -> Image.Image:
    data = Random(3).randbytes(3 * size[0] * size[1])  # noqa: S311 - not a secret
    return Image.frombytes("RGB", size, data)


def plane(samples: Samples, number: int) -> list[list[int]]:
    """Return a plane as rows: Y, Cb or Cr."""
    across, down = samples.chroma_size if number else (samples.width, samples.height)
    luma = samples.width * samples.height
    start = 0 if number == 0 else luma + (number - 1) * across * down
    data = samples.data[start : start + across * down]
    return [list(data[at : at + across]) for at in range(0, len(data), across)]


def interpolated(chroma: list[list[int]], x: int, y: int) -> float:
    """Return the chroma of a pixel: three parts of the nearer sample, one of the farther."""
    total = 0.0
    for row, of_row in ((y // 2, 3), (y // 2 + (1 if y % 2 else -1), 1)):
        line = chroma[min(max(row, 0), len(chroma) - 1)]
        for column, of_column in ((x // 2, 3), (x // 2 + (1 if x % 2 else -1), 1)):
            total += of_row * of_column * line[min(max(column, 0), len(line) - 1)]
    return total / 16


def decoded(samples: Samples, x: int, y: int) -> tuple[float, float, float]:
    """Return red, green and blue of a decoded pixel, not limited to 0 to 255."""
    luma = plane(samples, 0)[y][x]
    cb, cr = (interpolated(plane(samples, number), x, y) - 128 for number in (1, 2))
    return luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb


def colour(image: Image.Image, x: int, y: int) -> tuple[float, ...]:
    """Return red, green and blue of a pixel."""
    return tuple(image.crop((x, y, x + 1, y + 1)).tobytes())


def luminance(pixel: tuple[float, ...]) -> float:
    return sum(weight * value * value for weight, value in zip(WEIGHTS, pixel, strict=True))


def worst_luminance(samples: Samples, image: Image.Image) -> float:
    """Return the largest error of the square root of luminance."""
    return max(
        abs(sqrt(luminance(colour(image, x, y))) - sqrt(luminance(decoded(samples, x, y))))
        for x in range(image.width)
        for y in range(image.height)
    )


def test_pixels_where_colours_meet_keep_their_luminance() -> None:
    image = Image.new("RGB", (16, 16), (200, 90, 60))
    image.paste((90, 140, 210), (5, 5, 12, 16))

    plain = samples_of_pixels(*image.size, rows(image), "4:2:0")
    kept = samples_of_same_luminance(*image.size, lambda: rows(image))

    assert worst_luminance(plain, image) > 8
    assert worst_luminance(kept, image) < 2


def test_chroma_and_pixels_without_an_edge_are_unchanged() -> None:
    image = Image.new("RGB", (20, 12), (200, 90, 60))

    plain = samples_of_pixels(*image.size, rows(image), "4:2:0")
    kept = samples_of_same_luminance(*image.size, lambda: rows(image))

    assert max(abs(a - b) for a, b in zip(kept.data, plain.data, strict=True)) <= 1
    assert kept.data[20 * 12 :] == plain.data[20 * 12 :]


@pytest.mark.parametrize("size", SIZES)
def test_luma_is_changed_as_the_formula_says(size: tuple[int, int]) -> None:
    image = noise(size)

    samples = samples_of_same_luminance(*size, lambda: rows(image))

    luma, cb, cr = (plane(samples, number) for number in range(3))
    for y in range(size[1]):
        for x in range(size[0]):
            pixel = colour(image, x, y)
            grey = sum(weight * value for weight, value in zip(WEIGHTS, pixel, strict=True))
            red = 1.402 * (interpolated(cr, x, y) - 128) - (pixel[0] - grey)
            blue = 1.772 * (interpolated(cb, x, y) - 128) - (pixel[2] - grey)
            offs = (red, -(WEIGHTS[0] * red + WEIGHTS[2] * blue) / WEIGHTS[1], blue)
            excess = sum(
                weight * off * (value + off / 2)
                for weight, value, off in zip(WEIGHTS, pixel, offs, strict=True)
            )
            wanted = min(255, max(0, grey - excess / max(grey, 16)))
            assert luma[y][x] == pytest.approx(wanted, abs=0.51)


@pytest.mark.parametrize("height", [2, 6, 64])
def test_bands_of_any_height_give_the_same_samples(height: int) -> None:
    image = jpegs.scene(120, 63)

    whole = samples_of_same_luminance(120, 63, lambda: rows(image, 64))

    assert samples_of_same_luminance(120, 63, lambda: rows(image, height)) == whole


def test_a_missing_row_is_refused() -> None:
    with pytest.raises(Refused):
        samples_of_same_luminance(4, 4, lambda: [bytes(48)])
