"""Small files that decompress to huge sizes."""

import io
import struct
import zlib

import pytest
from PIL import Image

from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.recipe import DEFAULT_RECIPE

BOMB = zlib.compress(bytes(100_000_000), 9)
AFTER_HEADER = 8 + 25


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(extra: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 40)).save(buffer, "PNG")
    data = buffer.getvalue()
    return data[:AFTER_HEADER] + extra + data[AFTER_HEADER:]


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"comment\0\0" + BOMB),
        chunk(b"iTXt", b"comment\0\1\0\0\0" + BOMB),
        chunk(b"tEXt", b"k\0" + b"v" * 50) * 20_000,
    ],
    ids=["zTXt", "iTXt", "many"],
)
def test_text_that_decompresses_to_a_huge_size_is_never_decompressed(extra: bytes) -> None:
    rendered = render(png_with(extra), DEFAULT_RECIPE, DEFAULT_LIMITS)

    assert [(made.width, made.height) for made in rendered.renditions] == [(300, 200)]
    assert len(rendered.renditions[0].data) < 1_000


def test_a_profile_that_decompresses_to_a_huge_size_is_ignored() -> None:
    data = png_with(chunk(b"iCCP", b"x\0\0" + BOMB))

    assert render(data, DEFAULT_RECIPE, DEFAULT_LIMITS).warnings == ("profile_ignored",)


def test_xmp_that_decompresses_to_a_huge_size_is_read_up_to_the_limit() -> None:
    data = png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + BOMB))

    assert render(data, DEFAULT_RECIPE, DEFAULT_LIMITS).facts.copyright is None


@pytest.mark.parametrize(("mode", "image_format"), [("L", "TIFF"), ("1", "PNG"), ("RGB", "BMP")])
def test_the_widest_possible_image_becomes_a_line(mode: str, image_format: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (65_535, 3)).save(buffer, image_format)

    rendered = render(buffer.getvalue(), DEFAULT_RECIPE, DEFAULT_LIMITS)

    assert [(made.width, made.height) for made in rendered.renditions] == [(500, 1)]


def test_a_profile_of_5_mb_of_zeros_is_ignored() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "JPEG", icc_profile=bytes(5_000_000))

    rendered = render(buffer.getvalue(), DEFAULT_RECIPE, DEFAULT_LIMITS)

    assert rendered.warnings == ("profile_ignored",)
