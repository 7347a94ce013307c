"""The container of AVIF: boxes and items. Source of format facts: ISO/IEC 14496-12, 23008-12."""

from collections.abc import Iterator
from dataclasses import dataclass

_EMPTY_EXIF = b"\0\0\0\0II*\0\x08\0\0\0" + bytes(6)
"""No offset, a TIFF header, a directory of no entries, no next one."""
_COLOUR_BOX = b"colrnclx"
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


def read_codes(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from the colour box, codes of ITU-T H.273; None without it.

    HEIC has the same box.
    """
    at = data.find(_COLOUR_BOX, 0, _META_BYTES)
    if at < 0 or at + 12 > len(data):
        return None
    reader = _Reader(data, at + len(_COLOUR_BOX))
    return reader.number(2), reader.number(2)


def with_codes(data: bytes, codes: tuple[int, int]) -> bytes:
    """Return a file that has a colour box with other primaries and another transfer in it."""
    at = data.find(_COLOUR_BOX, 0, _META_BYTES)
    if at < 0:
        return data
    primaries, transfer = (code.to_bytes(2, "big") for code in codes)
    return data[: at + 8] + primaries + transfer + data[at + 12 :]


def without_metadata(data: bytes, exif: bytes = b"") -> bytes | None:
    """Return the file with EXIF overwritten by `exif`, XMP by nothing, all else in its place.

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
        cleaned[start:end] = _blank(kinds.get(item, b""), data[start:end], exif)
    return bytes(cleaned) if len(cleaned) == len(data) else None


def mended(data: bytes) -> bytes:
    """Return a file whose items' properties are told in one box, as the decoder insists.

    Some encoders write one for each item. What that saves becomes free space: nothing moves.
    """
    meta = next((box for box in _boxes(data, 0, len(data)) if box[0] == b"meta"), None)
    inner = _boxes(data, meta[1] + _FULL_BOX_BYTES, meta[2]) if meta else iter(())
    where = next(((at, end) for name, at, end in inner if name == b"iprp"), None)
    if where is None:
        return data
    start, end = where
    told = [(at, stop) for name, at, stop in _boxes(data, start, end) if name == b"ipma"]
    kinds = {data[at : at + _FULL_BOX_BYTES] for at, _ in told}
    if len(told) < 2 or len(kinds) != 1 or data[start - 4 : start] != b"iprp":  # noqa: PLR2004
        return data
    count = sum(int.from_bytes(data[at + 4 : at + 8], "big") for at, _ in told)
    entries = b"".join(data[at + 8 : stop] for at, stop in told)
    merged = _box(b"ipma", kinds.pop() + count.to_bytes(4, "big") + entries)
    properties = _box(b"iprp", data[start : told[0][0] - 8] + merged)
    saved = _box(b"free", bytes(16 * (len(told) - 1) - 8))
    return data[: start - 8] + properties + saved + data[end:]


def _box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def _blank(kind: bytes, content: bytes, exif: bytes) -> bytes:
    """Return what stands in for an item's content, as long as it; pixels stand for themselves."""
    if kind == b"Exif":
        wanted = bytes(4) + exif if exif else _EMPTY_EXIF
        shown = wanted if len(wanted) <= len(content) else _EMPTY_EXIF
        return shown.ljust(len(content), b"\0")
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
