"""The container of ICO: a directory of pictures, each a PNG or a headless BMP."""

import struct

from imagemill.errors import CorruptImage
from imagemill.imaging.png import SIGNATURE

_DIRECTORY = struct.Struct("<HHH")
_ENTRY = struct.Struct("<BBBBHHII")
_BITMAP_HEADER = struct.Struct("<Iii")
_MAX_BITMAP_SIDE = 1024
"""Bitmaps in icons are at most 256 px by definition; larger ones are PNG."""


def only_largest(data: bytes) -> bytes:
    """Return the largest picture of an icon: a PNG, or an icon of one bitmap.

    Of equals the one with most colours. Raises CorruptImage when the directory has none, or the
    bitmap is larger than an icon's can be.
    """
    entry = max(_entries(data), key=_rank, default=None)
    if entry is None:
        raise CorruptImage("the icon holds no picture")
    *_, size, offset = entry
    picture = data[offset : offset + size]
    if picture.startswith(SIGNATURE):
        return picture
    _check_bitmap(picture)
    header = _DIRECTORY.pack(0, 1, 1)
    return header + _ENTRY.pack(*entry[:-1], len(header) + _ENTRY.size) + picture


def _entries(data: bytes) -> list[tuple[int, ...]]:
    count = int.from_bytes(data[4:6], "little")
    whole = (len(data) - _DIRECTORY.size) // _ENTRY.size
    entries = [
        _ENTRY.unpack_from(data, _DIRECTORY.size + index * _ENTRY.size)
        for index in range(min(count, whole))
    ]
    return [entry for entry in entries if entry[-1] + 16 < len(data)]


def _rank(entry: tuple[int, ...]) -> tuple[int, int]:
    width, height, *_, bits, _, _ = entry
    return (width or 256) * (height or 256), bits


def _check_bitmap(picture: bytes) -> None:
    if len(picture) < _BITMAP_HEADER.size:
        raise CorruptImage("the picture in the icon is cut short")
    _, width, double_height = _BITMAP_HEADER.unpack_from(picture)
    if not 0 < width <= _MAX_BITMAP_SIDE or abs(double_height) > 2 * _MAX_BITMAP_SIDE:
        raise CorruptImage("the bitmap in the icon has an impossible size")
