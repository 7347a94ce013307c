"""The container of AVIF: boxes and items. Source of format facts: ISO/IEC 14496-12, 23008-12."""

from collections.abc import Iterator
from dataclasses import dataclass

_EMPTY_EXIF = b"\0\0\0\0II*\0\x08\0\0\0" + bytes(6)
"""No offset, a TIFF header, a directory of no entries, no next one."""
_FULL_BOX_BYTES = 4
_MAX_ITEMS = 4096
_META_BYTES = 1 << 16
"""As far into the file as its description is looked for."""


@dataclass(slots=True)
class _Reader:
    """Numbers of varying width, one after the other, most significant byte first."""

    data: bytes
    at: int

    def number(self, width: int) -> int:
        self.at += width
        return int.from_bytes(self.data[self.at - width : self.at], "big")


def is_hdr(data: bytes) -> bool:
    """Whether the colour box names the transfer of PQ or HLG: ITU-T H.273, 16 and 18.

    HEIC has the same box.
    """
    at = data.find(b"colrnclx", 0, _META_BYTES)
    return at >= 0 and int.from_bytes(data[at + 10 : at + 12], "big") in (16, 18)


def without_metadata(data: bytes) -> bytes | None:
    """Return the file with EXIF and XMP overwritten by nothing, all else in its place.

    None when the boxes are not understood.
    """
    meta = next((box for box in _boxes(data, 0, len(data)) if box[0] == b"meta"), None)
    if meta is None:
        return None
    boxes = {name: (at, end) for name, at, end in _boxes(data, meta[1] + _FULL_BOX_BYTES, meta[2])}
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return None
    kinds = _kinds_of_items(data, *boxes[b"iinf"])
    cleaned = bytearray(data)
    for item, start, end in _extents(data, boxes[b"iloc"][0], boxes.get(b"idat", (0, 0))[0]):
        if end > len(data):
            return None
        cleaned[start:end] = _blank(kinds.get(item, b""), data[start:end])
    return bytes(cleaned) if len(cleaned) == len(data) else None


def _blank(kind: bytes, content: bytes) -> bytes:
    """Return what stands in for an item's content, as long as it; pixels stand for themselves."""
    if kind == b"Exif":
        return _EMPTY_EXIF.ljust(len(content), b"\0")
    return b" " * len(content) if kind == b"mime" else content


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box's name and where its body begins and ends."""
    while at + 8 <= end:
        size = int.from_bytes(data[at : at + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if size == 0 else at + size
        if stop < at + head + _FULL_BOX_BYTES or stop > end:
            return
        yield data[at + 4 : at + 8], at + head, stop
        at = stop


def _kinds_of_items(data: bytes, at: int, end: int) -> dict[int, bytes]:
    """Return the four letters of each item's kind, by the item's number."""
    kinds = {}
    first = at + _FULL_BOX_BYTES + (4 if data[at] else 2)
    for name, body, _ in _boxes(data, first, end):
        if name == b"infe" and data[body] >= 2:  # noqa: PLR2004 - versions before have no kind
            reader = _Reader(data, body + _FULL_BOX_BYTES)
            item = reader.number(2 if data[body] == 2 else 4)  # noqa: PLR2004
            kinds[item] = data[reader.at + 2 : reader.at + 6]
    return kinds


def _extents(data: bytes, at: int, idat: int) -> Iterator[tuple[int, int, int]]:
    """Yield each item's number with the start and end of each of its parts in the file."""
    version = data[at]
    reader = _Reader(data, at + _FULL_BOX_BYTES)
    widths = reader.number(2)
    offset_width, length_width = widths >> 12, widths >> 8 & 15
    base_width, index_width = widths >> 4 & 15, widths & 15 if version else 0
    number_width = 2 if version < 2 else 4  # noqa: PLR2004 - version 2 widened the numbers
    for _ in range(min(reader.number(number_width), _MAX_ITEMS)):
        item = reader.number(number_width)
        in_idat = bool(reader.number(2) & 15) if version else False
        reader.number(2)
        base = reader.number(base_width) + (idat if in_idat else 0)
        for _ in range(reader.number(2)):
            reader.number(index_width)
            start = base + reader.number(offset_width)
            yield item, start, start + reader.number(length_width)
