"""Compressed pixels become rows in any pieces; work and memory are limited."""

import zlib
from collections.abc import Iterator

import pytest
from fakes import pngs
from fakes.pngs import COLOUR, COLOUR_ALPHA, GREY, PALETTE

from imagemill.imaging import fastpng
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.fastpng import Layout, rows, sandbox

PLENTY = 1 << 40
LAYOUT = Layout(61, 47, 8, COLOUR)
RAW = pngs.filtered(61, 47, 8, COLOUR)


def decoded(compressed: bytes, layout: Layout = LAYOUT, reduction: int = 1) -> bytes:
    return b"".join(fastpng.read_rows(layout, [memoryview(compressed)], reduction))


def decoded_in_pieces(compressed: bytes, size: int) -> Iterator[bytes]:
    """Pass `size` bytes at a time to the decoder itself."""
    box = sandbox.take(PLENTY)
    rows.begin(box, LAYOUT, 1)
    for at in range(0, len(compressed), size):
        piece = compressed[at : at + size]
        box.write(box.call("room"), piece)
        box.call("add", len(piece), at + size >= len(compressed))
        box.call("read")
        yield box.read(box.call("reduced"), box.call("reduced_bytes"))


@pytest.mark.parametrize("size", [1, 2, 7, 599, 600, 601])
@pytest.mark.parametrize(
    "compression", [pngs.Compression(0), pngs.Compression(), pngs.Compression(6, zlib.Z_FIXED)]
)
def test_input_may_end_anywhere(compression: pngs.Compression, size: int) -> None:
    compressed = compression.compress(RAW)

    assert b"".join(decoded_in_pieces(compressed, size)) == decoded(compressed)


def test_a_match_may_repeat_any_distance() -> None:
    raw = bytearray(b"\0")
    for distance in range(1, 40):
        raw += bytes(range(distance)) * (700 // distance)
    compressed = zlib.compress(bytes(raw), 9)

    assert decoded(compressed, Layout(len(raw) - 1, 1, 8, GREY)) == raw[1:]


def test_codes_of_every_length_are_read() -> None:
    # Each value is twice as frequent as the one before: the codes get longer than one look-up.
    raw = b"\0" + b"".join(bytes((value,)) * (1 << value) for value in range(16))
    compressed = pngs.Compression(9, zlib.Z_HUFFMAN_ONLY).compress(raw)

    assert decoded(compressed, Layout(len(raw) - 1, 1, 8, GREY)) == raw[1:]


@pytest.mark.parametrize(
    "layout",
    [
        Layout(0, 9, 8, GREY),
        Layout(9, 0, 8, GREY),
        Layout(9, 9, 3, GREY),
        Layout(9, 9, 4, COLOUR),
        Layout(9, 9, 16, PALETTE),
        Layout(9, 9, 8, 1),
        Layout(9, 9, 8, 5),
        Layout(9, 9, 8, 7),
    ],
)
def test_an_impossible_layout_is_refused(layout: Layout) -> None:
    with pytest.raises(Refused) as caught:
        decoded(zlib.compress(bytes(100)), layout)

    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize("width", [20_000_000, 1 << 26, (1 << 32) - 1])
def test_rows_that_do_not_fit_into_the_memory_are_refused(width: int) -> None:
    with pytest.raises(Refused) as caught:
        decoded(b"", Layout(width, 1, 16, COLOUR_ALPHA))

    assert caught.value.reason == "no_memory"


@pytest.mark.parametrize("reduction", [0, 257])
def test_a_reduction_beyond_the_limit_is_refused(reduction: int) -> None:
    with pytest.raises(Refused):
        decoded(zlib.compress(RAW), reduction=reduction)


@pytest.mark.parametrize(
    "compressed",
    [
        b"",
        zlib.compress(RAW)[:-900],
        b"\x78\xbb" + zlib.compress(RAW)[2:],
        b"\x79\x9c" + zlib.compress(RAW)[2:],
        zlib.compress(RAW)[:2] + b"\7",
        # A distance beyond the beginning, in fixed codes.
        b"\x78\x9c\x03\x02\x00",
    ],
    ids=["nothing", "cut", "dictionary", "method", "block type", "distance"],
)
def test_damaged_data_are_refused(compressed: bytes) -> None:
    with pytest.raises(Refused) as caught:
        decoded(compressed)

    assert caught.value.reason == "damaged"


def test_work_beyond_the_fuel_is_stopped() -> None:
    box = sandbox.take(100_000)

    with pytest.raises(Refused) as caught:
        rows.begin(box, Layout(1_000_000, 9, 8, COLOUR), 1)

    assert caught.value.reason == "trapped"


def test_calls_in_a_wrong_order_are_refused() -> None:
    box = sandbox.PngSandbox(fastpng.prepare())  # type: ignore[arg-type] # installed in tests
    box.grant(PLENTY)

    assert box.call("room") == 0
    assert box.call("add", 9, 0) != 0
    assert box.call("read") != 0


def test_a_sandbox_is_used_again_after_success_only() -> None:
    decoded(zlib.compress(RAW))
    used = sandbox.take(PLENTY)
    sandbox.give_back(used)

    decoded(zlib.compress(RAW))
    again = sandbox.take(PLENTY)
    sandbox.give_back(again)
    with pytest.raises(Refused):
        decoded(zlib.compress(RAW)[:-900])

    assert again is used
    assert sandbox.take(PLENTY) is not used


def test_a_sandbox_of_a_wide_image_is_discarded() -> None:
    wide = Layout(600_000, 1, 8, COLOUR)
    decoded(zlib.compress(bytes(1_800_001)), wide)

    assert sandbox.take(PLENTY).memory_bytes <= 4 << 20
