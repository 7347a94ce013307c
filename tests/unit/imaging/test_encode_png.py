"""PNGs from the sandbox show the same pixels as Pillow's, in fewer bytes."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageChops

from imagemill.imaging.encode_png import encode_packed, encode_png
from imagemill.imaging.output_tags import OutputTags

TAGS = OutputTags(exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0")


def grain(width: int, height: int, most: int, seed: int = 0) -> Image.Image:
    """Return noise, the same every time."""
    random = Random(seed)  # noqa: S311 - reproducible
    levels = [round(random.gauss(most / 2, most / 8)) % 256 for _ in range(width * height)]
    return Image.frombytes("L", (width, height), bytes(levels))


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """Return smooth areas with grain."""
    shade = Image.linear_gradient("L").resize((240, 180))
    bands = [ImageChops.add(shade.rotate(turn), grain(240, 180, 64, turn)) for turn in (0, 90, 180)]
    return Image.merge("RGB", bands)


@pytest.fixture(scope="module")
def pattern() -> Image.Image:
    """Return a tile of noise that repeats across and down."""
    tile, whole = grain(37, 1, 200), Image.new("L", (240, 180))
    for top in range(180):
        for left in range(-37, 240, 37):
            whole.paste(tile, (left + top * 5 % 37, top))
    return whole


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("effort", [None, 0, 2])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pixels_and_metadata_stay(mode: str, effort: int | None, photo: Image.Image) -> None:
    alpha = photo.getchannel("G")
    pixels = photo.convert(mode.removesuffix("A"))
    if mode.endswith("A"):
        pixels.putalpha(alpha)

    made = opened(encode_png(pixels, effort, TAGS, sandboxed=True))

    assert made.mode == mode
    assert made.tobytes() == pixels.tobytes()
    assert made.info["srgb"] == 0
    assert made.info["exif"] == b"Exif\0\0" + TAGS.exif


def test_a_photo_has_fewer_bytes_than_at_level_3(photo: Image.Image) -> None:
    made = encode_png(photo, None, TAGS, sandboxed=True)

    assert len(made) < len(encode_packed(photo, TAGS, 3))


def test_a_pattern_is_searched_for_repetitions(pattern: Image.Image) -> None:
    made = encode_png(pattern, None, TAGS, sandboxed=True)

    assert made == encode_packed(pattern, TAGS, 3)


def test_more_effort_keeps_the_smaller_file(photo: Image.Image, pattern: Image.Image) -> None:
    as_runs = encode_png(photo, 2, TAGS, sandboxed=True)
    searched = encode_png(pattern, 2, TAGS, sandboxed=True)

    assert as_runs == encode_png(photo, None, TAGS, sandboxed=True)
    assert searched == encode_packed(pattern, TAGS, 5)


def test_the_highest_effort_saves_bytes(pattern: Image.Image) -> None:
    least, most = (encode_png(pattern, effort, TAGS, sandboxed=True) for effort in (0, 6))

    assert len(most) < len(least)


def test_without_the_sandbox_pillow_encodes(photo: Image.Image) -> None:
    assert encode_png(photo, None, TAGS, sandboxed=False) == encode_packed(photo, TAGS, 3)
