"""The work of choosing the colours of an animated GIF grows with its frames, not faster."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType

import pytest
from PIL import Image

from imagemill.imaging.gif_encoder import GifEncoder

SIZE = (64, 48)
# Frames of an animation so long that the sample of each frame is smallest.
ANNOUNCED = 1_000
# Pixels of a frame from which its colours are chosen, if there are many frames.
SAMPLE = 2_048


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Count the pixels that Pillow chooses colours from, and those that it compares with some."""
    pixels = {"chosen from": 0, "compared": 0}

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is Image.Image.quantize.__code__:
            image, palette = frame.f_locals["self"], frame.f_locals["palette"]
            pixels["compared" if palette else "chosen from"] += image.width * image.height

    sys.setprofile(count)
    try:
        yield pixels
    finally:
        sys.setprofile(None)


def encode(frames: int, *, is_alike: bool) -> None:
    """Encode the first frames of noise: all in the same colours, or each of another brightness."""
    noise, encoder = Random(1), GifEncoder(SIZE, ANNOUNCED, 0)  # noqa: S311 - a seed, not a secret
    for index in range(frames):
        pixels = Image.frombytes("RGB", SIZE, noise.randbytes(SIZE[0] * SIZE[1] * 3))
        level = 0 if is_alike else index * 97 % 200
        encoder.add(pixels.point([level + value // 5 for value in range(256)] * 3), 80)
    encoder.finish()


@pytest.mark.parametrize("is_alike", [True, False], ids=["alike", "different"])
def test_five_times_the_frames_are_five_times_the_work(*, is_alike: bool) -> None:
    with counted() as once:
        encode(4, is_alike=is_alike)
    with counted() as fivefold:
        encode(20, is_alike=is_alike)

    # The first frame is not compared with the colours of an earlier one.
    assert sum(fivefold.values()) <= 5 * (sum(once.values()) + SAMPLE)
    assert fivefold["chosen from"] <= 20 * SAMPLE


def test_frames_of_the_same_colours_share_a_palette() -> None:
    with counted() as pixels:
        encode(20, is_alike=True)

    assert pixels["chosen from"] <= SAMPLE
