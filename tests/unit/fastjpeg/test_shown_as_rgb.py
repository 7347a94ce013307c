"""Samples become RGB before they are resized, as viewers show them, where chroma is fine enough."""

from collections.abc import Callable
from io import BytesIO
from random import Random

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageStat

from imagemill.imaging.fastjpeg import decode_planes

SIZE = (203, 150)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def resized(
    data: bytes, luma: tuple[int, int], chroma: tuple[int, int], to: tuple[int, int]
) -> tuple[Image.Image, bool]:
    """Return the whole image at another size, and whether its samples became RGB first."""
    with decode_planes(data, SIZE, luma=luma, chroma=chroma) as planes:
        pixels = planes.resize((0, 0, *SIZE), to)
        return Image.frombytes("RGB", to, pixels, "raw", "RGBX"), planes.resizes_rgb


def saturated(sampling: str) -> bytes:
    """Return stripes of full red, blue and white, which a JPEG stores with colours beyond white."""
    chance = Random(1)  # noqa: S311 - not a secret
    colours = ((255, 0, 0), (255, 255, 255), (0, 0, 255), (255, 255, 0))
    image = Image.new("RGB", SIZE)
    for left in range(0, SIZE[0], 3):
        for top in range(0, SIZE[1], 5):
            image.paste(chance.choice(colours), (left, top, left + 3, top + 5))
    return jpegs.save(image, quality=70, subsampling=sampling)


def scenic(sampling: str) -> bytes:
    return jpegs.save(jpegs.scene(*SIZE), quality=90, subsampling=sampling)


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("content", [saturated, scenic])
def test_at_full_size_the_pixels_are_those_of_libjpeg(
    content: Callable[[str], bytes], sampling: str
) -> None:
    data = content(sampling)

    made, is_rgb = resized(data, SIZE, SIZE, SIZE)

    assert is_rgb
    assert mean_difference(made, opened(data)) < 0.6
    assert max(ImageChops.difference(made, opened(data)).tobytes()) <= 4


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_colours_beyond_white_are_cut_off_before_pixels_are_averaged(sampling: str) -> None:
    data, small = saturated(sampling), (51, 38)

    made, _ = resized(data, SIZE, SIZE, small)

    shown = opened(data)
    exact = [
        band.convert("F").resize(small, Image.Resampling.LANCZOS).point(lambda at: at * 1 + 0.5)
        for band in shown.split()
    ]
    assert mean_difference(made, Image.merge("RGB", [band.convert("L") for band in exact])) < 0.6


@pytest.mark.parametrize(
    ("luma", "chroma", "is_rgb"),
    [
        ((50, 37), (50, 37), True),
        (SIZE, (101, 75), True),
        ((50, 37), (25, 18), False),
        ((101, 75), (50, 37), False),
    ],
)
def test_coarser_chroma_is_resized_before_it_becomes_rgb(
    luma: tuple[int, int], chroma: tuple[int, int], is_rgb: bool
) -> None:
    assert resized(saturated("4:2:0"), luma, chroma, (40, 30))[1] == is_rgb


def test_chroma_of_half_the_columns_is_fine_enough() -> None:
    data, to = scenic("4:2:2"), (40, 30)

    made, is_rgb = resized(data, (101, 75), (50, 37), to)

    assert is_rgb
    assert mean_difference(made, opened(data).resize(to, Image.Resampling.LANCZOS)) < 1.5
