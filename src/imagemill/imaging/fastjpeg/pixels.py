"""Resize pixels that another decoder has made, by a Lanczos filter in the sandbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from .planes import Size
from .sandbox import Refused, Sandbox, give_back, take

# Left, top, right and bottom edge, px, possibly fractions; right and bottom lie outside.
Part = tuple[float, float, float, float]
Channels = Literal[1, 3, 4]

# Positions in units of 1/4096 px: FRACTION in pixels.c.
_UNITS = 4096
# Most pixels of a side: MOST in pixels.c.
_MOST = (1 << 20) - 1
# Bytes of rows copied into the sandbox at a time: they stay in a processor's second cache.
_BAND_BYTES = 256 << 10
# Instructions granted: a fixed part, and for each channel parts per pixel read or made, and per
# pixel and weight. Measured.
_FIXED_FUEL, _FUEL_PER_PIXEL, _FUEL_PER_WEIGHT = 100_000_000, 60, 4
# Weights along a side for each pixel of the result, where nothing shrinks.
_LOBES = 6


class PixelResizer:
    """Takes the rows of an image from top to bottom, and resizes them as they come.

    A pixel has `channels` of one byte, or three or four in four bytes.
    """

    def __init__(self, sandbox: Sandbox, size: Size, channels: Channels, wanted: Size) -> None:
        bytes_per_pixel = 1 if channels == 1 else 4
        self._sandbox = sandbox
        self._row_bytes = size[0] * bytes_per_pixel
        self._made_bytes = wanted[0] * wanted[1] * bytes_per_pixel
        self.band_rows = max(2, _BAND_BYTES // self._row_bytes // 2 * 2)
        room = sandbox.call("room_for_rows", self.band_rows)
        self._room = sandbox.view(room, self.band_rows * self._row_bytes)

    def add(self, rows: bytes | memoryview) -> None:
        """Add the next `band_rows` rows, or all that are left."""
        self._room[: len(rows)] = rows
        self._sandbox.check_status(self._sandbox.call("resize_rows", len(rows) // self._row_bytes))

    def begin_narrow(self, *, is_chroma: bool) -> None:
        """Make one channel in the narrow range as well; call it before rows are added."""
        self._sandbox.check_status(self._sandbox.call("begin_narrow", is_chroma))

    def narrow(self) -> memoryview:
        """Return the resized channel in the narrow range."""
        return self._sandbox.view(self._sandbox.call("made_narrow"), self._made_bytes)

    def pixels(self) -> memoryview:
        """Return the resized pixels, laid out as those added; a fourth byte not used is 255."""
        return self._sandbox.view(self._sandbox.call("made_pixels"), self._made_bytes)


@contextmanager
def pixel_resizer(
    size: Size, channels: Channels, part: Part, wanted: Size
) -> Iterator[PixelResizer]:
    """Resize a part of an image of `size` to `wanted` by a Lanczos filter.

    The result differs by at most 0.6 levels of 255 from a filter in exact numbers, or 0.75 where
    a pixel stands for 10 to 100. Everything is valid inside the `with` block only. Raises Refused
    if the sandbox is not available or has too little memory.
    """
    if max(*size, *wanted) > _MOST:
        raise Refused("unsupported")
    sandbox = take(_fuel(size, channels, wanted))
    edges = [round(edge * _UNITS) for edge in part]
    sandbox.check_status(sandbox.call("begin_pixels", channels, *size, *edges, *wanted))
    yield PixelResizer(sandbox, size, channels, wanted)
    # Reached only without an exception: a sandbox is not used again after an error.
    give_back(sandbox)


def _fuel(size: Size, channels: Channels, wanted: Size) -> int:
    """Return the instructions to grant: several times the need, which depends on sizes alone."""
    (columns, rows), (width, height) = size, wanted
    pixels = columns * rows + width * height
    # The vertical pass, then the horizontal one.
    weights = _LOBES * (columns * max(rows, height) + height * max(columns, width))
    return _FIXED_FUEL + channels * (_FUEL_PER_PIXEL * pixels + _FUEL_PER_WEIGHT * weights)
