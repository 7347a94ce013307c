"""The container of GIF: blocks. Source of every format fact: GIF89a specification."""

from collections.abc import Iterator

_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
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


def _shows(extension: bytes) -> bool:
    if extension[1] == _APPLICATION:
        return extension[3:14] in _LOOPS
    return extension[1] == _GRAPHIC_CONTROL


def _blocks(data: bytes, at: int) -> Iterator[bytes]:
    """Yield each block whole; stops where the structure breaks."""
    while at < len(data):
        end = _end_of_block(data, at)
        if end is None or end > len(data):
            return
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
