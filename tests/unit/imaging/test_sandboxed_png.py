"""A PNG decoded in the sandbox has the very pixels that the library would give."""

import os
import subprocess
import sys
import zlib

import pytest
from fakes import pngs
from fakes.pngs import COLOUR, COLOUR_ALPHA, GREY, GREY_ALPHA, LAYOUTS, PALETTE, Compression

from imagemill.imaging import DEFAULT_LIMITS, Rendered, render
from imagemill.imaging.decode import decode
from imagemill.imaging.plan import make_plans, size_to_decode, stored_size
from imagemill.imaging.probing import open_probed
from imagemill.imaging.resample import Layer, make_layer
from imagemill.imaging.sandboxed_png import decode_png_layer
from imagemill.recipe import Recipe

DEEP = {(16, GREY), (16, COLOUR), (8, GREY), (8, COLOUR)}


def render_png(data: bytes, recipe: str = "30:png", *, sandboxed: bool = True) -> Rendered:
    return render(data, Recipe.parse(recipe), sandboxed=sandboxed)


def assert_equal_to_library(data: bytes, *recipes: str) -> None:
    """Compare what both decoders leave to resize; the resizers themselves differ in rounding."""
    for recipe in recipes:
        ours, theirs = sandbox_layer(data, recipe), library_layer(data, recipe)
        assert (ours.width, ours.height) == (theirs.width, theirs.height)
        assert ours.pixels.mode == theirs.pixels.mode
        assert ours.pixels.tobytes() == theirs.pixels.tobytes()
        assert render_png(data, recipe).sandbox == "drawn"


def sandbox_layer(data: bytes, recipe: str) -> Layer:
    probed = open_probed(data, DEFAULT_LIMITS)
    return decode_png_layer(probed, make_plans(probed.facts, Recipe.parse(recipe)))


def library_layer(data: bytes, recipe: str) -> Layer:
    probed = open_probed(data, DEFAULT_LIMITS)
    needed = size_to_decode(probed.facts, make_plans(probed.facts, Recipe.parse(recipe)))
    decode(probed.image, probed.kind, needed, probed.facts.max_reduction)
    return make_layer(probed.image, stored_size(probed.facts), needed)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (131, 97), (400, 3)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_and_filter_is_decoded(layout: tuple[int, int], size: tuple[int, int]) -> None:
    assert_equal_to_library(pngs.noise(size, layout), "4000:png", "20:png", "60:png,9:jpeg")


@pytest.mark.parametrize("filters", list("01234"))
@pytest.mark.parametrize("layout", [(8, GREY), (8, GREY_ALPHA), (8, COLOUR), (8, COLOUR_ALPHA)])
def test_neighbouring_rows_with_one_filter_are_decoded(
    layout: tuple[int, int], filters: str
) -> None:
    assert_equal_to_library(pngs.noise((101, 43), layout, filters=filters), "4000:png", "30:png")


@pytest.mark.parametrize(
    "compression",
    [
        Compression(level=0),
        Compression(level=1),
        Compression(level=9),
        Compression(strategy=zlib.Z_FIXED),
        Compression(strategy=zlib.Z_HUFFMAN_ONLY),
        Compression(strategy=zlib.Z_RLE),
        Compression(window_bits=9),
    ],
)
@pytest.mark.parametrize("piece", [100, 1 << 20])
def test_every_compression_is_decoded_in_any_pieces(compression: Compression, piece: int) -> None:
    data = pngs.noise((150, 110), (8, COLOUR), compression=compression, piece=piece)

    assert_equal_to_library(data, "4000:png", "40:png")


@pytest.mark.parametrize("colours", [1, 3, 16])
@pytest.mark.parametrize("alphas", [b"", b"\0", b"\xff\0", b"\x80\x10\xff"])
def test_a_palette_may_be_incomplete_and_transparent(colours: int, alphas: bytes) -> None:
    palette = bytes(range(7, 7 + 3 * colours))
    clear = [(b"tRNS", alphas[:colours])] if alphas else []
    pixels = zlib.compress(pngs.filtered(60, 40, 4, PALETTE))
    data = pngs.png((60, 40), (4, PALETTE), pixels, (b"PLTE", palette), *clear)

    assert_equal_to_library(data, "4000:png", "15:png")


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout[1] in (GREY, COLOUR)])
@pytest.mark.parametrize("value", [0, 1, 0x8040])
def test_a_transparent_colour_is_found(layout: tuple[int, int], value: int) -> None:
    bits, colour = layout
    low = value & ((1 << bits) - 1)
    key = low.to_bytes(2, "big") * pngs.SAMPLES[colour]
    row = -(-61 * bits * pngs.SAMPLES[colour] // 8)
    sample = (low * 0x0101 if bits == 8 else low).to_bytes(2, "big")
    lines = [b"\0" + (sample * row)[:row] if y % 2 else b"\1" + bytes(row) for y in range(40)]
    pixels = zlib.compress(b"".join(lines))
    data = pngs.png((61, 40), layout, pixels, (b"tRNS", key))

    assert_equal_to_library(data, "4000:png", "15:png")


def test_very_different_sides_are_reduced() -> None:
    assert_equal_to_library(pngs.noise((30_000, 3), (8, COLOUR)), "500:png", "200:png")
    assert_equal_to_library(pngs.noise((3, 9_000), (8, COLOUR_ALPHA)), "500:png", "70:png")


def test_a_part_and_several_sizes_are_drawn_from_one_decode() -> None:
    data = pngs.noise((640, 480), (8, COLOUR))

    assert_equal_to_library(data, "300:png,100:webp,s=40x40:cover:png")


def test_bytes_beyond_the_last_row_are_ignored() -> None:
    raw = pngs.filtered(50, 30, 8, COLOUR)
    data = pngs.png((50, 30), (8, COLOUR), zlib.compress(raw + bytes(100_000)))

    assert_equal_to_library(data, "20:png")


@pytest.mark.parametrize("harm", ["cut", "checksum", "filter", "code", "rows", "no pixels"])
def test_a_damaged_file_is_left_to_the_library(harm: str) -> None:
    raw = pngs.filtered(200, 100, 8, COLOUR)
    pixels = zlib.compress(raw)
    harmed = {
        "cut": pixels[: len(pixels) // 2],
        "checksum": pixels[:-1] + bytes((pixels[-1] ^ 1,)),
        "filter": zlib.compress(raw[:-601] + b"\5" + raw[-600:]),
        "code": pixels[:30_000] + b"\xff" * 20 + pixels[30_020:],
        "rows": zlib.compress(raw[:-7]),
        "no pixels": zlib.compress(raw[:601]),
    }[harm]
    data = pngs.png((200, 100), (8, COLOUR), harmed)

    ours, theirs = render_png(data), render_png(data, sandboxed=False)

    assert ours.sandbox == "damaged"
    assert ours.warnings == theirs.warnings
    assert [each.width for each in ours.renditions] == [each.width for each in theirs.renditions]


@pytest.mark.parametrize("missing", range(5, 17))
def test_pixels_are_not_made_up_where_the_end_is_missing(missing: int) -> None:
    raw = b"".join(b"\0" + bytes(range(row, row + 150)) for row in range(32))
    data = pngs.png((50, 32), (8, COLOUR), zlib.compress(raw, 6)[:-missing])

    ours, theirs = render_png(data, "4000:png"), render_png(data, "4000:png", sandboxed=False)

    assert ours.warnings == theirs.warnings
    assert pngs.pixels(ours.renditions[0].data) == pngs.pixels(theirs.renditions[0].data)


def test_an_interlaced_file_is_not_for_the_sandbox() -> None:
    data = bytearray(pngs.noise((50, 30), (8, COLOUR)))
    data[28] = 1
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")

    assert render_png(bytes(data)).sandbox == "not_asked"


def test_without_wasmtime_the_library_decodes() -> None:
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from imagemill.imaging import render; from imagemill.recipe import Recipe\n"
        "made = render(sys.stdin.buffer.read(), Recipe.parse('100'))\n"
        "print(made.sandbox, made.renditions[0].width, made.warnings)"
    )
    data = pngs.noise((400, 300), (8, COLOUR))

    done = subprocess.run(
        [sys.executable, "-c", script], input=data, capture_output=True, check=True, env=os.environ
    )

    assert done.stdout.split() == [b"not_asked", b"100", b"()"]
