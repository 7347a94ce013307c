"""Samples of TIFF in layouts that Pillow has no mode for → pixels of eight bits a sample.

Pillow's own decoder only undoes the compression: it is shown the same data as rows of bytes.
"""

import struct
from array import array
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate, chain
from sys import byteorder

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from imagemill.imaging import layout as tags
from imagemill.imaging.colour import make_conversion
from imagemill.imaging.layout import Layout

_HEADER_BYTES = 8
_BAND_SAMPLES = 1 << 20
"""Samples unpacked at a time."""
_NUMBERS = {8: "BbB", 16: "Hhe", 32: "Iif", 64: "Qqd"}
"""Of `struct`: unsigned, signed, floating, by bits."""
_SRGB_STEPS = 4096
_MIXED = {tags.INKS: "CMYK", tags.LAB: "LAB"}
"""Have no mode with alpha: they become RGB at once."""


def unpack(data: bytes, layout: Layout) -> Image.Image:
    """Return the picture in `layout.mode`.

    Integers are scaled from their range, less than nothing is black. Grey floats are left to the
    caller; colours in floats are linear light, as the renderers that write them mean it.
    """
    planes = [_decompress(data, layout, plane) for plane in range(_planes(layout))]
    picture = Image.new(layout.mode, (layout.width, layout.height))
    rows = max(1, _BAND_SAMPLES // max(1, layout.width * layout.samples))
    for top in range(0, layout.height, rows):
        picture.paste(_band(planes, layout, top, min(top + rows, layout.height)), (0, top))
    return picture


def _planes(layout: Layout) -> int:
    return layout.samples if layout.is_planar else 1


def _decompress(data: bytes, layout: Layout, plane: int) -> Image.Image:
    """Return a plane as bytes: a grey picture, as wide as a row has bytes."""
    across, down = layout.chunk
    columns = -(-layout.width // across) if layout.is_tiled else 1
    count = columns * -(-layout.height // down)
    chunks = slice(plane * count, (plane + 1) * count)
    wide = -(-across * layout.interleaved * layout.bits // 8)
    entries: dict[int, tuple[int, ...]] = {
        tags.WIDTH: (wide * columns,),
        tags.HEIGHT: (layout.height,),
        tags.BITS: (8,),
        tags.COMPRESSION: (layout.compression,),
        tags.PHOTOMETRIC: (tags.BLACK_IS_ZERO,),
        tags.FILL_ORDER: (layout.fill_order,),
        tags.SAMPLES: (1,),
    }
    if layout.is_tiled:
        entries |= {tags.TILE_WIDTH: (wide,), tags.TILE_HEIGHT: (down,)}
    else:
        entries |= {tags.ROWS_PER_STRIP: (down,)}
    entries[tags.TILES if layout.is_tiled else tags.STRIPS] = layout.offsets[chunks]
    counts = layout.counts[chunks] or (wide * down,) * count
    entries[tags.TILE_BYTES if layout.is_tiled else tags.STRIP_BYTES] = counts
    picture = TiffImageFile(BytesIO(_with_directory(data, entries)))
    picture.load()
    return picture


def _with_directory(data: bytes, entries: dict[int, tuple[int, ...]]) -> bytes:
    """Return the file with another directory: at its end, little-endian, every number a LONG."""
    start = len(data) + len(data) % 2
    spill = start + 2 + 12 * len(entries) + 4
    directory, values = [struct.pack("<H", len(entries))], []
    for tag, numbers in sorted(entries.items()):
        packed = struct.pack(f"<{len(numbers)}I", *numbers)
        place = packed if len(numbers) == 1 else struct.pack("<I", spill)
        directory.append(struct.pack("<HHI", tag, 4, len(numbers)) + place)
        if len(numbers) != 1:
            values.append(packed)
            spill += len(packed)
    head = b"II*\0" + struct.pack("<I", start)
    padding = bytes(start - len(data))
    return b"".join([head, data[_HEADER_BYTES:], padding, *directory, bytes(4), *values])


def _band(planes: list[Image.Image], layout: Layout, top: int, bottom: int) -> Image.Image:
    """Return some rows, unpacked, as a picture."""
    size = (layout.width, bottom - top)
    channels: list[list[float]] = [[] for _ in range(layout.samples)]
    for at, plane in enumerate(planes):
        for row in _rows(plane, layout, top, bottom):
            for sample in range(layout.interleaved):
                channels[at + sample].extend(row[sample :: layout.interleaved])
    shown = list(range(layout.colours)) + ([] if layout.alpha is None else [layout.alpha])
    if layout.mode == "F":
        return Image.frombytes("F", size, array("f", channels[0]).tobytes(), "raw", _native_float())
    bands = [Image.frombytes("L", size, _to_bytes(channels[at], layout, at)) for at in shown]
    return _merge(bands, layout)


def _native_float() -> str:
    return "F;32F" if byteorder == "little" else "F;32BF"


def _merge(bands: list[Image.Image], layout: Layout) -> Image.Image:
    if layout.alpha is None:
        return Image.merge(layout.mode, bands)
    *colours, alpha = bands
    if layout.photometric in _MIXED:
        mixed = Image.merge(_MIXED[layout.photometric], colours)
        colours = list(make_conversion(None, mixed.mode).apply(mixed).split())
    straight = Image.merge(layout.mode, (*colours, alpha))
    if not layout.is_premultiplied:
        return straight
    premultiplied = "La" if layout.mode == "LA" else "RGBa"
    return Image.frombytes(premultiplied, straight.size, straight.tobytes()).convert(layout.mode)


def _rows(plane: Image.Image, layout: Layout, top: int, bottom: int) -> Iterator[list[float]]:
    """Yield each row's numbers, whatever their width, as many as the picture is wide."""
    count = layout.width * layout.interleaved
    for y in range(top, bottom):
        row = plane.crop((0, y, plane.width, y + 1)).tobytes()
        yield _numbers_of(row, layout, count)


def _numbers_of(row: bytes, layout: Layout, count: int) -> list[float]:
    if layout.bits not in _NUMBERS:
        return _numbers_of_odd_width(row, layout.bits, count)
    if layout.predictor == 1:
        return _numbers_of_chunk(row, layout)[:count]
    wide = layout.chunk[0] * layout.interleaved * layout.bits // 8  # each chunk starts anew
    pieces = (_numbers_of_chunk(row[at : at + wide], layout) for at in range(0, len(row), wide))
    return list(chain.from_iterable(pieces))[:count]


def _numbers_of_chunk(row: bytes, layout: Layout) -> list[float]:
    step = layout.interleaved
    order, whole = ">" if layout.is_big_endian else "<", len(row) * 8 // layout.bits
    if layout.predictor == 3:  # noqa: PLR2004 - bytes of equal weight lie together, the highest first
        row, order = _together(_summed_bytes(row, step), layout.bits // 8), ">"
    kind = _NUMBERS[layout.bits][min(max(layout.format, 1), 3) - 1]
    numbers = struct.unpack_from(f"{order}{whole}{kind}", row)
    if layout.predictor == 2 and layout.format != tags.FLOAT:  # noqa: PLR2004 - differences
        return _summed(numbers, step, layout)
    return list(numbers)


def _numbers_of_odd_width(row: bytes, bits: int, count: int) -> list[float]:
    digits = f"{int.from_bytes(row, 'big'):0{len(row) * 8}b}"
    return [int(digits[at : at + bits], 2) for at in range(0, count * bits, bits)]


def _summed(numbers: tuple[float, ...], step: int, layout: Layout) -> list[float]:
    """Undo the differences of one row: each number is told by how much it exceeds the last."""
    limit = 1 << layout.bits
    summed: list[float] = [0] * len(numbers)
    for sample in range(step):
        totals = (int(total) % limit for total in accumulate(numbers[sample::step]))
        summed[sample::step] = [
            total - limit if layout.format == tags.SIGNED and total >= limit // 2 else total
            for total in totals
        ]
    return summed


def _summed_bytes(row: bytes, step: int) -> bytes:
    summed = bytearray(row)
    for sample in range(step):
        summed[sample::step] = bytes(total & 255 for total in accumulate(row[sample::step]))
    return bytes(summed)


def _together(row: bytes, width: int) -> bytes:
    """Bring the bytes of each number together, highest first."""
    length = len(row) // width
    together = bytearray(length * width)
    for at in range(width):
        together[at::width] = row[at * length : (at + 1) * length]
    return bytes(together)


def _to_bytes(numbers: list[float], layout: Layout, sample: int) -> bytes:
    """Scale one channel's numbers to 0 to 255."""
    if layout.format == tags.FLOAT:
        return _from_linear(numbers, is_colour=layout.photometric == tags.RGB and sample < 3)  # noqa: PLR2004
    if layout.photometric == tags.LAB and sample in (1, 2):
        return _from_signed(numbers, layout)
    most = (1 << layout.bits - (layout.format == tags.SIGNED)) - 1
    scaled = bytes(min(255, max(0, int(number * 255 / most + 0.5))) for number in numbers)
    is_inverted = layout.photometric == tags.WHITE_IS_ZERO and sample == 0
    return bytes(255 - value for value in scaled) if is_inverted else scaled


def _from_signed(numbers: list[float], layout: Layout) -> bytes:
    """Scale a* and b*, stored as two's complement, to where 128 is neutral."""
    half, shift = 1 << layout.bits - 1, layout.bits - 8
    if layout.format == tags.SIGNED:
        return bytes((int(number) + half) >> shift for number in numbers)
    return bytes((int(number) ^ half) >> shift for number in numbers)


def _from_linear(numbers: list[float], *, is_colour: bool) -> bytes:
    """Map 0 to 1 to the bytes of sRGB, IEC 61966-2-1; alpha has no curve."""
    curve = _SRGB if is_colour else _STRAIGHT
    return bytes(
        curve[int(min(max(number, 0.0), 1.0) * _SRGB_STEPS + 0.5)] if number == number else 0  # noqa: PLR0124 - not a number
        for number in numbers
    )


def _encoded(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004


_SRGB = bytes(round(255 * _encoded(step / _SRGB_STEPS)) for step in range(_SRGB_STEPS + 1))
_STRAIGHT = bytes(round(255 * step / _SRGB_STEPS) for step in range(_SRGB_STEPS + 1))
