"""A comment that makes bytes differ, and that nobody sees."""

import io

import pytest
from fakes.pictures import encoded, gradient
from PIL import Image, ImageChops

from imagemill.imaging.distinct import distinct

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]
MOST_BYTES = 23


def pixels(data: bytes) -> list[Image.Image]:
    """Return every frame."""
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("RGBA"))
        return frames


def animated(image_format: str) -> bytes:
    """Return an animation of two frames."""
    buffer = io.BytesIO()
    frames = [gradient(40, 30), gradient(40, 30).rotate(180)]
    frames[0].save(buffer, image_format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("image_format", FORMATS)
def test_the_image_is_the_same_and_a_little_larger(image_format: str) -> None:
    data = encoded(60, 41, image_format)

    other = distinct(data, f"image/{image_format.lower()}")

    assert other != data
    assert len(other) - len(data) <= MOST_BYTES
    [before], [after] = pixels(data), pixels(other)
    assert ImageChops.difference(before, after).getbbox() is None


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_second_comment_takes_the_place_of_the_first(image_format: str) -> None:
    kind = f"image/{image_format.lower()}"
    first = distinct(encoded(60, 41, image_format), kind)

    second = distinct(first, kind)

    assert (len(second), second != first) == (len(first), True)


@pytest.mark.parametrize("image_format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_an_animation_goes_on(image_format: str) -> None:
    data = animated(image_format)

    other = distinct(data, f"image/{image_format.lower()}")

    assert (len(pixels(other)), other != data) == (2, True)


@pytest.mark.parametrize("image_format", FORMATS)
def test_bytes_without_the_structure_of_their_format_stay(image_format: str) -> None:
    assert distinct(b"no image at all", f"image/{image_format.lower()}") == b"no image at all"


def test_bytes_of_another_kind_stay() -> None:
    data = encoded(10, 10, "BMP")

    assert distinct(data, "image/bmp") == data
