"""The container of GIF: blocks. Source of every format fact: GIF89a specification."""

from collections.abc import Iterator
from struct import Struct

_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = b"\xf9", b"\xff"
_EXTENT = Struct("<HHHH")
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def without_metadata(data: bytes) -> bytes | None:
    """Return the file with its pixels, timing and loop as they are and nothing else.

    Comments, XMP and other applications' blocks are gone. None when the file is not whole.
    """
    start = 13 + _table_bytes(data[10])
    parts = [data[:start]]
    for block in _blocks(data, start):
        if block[0] == _TRAILER:
            return b"".join([*parts, block])
        if block[0] == _PICTURE or _shows(block):
            parts.append(block)
    return None


def completed(data: bytes) -> bytes:
    """Return a file that was cut short with an end: what there is of its last frame is shown."""
    at = 13 + _table_bytes(data[10]) if len(data) > 13 else len(data)  # noqa: PLR2004
    while at < len(data) and (end := _end_of_block(data, at)):
        at = end
    if at >= len(data) or data[at] != _PICTURE or at + 11 > len(data):
        return data
    at += 10 + _table_bytes(data[at + 9]) + 1
    last = at
    while at < len(data):
        last, at = at, at + 1 + data[at]
    if last >= len(data):
        return data
    return data[:last] + bytes([len(data) - last - 1]) + data[last + 1 :] + b"\0;"


def count_frames(data: bytes, width: int, height: int) -> int:
    """Return how many frames there are before the first that leaves a canvas of that size, px.

    A decoder would enlarge the canvas for it, to any size. At least 1.
    """
    count = 0
    for block in _blocks(data, 13 + _table_bytes(data[10])):
        if block[0] != _PICTURE or len(block) <= _EXTENT.size:
            continue
        left, top, across, down = _EXTENT.unpack_from(block, 1)
        if left + across > width or top + down > height:
            break
        count += 1
    return max(1, count)


def _shows(extension: bytes) -> bool:
    if extension[1:2] == _APPLICATION:
        return extension[3:14] in _LOOPS
    return extension[1:2] == _GRAPHIC_CONTROL


def _blocks(data: bytes, at: int) -> Iterator[bytes]:
    """Yield each block; the last may be cut short, or be all that is not understood."""
    while at < len(data):
        end = _end_of_block(data, at) or len(data)
        yield data[at:end]
        at = end


def _end_of_block(data: bytes, at: int) -> int | None:
    if data[at] == _TRAILER:
        return at + 1
    if data[at] == _EXTENSION:
        return _end_of_sub_blocks(data, at + 2)
    if data[at] == _PICTURE and at + 10 <= len(data):
        return _end_of_sub_blocks(data, at + 10 + _table_bytes(data[at + 9]) + 1)
    return None


def _end_of_sub_blocks(data: bytes, at: int) -> int | None:
    while at < len(data):
        if data[at] == 0:
            return at + 1
        at += 1 + data[at]
    return None


def _table_bytes(flags: int) -> int:
    """Return the bytes of the colour table that `flags` announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
