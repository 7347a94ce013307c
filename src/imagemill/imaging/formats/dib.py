"""The header of a Windows or OS/2 bitmap, in BMP files and icons.

Sources: Microsoft's BITMAPCOREHEADER to BITMAPV5HEADER, IBM's OS/2 2.x bitmap header.
"""

import struct
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, UnsupportedFormat

# Header lengths, bytes.
_CORE_BYTES, _INFO_BYTES, _V2_BYTES, _V3_BYTES, _V5_BYTES = 12, 40, 52, 56, 124
# Header lengths of OS/2 2.x, bytes.
_LEAST_OS2_BYTES, _MOST_OS2_BYTES = 16, 64
_CORE = struct.Struct("<IHHHH")
_INFO = struct.Struct("<IiiHHIIiiII")
_MASKS = struct.Struct("<4I")
# biCompression.
PLAIN, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS = 0, 1, 2, 3, 6
_MASKED = (BITFIELDS, ALPHA_BITFIELDS)
# Bits per pixel that each compression requires, and those allowed without.
_RLE_BITS = {RLE8: 8, RLE4: 4}
_PLAIN_BITS = (1, 2, 4, 8, 16, 24, 32)
# Default masks of red, green, blue and alpha for 16 bits, and for 24 and 32 bits.
_RGB555 = (0x7C00, 0x03E0, 0x001F, 0)
_RGB888 = (0xFF0000, 0x00FF00, 0x0000FF, 0)


@dataclass(frozen=True, slots=True)
class Dib:
    """Bitmap header; offsets are bytes from the start of the data, sizes are px."""

    width: int
    height: int
    is_top_down: bool
    bits: int
    compression: int
    palette: bytes
    """Red, green and blue of each colour; empty for 16 bits per pixel and more."""
    masks: tuple[int, int, int, int]
    """Bits of red, green, blue and alpha in a pixel of 16 bits or more; 0 for a missing one."""
    pixels: int
    header: bytes
    """Padded with zeros to the length of a BITMAPV5HEADER."""
    header_bytes: int
    """Length in the file."""

    @classmethod
    def read(cls, data: bytes, at: int, pixels: int | None = None) -> Self:
        """Read the header at `at`; `pixels` is the pixel offset in a BMP's file header.

        Raises UnsupportedFormat for compressions that are not decoded here, CorruptImage for a
        header that is cut short or contradicts itself.
        """
        size = int.from_bytes(data[at : at + 4], "little")
        header = data[at : at + min(size, _V5_BYTES)]
        width, height, bits, compression, colours = _read_fields(header, size)
        _check(size, width, height, bits, compression)
        masks, after = _read_masks(data, at, size, bits, compression)
        entry = 3 if size == _CORE_BYTES else 4
        count = min(colours or 1 << bits, 1 << bits) if bits <= 8 else 0  # noqa: PLR2004
        start = after + entry * count
        if pixels is not None and after + entry * (count > 0) <= pixels < len(data):
            start, count = pixels, min(count, (pixels - after) // entry)
        return cls(
            width,
            abs(height),
            is_top_down=height < 0,
            bits=bits,
            compression=compression,
            palette=_read_palette(data[after : after + count * entry], entry),
            masks=masks,
            pixels=start,
            header=header.ljust(_V5_BYTES, b"\0"),
            header_bytes=size,
        )

    @property
    def row_bytes(self) -> int:
        """Bytes of one row, padded to a multiple of four."""
        return (self.width * self.bits + 31) // 32 * 4

    @property
    def is_rle(self) -> bool:
        """True if the pixels are run-length encoded."""
        return self.compression in _RLE_BITS

    @property
    def is_grey(self) -> bool:
        """True if every colour of the palette is grey."""
        reds, greens, blues = (self.palette[at::3] for at in range(3))
        return bool(self.palette) and reds == greens == blues


def _read_fields(header: bytes, size: int) -> tuple[int, int, int, int, int]:
    """Return width, height, bits, compression, and the number of palette colours (0: all)."""
    if size == _CORE_BYTES == len(header):
        _, width, height, _, bits = _CORE.unpack(header)
        return width, height, bits, PLAIN, 0
    if size < _LEAST_OS2_BYTES or len(header) != min(size, _V5_BYTES):
        raise CorruptImage("the header of the bitmap is cut short")
    fields = _INFO.unpack_from(header.ljust(_INFO.size, b"\0"))
    _, width, height, _, bits, compression, _, _, _, colours, _ = fields
    return width, height, bits, compression, colours


def _check(size: int, width: int, height: int, bits: int, compression: int) -> None:
    is_os2 = _LEAST_OS2_BYTES <= size <= _MOST_OS2_BYTES and size not in (
        _INFO_BYTES,
        _V2_BYTES,
        _V3_BYTES,
    )
    is_known = compression in (PLAIN, RLE8, RLE4) or (compression in _MASKED and not is_os2)
    if not is_known or bits in (0, 64):
        raise UnsupportedFormat(f"bitmaps of {bits} bits, compression {compression}: unsupported")
    is_right = bits in _PLAIN_BITS and bits == _RLE_BITS.get(compression, bits)
    if not is_right or (compression in _MASKED and bits not in (16, 24, 32)):
        raise CorruptImage(f"no bitmap has {bits} bits and compression {compression}")
    if width <= 0 or not height:
        raise CorruptImage("the bitmap has no width or height")


def _read_masks(
    data: bytes, at: int, size: int, bits: int, compression: int
) -> tuple[tuple[int, int, int, int], int]:
    """Return the masks, and the offset of the palette."""
    usual = _RGB555 if bits == 16 else _RGB888  # noqa: PLR2004
    if compression not in _MASKED:
        return usual, at + size
    after = at + size
    count = 4 if compression == ALPHA_BITFIELDS or size >= _V3_BYTES else 3
    if size < _V2_BYTES:
        after += 4 * count
    raw = data[at + _INFO_BYTES : at + _INFO_BYTES + 4 * count]
    if len(raw) < 4 * count:
        raise CorruptImage("the bitmap is cut short")
    red, green, blue, alpha = _MASKS.unpack(raw.ljust(_MASKS.size, b"\0"))
    masks = (red, green, blue, alpha)
    if any(mask >> bits or not _is_contiguous(mask) for mask in masks):
        raise CorruptImage("the colour masks of the bitmap are impossible")
    return (masks if red | green | blue else usual), after


def _is_contiguous(mask: int) -> bool:
    lowest = mask & -mask
    return not mask or not (mask // lowest) & (mask // lowest + 1)


def _read_palette(entries: bytes, entry: int) -> bytes:
    """Convert entries of blue, green, red and perhaps a fourth byte to red, green, blue."""
    whole = len(entries) // entry * entry
    palette = bytearray(whole // entry * 3)
    for at in range(3):
        palette[at::3] = entries[2 - at : whole : entry]
    return bytes(palette)
