"""Extract one channel at a time from packed rows, by slices and tables instead of loops.

Samples of whole bytes are in the byte order of the file. All others are packed from the highest bit
down in either byte order: TIFF 6.0, FillOrder.
"""

from functools import cache
from math import gcd, lcm

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.formats.tiff_directory import ByteOrder
from imagemill.imaging.formats.tiff_layout import TiffLayout


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that fill whole periods: a period is as many pixels as end on a whole byte."""

    raw: bytes
    count: int
    order: ByteOrder
    is_whole: bool
    """All of them could be decoded."""

    def channel(self, layout: TiffLayout, sample: int) -> Image.Image:
        """Return the first 8 bits of a sample as grey, with following bits if it has fewer."""
        pixel_bits = layout.interleaved * layout.bits
        period = lcm(pixel_bits, 8) // 8
        phases = 8 // gcd(pixel_bits, 8)
        values = bytearray(len(self.raw) // period * phases)
        for phase in range(phases):
            at = phase * pixel_bits + sample * layout.bits
            if layout.bits % 8 == 0 and self.order == "little":
                at += layout.bits - 8
            values[phase::phases] = first_bits(self.raw, period, at, min(layout.bits, 8))
        width = len(values) // self.count
        whole = Image.frombytes("L", (width, self.count), bytes(values))
        return whole.crop((0, 0, layout.width, self.count))

    def numbers(self, layout: TiffLayout, sample: int) -> bytes:
        """Return the bytes of a sample of whole bytes, pixel after pixel."""
        size, pixel = layout.bits // 8, layout.interleaved * layout.bits // 8
        if size == pixel:
            return self.raw
        values = bytearray(len(self.raw) // pixel * size)
        for at in range(size):
            values[at::size] = self.raw[sample * size + at :: pixel]
        return bytes(values)


def first_bits(raw: bytes, period: int, at: int, bits: int) -> bytes:
    """Return 8 bits of every `period` bytes from bit `at` on; only `bits` of them are needed."""
    first, shift = divmod(at, 8)
    high = raw[first::period]
    if not shift:
        return high
    high = high.translate(_shifted_left(shift))
    # All within one byte.
    if shift + bits <= 8:  # noqa: PLR2004
        return high
    low = raw[first + 1 :: period].translate(_shifted_right(8 - shift))
    joined = int.from_bytes(high, "big") | int.from_bytes(low, "big")
    return joined.to_bytes(len(high), "big")


def padded(pixels: Image.Image, layout: TiffLayout) -> Image.Image:
    """Return rows of bytes, each padded to whole periods."""
    period = lcm(layout.interleaved * layout.bits, 8) // 8
    width = -(-pixels.width // period) * period
    return pixels if width == pixels.width else pixels.crop((0, 0, width, pixels.height))


@cache
def _shifted_left(by: int) -> bytes:
    return bytes(value << by & 255 for value in range(256))


@cache
def _shifted_right(by: int) -> bytes:
    return bytes(value >> by for value in range(256))
