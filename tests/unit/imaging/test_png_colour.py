"""Precedence of the colour chunks of a PNG: cICP, iCCP, sRGB, gAMA with cHRM, as in Chromium."""

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.formats.png import make_chunk
from imagemill.imaging.icc import from_codes

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
Reopen = Callable[[Rendition], Image.Image]

P3_CHROMATICITIES = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_CHROMATICITIES = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
AFTER_HEADER = 33
GAMMA = (b"gAMA", (45_455).to_bytes(4, "big"))
STRAIGHT = (b"gAMA", (100_000).to_bytes(4, "big"))
P3 = zlib.compress(from_codes(12, 13) or b"")
AS_IT_STANDS, AS_P3, AS_BRIGHT_P3 = (200, 30, 30), (219, 0, 4), (247, 84, 91)


@pytest.mark.parametrize(
    ("chunks", "shown", "warnings"),
    [
        ([GAMMA, (b"cHRM", P3_CHROMATICITIES)], AS_P3, ()),
        ([GAMMA, (b"cHRM", SRGB_CHROMATICITIES)], AS_IT_STANDS, ()),
        ([(b"cHRM", P3_CHROMATICITIES)], AS_IT_STANDS, ()),
        ([(b"sRGB", b"\0"), STRAIGHT, (b"cHRM", P3_CHROMATICITIES)], AS_IT_STANDS, ()),
        ([(b"iCCP", b"x\0\0" + P3), STRAIGHT], AS_P3, ()),
        ([(b"iCCP", b"x\0\0" + P3), (b"cICP", bytes((1, 13, 0, 1)))], AS_IT_STANDS, ()),
        ([(b"iCCP", b"x\0\0" + P3), (b"cICP", bytes((99, 13, 0, 1)))], AS_P3, ()),
        ([(b"iCCP", b"x\0\0" + P3), (b"cICP", bytes((1, 8, 1, 1)))], AS_P3, ()),
        ([(b"cICP", bytes((12, 13, 0, 0)))], AS_IT_STANDS, ()),
        ([(b"cICP", bytes((1, 1, 0, 1)))], (197, 20, 20), ()),
        (
            [(b"iCCP", b"x\0\0?"), STRAIGHT, (b"cHRM", P3_CHROMATICITIES)],
            AS_BRIGHT_P3,
            ("profile_ignored",),
        ),
        ([GAMMA, (b"cHRM", bytes(32))], AS_IT_STANDS, ()),
    ],
)
def test_the_first_applicable_colour_chunk_of_a_png_counts(
    chunks: list[tuple[bytes, bytes]],
    shown: tuple[int, int, int],
    warnings: tuple[str, ...],
    save: Save,
    render_all: Render,
    reopen: Reopen,
) -> None:
    plain = save(Image.new("RGB", (60, 40), AS_IT_STANDS), "PNG")
    added = b"".join(make_chunk(name, body) for name, body in chunks)

    rendered = render_all(plain[:AFTER_HEADER] + added + plain[AFTER_HEADER:], "30")

    found = reopen(rendered.renditions[0]).convert("RGB").getpixel((5, 5))
    assert found == pytest.approx(shown, abs=5)
    assert rendered.warnings == warnings
