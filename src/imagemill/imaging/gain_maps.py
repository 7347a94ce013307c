"""Detect gain maps: the difference between an image and a brighter version for HDR screens.

Sources: ISO 21496-1; Android's Ultra HDR 1.1; Apple's auxiliary images; CIPA DC-007 (MPF); Skia for
the PNG chunks. Images are rendered without their gain map.
"""

from collections.abc import Callable, Iterator
from typing import Literal

from imagemill.imaging.formats import png
from imagemill.imaging.formats.isobmff import read_items
from imagemill.imaging.sniff import Kind

# Identifiers: the APP2 segment of ISO 21496-1, the XMP segment, and the namespaces in XMP.
_ISO = b"urn:iso:std:iso:ts:21496:-1\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ULTRA_HDR = b"http://ns.adobe.com/hdr-gain-map/1.0/"
_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
# Start of an image, and an end followed by another start.
_START, _NEXT = b"\xff\xd8\xff", b"\xff\xd9\xff\xd8\xff"
_APP1, _APP2, _SCAN = 0xE1, 0xE2, 0xDA
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD9)))
# Limits of the search.
_MAX_IMAGES = 16
_MAX_SEGMENTS = 400
# MPF: tag of the list of images, and the length of one entry.
_ENTRIES_TAG, _ENTRY_BYTES = 0xB002, 16


def has_gain_map(data: bytes, kind: Kind) -> bool:
    """Return True if a file of that kind has a gain map; nothing is decoded."""
    look = _LOOKS.get(kind)
    return bool(look and look(data))


def _in_jpeg(data: bytes) -> bool:
    """Look at the metadata of the images after the first."""
    return any(_is_gain_map(data, at) for at in _further_images(data))


def _further_images(data: bytes) -> Iterator[int]:
    """Yield the offsets of the images after the first: from the index, and right after an end."""
    for marker, start, end in _segments(data, 0):
        if marker == _APP2 and data.startswith(b"MPF\0", start):
            yield from _indexed(data, start + 4, end)
    at = 0
    for _ in range(_MAX_IMAGES):
        at = data.find(_NEXT, at) + 2
        if at < 2:  # noqa: PLR2004 - not found
            return
        yield at


def _indexed(data: bytes, start: int, end: int) -> Iterator[int]:
    """Yield the offsets of images in a multi-picture index; it counts from its own header."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II", start) else "big"

    def number(at: int, width: int) -> int:
        return int.from_bytes(data[at : at + width], order)

    directory = start + number(start + 4, 4)
    for entry in range(directory + 2, min(directory + 2 + 12 * number(directory, 2), end), 12):
        if number(entry, 2) != _ENTRIES_TAG:
            continue
        count = min(number(entry + 4, 4) // _ENTRY_BYTES, _MAX_IMAGES)
        table = start + number(entry + 8, 4)
        for at in range(table, table + count * _ENTRY_BYTES, _ENTRY_BYTES):
            if offset := number(at + 8, 4):
                yield start + offset


def _is_gain_map(data: bytes, at: int) -> bool:
    """Return True if the metadata of the image at `at` declare it a gain map."""
    for marker, start, end in _segments(data, at):
        if marker == _APP2 and data.startswith(_ISO, start):
            return True
        if marker == _APP1 and data.startswith(_XMP, start):
            packet = data[start:end]
            if _ULTRA_HDR in packet or _APPLE in packet:
                return True
    return False


def _segments(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's body before the scan."""
    if not data.startswith(_START, at):
        return
    at += 2
    for _ in range(_MAX_SEGMENTS):
        if data[at : at + 1] != b"\xff" or at + 4 > len(data):
            return
        marker = data[at + 1]
        if marker == 0xFF or marker in _STANDALONE:  # noqa: PLR2004 - fill bytes, no segment
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        if marker == _SCAN:
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at + 4, at + 2 + length
        at += 2 + max(length, 2)


def _in_items(data: bytes) -> bool:
    """Look for a tone-mapped image, or an auxiliary image with Apple's or ISO's name."""
    items = read_items(data)
    if items is None:
        return False
    if b"tmap" in items.kinds.values():
        return True
    named = (items.first(b"auxC", each) for each in items.auxiliary_of(items.primary))
    return any(_APPLE in name or b"21496" in name for name in named)


def _in_png(data: bytes) -> bool:
    return png.has_gain_map(data)


_LOOKS: dict[Kind, Callable[[bytes], bool]] = {
    "jpeg": _in_jpeg,
    "avif": _in_items,
    "heic": _in_items,
    "png": _in_png,
}
