"""The cost of decoding a JPEG is estimated from its markers, before any decoder opens the file."""

import struct
import time

import pytest
from fakes import jpegs
from fakes.jpegs import segment

from imagemill.errors import CorruptImage, ImageRejected, OverBudget, UnsupportedFormat
from imagemill.imaging import Limits, probe, render
from imagemill.imaging.formats.jpeg_survey import survey_jpeg
from imagemill.recipe import DEFAULT_RECIPE

IMAGE = jpegs.save(jpegs.scene(160, 120))
TABLES = segment(jpegs.DHT, b"\0\1" + bytes(15) + b"\0") + segment(
    jpegs.DHT, b"\x10\1" + bytes(15) + b"\xe0"
)
STEPS = segment(jpegs.DQT, b"\0" + b"\x10" * 64)
COMMENT, SOF3, SOF9, SOF10, DHP = 0xFE, 0xC3, 0xC9, 0xCA, 0xDE
ENOUGH_CPU = Limits(max_cpu_s=100)


def frame(marker: int, side: int, components: int = 1, bits: int = 8) -> bytes:
    parts = b"".join(bytes((index + 1, 0x11, 0)) for index in range(components))
    return segment(marker, struct.pack(">BHHB", bits, side, side, components) + parts)


def of_empty_scans(side: int, scans: int, approximation: int = 0, marker: int = 0xC2) -> bytes:
    """Return a progressive JPEG with scans that cover all blocks but contain no coefficients."""
    blocks = (side // 8) ** 2
    means = segment(jpegs.SOS, bytes((1, 1, 0, 0, 0, 0))) + bytes(-(-blocks // 8))
    # Code 0 is EOB14: it ends 16,384 blocks plus the number in its 14 extra bits.
    runs = b"".join([b"\x3f\xff\0"] * -(-blocks // 16_384))
    empty = segment(jpegs.SOS, bytes((1, 1, 0, 1, 63, approximation))) + runs
    return b"\xff\xd8" + STEPS + frame(marker, side) + TABLES + means + empty * scans + jpegs.END


@pytest.mark.parametrize("approximation", [0x00, 0x10])
@pytest.mark.parametrize("sandboxed", [True, False])
def test_thousands_of_scans_are_refused_before_they_are_decoded(
    approximation: int, sandboxed: bool
) -> None:
    data = of_empty_scans(8000, 9_000, approximation)
    started = time.process_time()

    with pytest.raises(OverBudget, match="CPU time"):
        render(data, DEFAULT_RECIPE, sandboxed=sandboxed)

    assert time.process_time() - started < 1


@pytest.mark.parametrize("approximation", [0x00, 0x10])
def test_the_estimate_of_empty_scans_is_near_the_time_they_take(approximation: int) -> None:
    data = of_empty_scans(2000, 150, approximation)
    started = time.process_time()

    render(data, DEFAULT_RECIPE, ENOUGH_CPU, sandboxed=False)

    used = time.process_time() - started
    assert used / 3 <= survey_jpeg(data).extra_cpu_s <= 4 * used


def test_scans_of_a_sequential_image_count_too() -> None:
    scan = b"".join(
        segment(jpegs.SOS, bytes((1, name, 0, 0, 63, 0))) + bytes(16_000) for name in (1, 2, 3)
    )
    data = b"\xff\xd8" + STEPS + frame(0xC0, 2000, 3) + TABLES + scan * 500 + jpegs.END

    found = survey_jpeg(data)

    assert found.is_buffered
    assert found.extra_cpu_s > 1


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_usual_scans_cost_nothing_beyond_their_pixels(options: dict[str, object]) -> None:
    found = survey_jpeg(jpegs.save(jpegs.scene(640, 480), **options))

    assert found.extra_cpu_s == 0
    assert found.is_buffered == bool(options.get("progressive"))


def test_components_in_separate_scans_are_kept_in_memory_until_the_last_scan() -> None:
    greys = jpegs.scene(64, 64).convert("YCbCr").split()

    assert probe(jpegs.interleaved_by_none(greys)).is_buffered


@pytest.mark.parametrize(
    "flood",
    [
        segment(COMMENT, b"") * 1_000_000,
        segment(0xE5, b"") * 1_000_000,
        TABLES * 120_000,
        segment(jpegs.DHT, (b"\x11" + bytes(16)) * 3_800) * 90,
        STEPS * 30_000,
        segment(jpegs.DQT, (b"\1" + b"\1" * 64) * 1_000) * 30,
        segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 400,
        segment(0xED, b"Photoshop 3.0\0" + bytes(65_000)) * 400,
        b"\xff" * 3_000_000,
        bytes(3_000_000),
        b"\xff\xd0" * 3_000_000,
    ],
    ids=["COM", "APP5", "DHT", "DHT-long", "DQT", "DQT-long", "Exif", "IPTC", "FF", "00", "RST"],
)
def test_too_many_segments_are_refused_at_once(flood: bytes) -> None:
    started = time.process_time()

    with pytest.raises(OverBudget):
        render(IMAGE[:20] + flood + IMAGE[20:], DEFAULT_RECIPE)

    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "extra",
    [
        segment(COMMENT, b"x" * 60_000) * 100,
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(60_000)) * 300,
        segment(0xE2, b"MPF\0" + bytes(60_000)) * 300,
        TABLES * 100,
        b"\xff" * 1_000,
        bytes(1_000),
    ],
    ids=["COM", "XMP", "MPF", "DHT", "FF", "00"],
)
def test_a_usual_number_of_segments_is_accepted(extra: bytes) -> None:
    rendered = render(IMAGE[:20] + extra + IMAGE[20:], DEFAULT_RECIPE)

    assert (rendered.facts.width, rendered.facts.height) == (160, 120)


@pytest.mark.parametrize(
    "head",
    [
        frame(SOF3, 64),
        segment(DHP, frame(0xC0, 64)[4:]) + frame(0xC0, 64),
        frame(0xC1, 64, bits=12),
    ],
    ids=["lossless", "hierarchical", "12 bits"],
)
def test_processes_that_no_browser_shows_are_unsupported(head: bytes) -> None:
    data = b"\xff\xd8" + STEPS + head + TABLES + jpegs.marked(jpegs.split(IMAGE), jpegs.SOS)[0]

    with pytest.raises(UnsupportedFormat):
        render(data, DEFAULT_RECIPE)


@pytest.mark.parametrize("marker", [SOF9, SOF10])
def test_arithmetic_coding_is_read(marker: int) -> None:
    scan = segment(jpegs.SOS, bytes((1, 1, 0, 0, 63 * (marker == SOF9), 0))) + bytes(8)
    data = b"\xff\xd8" + STEPS + frame(marker, 64) + scan + jpegs.END

    rendered = render(data, DEFAULT_RECIPE)

    assert rendered.renditions[0].width == 64


@pytest.mark.parametrize(
    "parts",
    [
        [frame(0xC0, 64), frame(0xC0, 64)],
        [],
        [frame(0xC0, 64)[:9]],
    ],
    ids=["two", "none", "cut"],
)
def test_without_exactly_one_frame_it_is_corrupt(parts: list[bytes]) -> None:
    scan = jpegs.marked(jpegs.split(IMAGE), jpegs.SOS)[0]

    with pytest.raises(CorruptImage):
        render(b"\xff\xd8" + STEPS + b"".join(parts) + TABLES + scan + jpegs.END, DEFAULT_RECIPE)


def test_a_frame_without_a_scan_is_corrupt() -> None:
    with pytest.raises(CorruptImage):
        probe(b"\xff\xd8" + STEPS + frame(0xC0, 64) + TABLES + jpegs.END)


@pytest.mark.parametrize("length", range(2, 40))
def test_any_header_cut_short_is_rejected_and_nothing_else(length: int) -> None:
    data = b"\xff\xd8" + frame(0xC0, 64, 3) + segment(jpegs.SOS, bytes(10))

    with pytest.raises(ImageRejected):
        render(data[:length], DEFAULT_RECIPE)
