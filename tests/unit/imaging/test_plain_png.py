"""Images of one colour, decoded by Pillow."""

import io

import pytest
from PIL import Image

from imagemill.imaging.plain_png import plain_png


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (8, 8), (9, 2), (4_096, 4_096)])
def test_every_pixel_has_the_colour(size: tuple[int, int]) -> None:
    data = plain_png(*size, b"\x10\x20\x30")

    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("PNG", size)
    assert image.convert("RGB").getcolors() == [(size[0] * size[1], (0x10, 0x20, 0x30))]


def test_a_large_image_is_a_small_file() -> None:
    assert len(plain_png(4_096, 4_096, b"\0\0\0")) < 4_000
