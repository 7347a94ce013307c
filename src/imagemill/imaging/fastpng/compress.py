"""Compress pixels for a PNG: filters in the sandbox, runs and codes by zlib.

After the filters the bytes of photos and of resized drawings repeat little but the byte before, so
that a search for other repetitions costs time and makes the codes of single bytes worse.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Literal

from imagemill.imaging.fastjpeg.sandbox import Refused

from .sandbox import PngSandbox, give_back, take

# Bytes of a pixel: grey, grey with alpha, RGB, RGBA.
PixelBytes = Literal[1, 2, 3, 4]
# Returns the pixels of rows from the first number up to the second.
Rows = Callable[[int, int], bytes]

# Bytes of rows filtered at a time: they stay in a processor's second cache.
_BAND_BYTES = 128 << 10
# Bytes of rows in the middle of the image that are compressed in two ways to choose one.
_SAMPLE_BYTES = 24 << 10
# Share of the bytes of runs that the quickest search must save. A better one then saves more.
_MUST_SAVE = 0.02
# zlib's level of the quickest search, which runs do not depend on; its largest window, 2^15 bytes,
# and its most memory.
_LEVEL, _WINDOW, _MEMORY = 1, 15, 9
# Instructions granted: a fixed part, and a part per byte of the rows; several times the need.
_FIXED_FUEL, _FUEL_PER_BYTE = 20_000_000, 100


def compress_runs(width: int, height: int, pixel: PixelBytes, rows: Rows) -> Iterator[bytes]:
    """Yield the zlib stream for IDAT in parts, made of runs alone.

    Raises Refused, before it yields anything, if the sandbox is not available or has too little
    memory.
    """
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_RLE)
    for filtered in _filtered(width, (0, height), pixel, rows):
        yield compressor.compress(filtered)
    yield compressor.flush()


def repeats(width: int, height: int, pixel: PixelBytes, rows: Rows) -> bool:
    """Return True if more repeats than runs, so that a search for repetitions saves bytes.

    The rows in the middle of the image decide. Raises Refused.
    """
    count = min(height, max(1, _SAMPLE_BYTES // (width * pixel)))
    top = (height - count) // 2
    sample = b"".join(_filtered(width, (top, top + count), pixel, rows))
    runs, found = (_compressed_bytes(sample, how) for how in (zlib.Z_RLE, zlib.Z_FILTERED))
    return found < runs * (1 - _MUST_SAVE)


def _compressed_bytes(data: bytes, strategy: int) -> int:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, strategy)
    return len(compressor.compress(data)) + len(compressor.flush())


def _filtered(width: int, part: tuple[int, int], pixel: PixelBytes, rows: Rows) -> Iterator[bytes]:
    """Yield rows of a part of the image, each after its filter type."""
    row_bytes, (start, end) = width * pixel, part
    count = min(end - start, max(1, _BAND_BYTES // row_bytes))
    sandbox = take(_FIXED_FUEL + _FUEL_PER_BYTE * row_bytes * (end - start))
    sandbox.check_status(sandbox.call("begin_filtering", row_bytes, pixel, count))
    for top in range(start, end, count):
        yield _filter(sandbox, rows(top, min(top + count, end)), row_bytes)
    give_back(sandbox)


def _filter(sandbox: PngSandbox, band: bytes, row_bytes: int) -> bytes:
    count, odd = divmod(len(band), row_bytes)
    if odd:
        raise Refused("unsupported")
    sandbox.write(sandbox.call("given_rows"), band)
    sandbox.check_status(sandbox.call("filter_rows", count))
    return sandbox.read(sandbox.call("filtered_rows"), len(band) + count)
