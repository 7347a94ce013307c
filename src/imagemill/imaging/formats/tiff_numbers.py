"""Convert TIFF samples with more bits than pixels: integers of 24 bits and more, and floats."""

from array import array
from dataclasses import replace
from functools import cache
from itertools import accumulate
from sys import byteorder
from typing import cast

from PIL import Image, ImageChops, ImageMath, ImageStat

from imagemill.dataclass import dataclass
from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_directory import ByteOrder
from imagemill.imaging.formats.tiff_layout import TiffLayout
from imagemill.imaging.formats.tiff_rows import Rows

_MAX_16_BIT = 65_535
# Bit depths of integers that are converted to 32 bits.
_WIDENED = (24, 64)
# Approximately the largest 32-bit float.
_GREATEST = 3.0e38
_ORDER_MARK = {"little": "", "big": "B"}


@dataclass(slots=True)
class Range:
    """The smallest and largest number so far."""

    low: float = _GREATEST
    high: float = -_GREATEST

    def add(self, numbers: Image.Image) -> Image.Image:
        """Add a band of floats; return it with NaN replaced by the smallest number."""
        is_number: Image.Image = ImageMath.lambda_eval(
            lambda names: names["a"] == names["a"], a=numbers
        )
        mask = is_number.convert("L").point([0] + [255] * 255)
        low, high = cast("tuple[float, float]", numbers.getextrema())
        if mask.getextrema() != (255, 255):
            least = Image.composite(numbers, Image.new("F", numbers.size, _GREATEST), mask)
            most = Image.composite(numbers, Image.new("F", numbers.size, -_GREATEST), mask)
            low = cast("tuple[float, float]", least.getextrema())[0]
            high = cast("tuple[float, float]", most.getextrema())[1]
            numbers = Image.composite(numbers, Image.new("F", numbers.size, low), mask)
        self.low, self.high = min(self.low, low), max(self.high, high)
        return numbers

    def shown(self, layout: TiffLayout) -> tuple[float, float]:
        """Return the numbers that become black and white.

        Floats within 0 to 1 are used unchanged, and so are wide integers within 16 bits. Integers
        that fill at least half of their type's range use the whole of it. All others are
        measurements, which are stretched between their extremes.
        """
        if layout.format == tags.FLOAT:
            return (0.0, 1.0) if self.low >= 0 and self.high <= 1 else (self.low, self.high)
        bits = 32 if layout.bits in _WIDENED else layout.bits
        is_signed = layout.format == tags.SIGNED
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
        if bits > 16 and self.low >= 0 and self.high <= _MAX_16_BIT:  # noqa: PLR2004
            return 0, _MAX_16_BIT
        if self.high - self.low >= (most - least) / 2:
            return least, most
        return self.low, self.high


def with_settled_sign(layout: TiffLayout, rows: Rows) -> TiffLayout:
    """Return the layout with the true sign of the file's 8-bit samples.

    Some programs write "signed" for ordinary bytes. With the wrong sign an image is full of jumps
    between black and white, so the sign with the smaller steps is the right one.
    """
    stored = Image.frombytes("L", (len(rows.raw) // rows.count, rows.count), rows.raw)
    step = layout.interleaved
    moved = stored.crop((step, 0, stored.width, stored.height))
    plain = stored.crop((0, 0, stored.width - step, stored.height))
    as_bytes, as_signed = (
        ImageStat.Stat(ImageChops.difference(plain.point(table), moved.point(table))).sum[0]
        for table in (list(range(256)), [value ^ 128 for value in range(256)])
    )
    return replace(layout, format=tags.UNSIGNED) if as_bytes < as_signed else layout


def measured(layout: TiffLayout, rows: Rows) -> Image.Image:
    """Return the greys of some rows as floats."""
    return _floats(layout, rows, 0)


def to_grey(numbers: Image.Image, low: float, high: float, *, is_inverted: bool) -> Image.Image:
    """Return floats as grey of 8 bits; `low` becomes black, `high` white, or the reverse."""
    scale = 255 / (high - low) if high > low else 0.0
    grey = numbers.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    return ImageChops.invert(grey) if is_inverted else grey


def float_channel(layout: TiffLayout, rows: Rows, sample: int, *, is_light: bool) -> Image.Image:
    """Return floats from 0 to 1 as 0 to 255: linear light by sRGB's curve, others unchanged.

    NaN and numbers below 0 become black.
    """
    numbers = _floats(layout, rows, sample)
    within: Image.Image = ImageMath.lambda_eval(
        lambda names: names["min"](names["max"](names["a"], 0.0), 1.0), a=numbers
    )
    steps = within.point(lambda value: value * _MAX_16_BIT + 0.5).convert("I")
    return steps.point(_curve(is_light=is_light), "L")


def without_differences(pixels: Image.Image, layout: TiffLayout) -> tuple[Image.Image, ByteOrder]:
    """Undo the predictor in rows of bytes, chunk by chunk; return the new byte order as well."""
    undo = _summed_floats if layout.predictor == tags.FLOAT_DIFFERENCES else _summed
    wide = layout.chunk_row_bytes
    whole = Image.new("L", pixels.size)
    for left in range(0, pixels.width, wide):
        whole.paste(undo(pixels.crop((left, 0, left + wide, pixels.height)), layout), (left, 0))
    is_float = layout.predictor == tags.FLOAT_DIFFERENCES
    return whole, "big" if is_float else layout.order


def _floats(layout: TiffLayout, rows: Rows, sample: int) -> Image.Image:
    raw, bits, mark = rows.numbers(layout, sample), layout.bits, _ORDER_MARK[rows.order]
    sign = "S" if layout.format == tags.SIGNED else ""
    if layout.format == tags.FLOAT:
        raw_mode = f"F;{bits}{mark}F"
        if bits == 16:  # noqa: PLR2004
            raw, raw_mode, bits = _from_half_floats(raw, rows.order), "F;32BF", 32
    else:
        raw, bits = _in_32_bits(raw, bits, rows.order)
        raw_mode = f"F;{bits}{'' if bits == 8 else mark}{sign}"  # noqa: PLR2004
    width = len(raw) * 8 // (bits * rows.count)
    whole = Image.frombytes("F", (width, rows.count), raw, "raw", raw_mode)
    if layout.format == tags.FLOAT and layout.bits == 16:  # noqa: PLR2004
        whole = whole.point(lambda value: value * _HALF_FACTOR + 0)
    return whole.crop((0, 0, layout.width, rows.count))


def _in_32_bits(raw: bytes, bits: int, order: ByteOrder) -> tuple[bytes, int]:
    """Return 24-bit integers widened to 32 bits, and 64-bit ones cut to their upper half."""
    if bits not in _WIDENED:
        return raw, bits
    size = bits // 8
    values = bytearray(len(raw) // size * 4)
    first = size - 4 if order == "little" else 0
    for at in range(4):
        if 0 <= first + at < size:
            values[at::4] = raw[first + at :: size]
    return bytes(values), 32


def _from_half_floats(raw: bytes, order: ByteOrder) -> bytes:
    """Return 16-bit floats as big-endian 32-bit floats, too small by a factor of 2**112.

    Sign, exponent and fraction are moved to their place in the wider format. The factor makes up
    for the different exponent bias, also for subnormal numbers. IEEE 754-2008, 3.4 and 3.6.
    """
    high, low = (raw[1::2], raw[::2]) if order == "little" else (raw[::2], raw[1::2])
    middle = int.from_bytes(high.translate(_HALF_MIDDLE), "big")
    middle |= int.from_bytes(low.translate(_shifted(-3)), "big")
    values = bytearray(4 * len(high))
    values[::4] = high.translate(_HALF_TOP)
    values[1::4] = middle.to_bytes(len(high), "big")
    values[2::4] = low.translate(_shifted(5))
    return bytes(values)


def _shifted(by: int) -> bytes:
    return bytes((value << by if by > 0 else value >> -by) & 255 for value in range(256))


# Tables from the high byte of a 16-bit float to the two highest bytes of a 32-bit one, and the
# factor for the difference of the exponent biases, 127 - 15.
_HALF_TOP = bytes(value & 128 | (value & 127) >> 3 for value in range(256))
_HALF_MIDDLE = bytes((value & 7) << 5 for value in range(256))
_HALF_FACTOR = 2.0**112


@cache
def _curve(*, is_light: bool) -> list[int]:
    """Return a table from 16 to 8 bits, by IEC 61966-2-1 for linear light."""
    steps = (value / _MAX_16_BIT for value in range(_MAX_16_BIT + 1))
    return [round(255 * (_encoded(step) if is_light else step)) for step in steps]


def _encoded(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004


def _summed(pixels: Image.Image, layout: TiffLayout) -> Image.Image:
    """Sum up integers along each row: each is stored as the difference from the one before."""
    if layout.bits == 8:  # noqa: PLR2004
        return _summed_bytes(pixels, layout.interleaved)
    # The sums of a row fit into twice the bits, and their lower half is the number wanted.
    code, wide = {16: ("H", "I"), 32: ("I", "Q")}[layout.bits]
    differences = array(code, pixels.tobytes())
    if layout.order != byteorder:
        differences.byteswap()
    across, step = len(differences) // pixels.height, layout.interleaved
    for start in range(0, len(differences), across):
        for at in range(start, start + step):
            row = slice(at, start + across, step)
            sums = array(wide, accumulate(differences[row])).tobytes()
            halves = array(code, sums)
            differences[row] = halves[::2] if byteorder == "little" else halves[1::2]
    if layout.order != byteorder:
        differences.byteswap()
    return Image.frombytes("L", pixels.size, differences.tobytes())


def _summed_bytes(pixels: Image.Image, step: int) -> Image.Image:
    """Sum up bytes along each row, modulo 256, in as many passes as its length has bits."""
    while step < pixels.width:
        moved = pixels.crop((-step, 0, pixels.width - step, pixels.height))
        pixels = ImageChops.add_modulo(pixels, moved)
        step *= 2
    return pixels


def _summed_floats(pixels: Image.Image, layout: TiffLayout) -> Image.Image:
    """Sum up the bytes of floats, which are stored by significance, and join each number."""
    size = layout.bits // 8
    whole = _summed_bytes(pixels, layout.interleaved)
    across = pixels.width // size
    together = bytearray(across * size * pixels.height)
    for at in range(size):
        plane = whole.crop((at * across, 0, (at + 1) * across, pixels.height))
        together[at::size] = plane.tobytes()
    return Image.frombytes("L", (across * size, pixels.height), bytes(together))
