import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imagemill.errors import ImageRejected
from imagemill.imaging import Limits, Rendered, render
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("500, x=8x8:cover, w=12:webp")
LIMITS = Limits(max_pixels=1_000_000, max_animation_pixels=1_000_000)
BIG: Literal["big"] = "big"
LITTLE: Literal["little"] = "little"

Save = Callable[..., bytes]
Draw = Callable[[int, int], Image.Image]


def split_png(data: bytes) -> Iterator[bytes]:
    yield data[:8]
    at = 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], BIG)
        yield data[at:end]
        at = end


def split_jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], BIG)
        yield data[at:end]
        at = end
    yield data[at:]


def split_riff(data: bytes) -> Iterator[bytes]:
    yield data[:12]
    at = 12
    while at < len(data):
        length = int.from_bytes(data[at + 4 : at + 8], LITTLE)
        end = at + 8 + length + length % 2
        yield data[at:end]
        at = end


def split_boxes(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = at + (int.from_bytes(data[at : at + 4], BIG) or len(data))
        yield data[at:end]
        at = end


def split_tags(data: bytes) -> Iterator[bytes]:
    """The bytes before a TIFF's entries, each entry of twelve bytes, and the bytes after them."""
    start = int.from_bytes(data[4:8], LITTLE) + 2
    end = start + 12 * int.from_bytes(data[start - 2 : start], LITTLE)
    yield data[:start]
    yield from (data[at : at + 12] for at in range(start, end, 12))
    yield data[end:]


def split_runs(data: bytes) -> Iterator[bytes]:
    yield from (data[at : at + 16] for at in range(0, len(data), 16))


SPLITS = {
    "PNG": split_png,
    "JPEG": split_jpeg,
    "MPO": split_jpeg,
    "WEBP": split_riff,
    "AVIF": split_boxes,
    "JPEG2000": split_boxes,
    "TIFF": split_tags,
    "GIF": split_runs,
    "BMP": split_runs,
    "ICO": split_runs,
}


def with_true_checksums(parts: list[bytes]) -> list[bytes]:
    """PNG chunks with correct checksums, because decoders ignore or reject all others."""
    return [
        part[:-4] + struct.pack(">I", zlib.crc32(part[4:-4])) if len(part) >= 12 else part
        for part in parts
    ]


@st.composite
def damages(draw: st.DrawFn, parts: list[bytes]) -> list[bytes]:
    """The parts with some removed, repeated or moved, and some bytes changed."""
    order = draw(st.permutations(range(len(parts)))) if draw(st.booleans()) else range(len(parts))
    damaged = [parts[at] for at in order]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + 1] = draw(st.sampled_from([[], [damaged[at]] * 2, [damaged[at]] * 9]))
        damaged = damaged or parts
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(damaged) - 1))
        part = bytearray(damaged[at] or b"\0")
        spot = draw(st.integers(0, min(len(part), 64) - 1))
        wound = draw(st.sampled_from([b"\0", b"\xff", b"\x7f\xff", b"\0\0\1", b"\xff\xff\xff\xff"]))
        part[spot : spot + len(wound)] = wound
        damaged[at] = bytes(part)
    return damaged


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    ("to", "frames"),
    [
        *((to, 1) for to in SPLITS),
        *((to, 2) for to in ("PNG", "WEBP", "GIF", "TIFF", "AVIF", "MPO")),
    ],
)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_file_with_mutated_parts_is_rendered_or_rejected(
    to: str, frames: int, data: st.DataObject, save: Save, noise: Draw
) -> None:
    more = {"save_all": True, "append_images": [noise(25, 16).crop((1, 0, 25, 16))]}
    file = save(noise(24, 16), to, **(more if frames > 1 else {}))
    parts = data.draw(damages(list(SPLITS[to](file))))

    outcome = rendered_or_rejected(b"".join(with_true_checksums(parts) if to == "PNG" else parts))

    assert isinstance(outcome, Rendered | ImageRejected)


def rendered_or_rejected(file: bytes) -> Rendered | ImageRejected:
    try:
        return render(file, RECIPE, LIMITS)
    except ImageRejected as rejection:
        return rejection
