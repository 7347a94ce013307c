"""The container of ICO and CUR: a directory of images, each a PNG or a BMP without file header."""

import struct
from collections.abc import Iterator

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, ImageRejected
from imagemill.imaging.formats.dib import Dib
from imagemill.imaging.formats.png import SIGNATURE

_DIRECTORY = struct.Struct("<HHH")
_ENTRY = struct.Struct("<BBBBHHII")
_PNG_SIZE = struct.Struct(">II")
# Offset of width and height in a PNG file.
_PNG_SIZE_AT = 16
# Directory entries to look at.
_MAX_ENTRIES = 1_024


@dataclass(frozen=True, slots=True)
class _Image:
    """One image of an icon; the size is the image's own, not that in the directory."""

    width: int
    height: int
    bits: int
    entry: tuple[int, ...]
    data: bytes


def only_largest(data: bytes) -> bytes:
    """Return the largest image of an icon, as a PNG or as an icon with one bitmap.

    Of equally large images the one with the most bits per pixel. Entries that hold neither are
    skipped. Raises CorruptImage if none is left.
    """
    largest = max(_images(data), key=_rank, default=None)
    if largest is None:
        raise CorruptImage("the icon holds no image")
    if largest.data.startswith(SIGNATURE):
        return largest.data
    head = _DIRECTORY.pack(0, 1, 1)
    entry = (*largest.entry[:-2], len(largest.data), len(head) + _ENTRY.size)
    return head + _ENTRY.pack(*entry) + largest.data


def _images(data: bytes) -> Iterator[_Image]:
    count = int.from_bytes(data[4:6], "little")
    whole = (len(data) - _DIRECTORY.size) // _ENTRY.size
    for index in range(min(count, whole, _MAX_ENTRIES)):
        entry = _ENTRY.unpack_from(data, _DIRECTORY.size + index * _ENTRY.size)
        image = _image(data, entry)
        if image:
            yield image


def _image(data: bytes, entry: tuple[int, ...]) -> _Image | None:
    *_, size, offset = entry
    is_told = size and offset + size <= len(data)
    content = data[offset : offset + size] if is_told else data[offset:]
    if content.startswith(SIGNATURE):
        if len(content) < _PNG_SIZE_AT + _PNG_SIZE.size:
            return None
        width, height = _PNG_SIZE.unpack_from(content, _PNG_SIZE_AT)
        return _Image(width, height, 32, entry, content)
    try:
        dib = Dib.read(content, 0)
    except ImageRejected:
        return None
    is_single = dib.height == (entry[1] or 256)
    return _Image(dib.width, dib.height // (1 if is_single else 2), dib.bits, entry, content)


def _rank(image: _Image) -> tuple[int, int]:
    return image.width * image.height, image.bits
