"""The container of PNG: chunks. Source of every format fact: W3C PNG, third edition."""

from collections.abc import Iterator
from zlib import crc32

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = frozenset(
    (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"sRGB", b"gAMA")
)
_READ = _SHOWN | {b"iCCP", b"cHRM", b"cICP"}
_OLD_EXIF = b"Raw profile type exif\0"
"""Keyword of the text chunk that held EXIF before there was eXIf."""
_MAX_OLD_EXIF_BYTES = 1 << 18
_ENVELOPE_BYTES = 12
"""Length, type and checksum around the body of a chunk."""


def without_ballast(data: bytes) -> bytes:
    """Return the file with only the chunks that say how it looks, nothing decoded.

    Text, which can unpack to a thousand times its size, and damaged chunks that no picture
    needs are gone; damaged ones it does need stay for the decoder to judge. EXIF, which may stand
    after the pixels, comes before them.
    """
    header: list[bytes] = []
    exif: list[bytes] = []
    rest: list[bytes] = []
    for name, chunk in _chunks(data):
        if _is_exif(name, chunk):
            exif.append(chunk)
        elif name == b"IHDR":
            header.append(chunk)
        elif name in _READ and (name[0] < ord("a") or _is_intact(chunk)):
            rest.append(chunk)
    return b"".join([SIGNATURE, *header, *exif, *rest])


def without_metadata(data: bytes) -> bytes | None:
    """Return the file with its pixels as they are and nothing else but what shows them.

    None when it is not whole, or when more than an intact sRGB picture would be needed.
    """
    chunks = list(_chunks(data))
    if not chunks or chunks[-1][0] != b"IEND" or not all(_is_intact(chunk) for _, chunk in chunks):
        return None
    return SIGNATURE + b"".join(chunk for name, chunk in chunks if name in _SHOWN)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk's name and all of its bytes, up to IEND; the last may be cut short."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        end = at + length + _ENVELOPE_BYTES
        yield name, data[at:end]
        if name == b"IEND":
            return
        at = end


def _is_exif(name: bytes, chunk: bytes) -> bool:
    if name == b"eXIf":
        return _is_intact(chunk)
    is_old = name == b"tEXt" and chunk[8:].startswith(_OLD_EXIF)
    return is_old and len(chunk) <= _MAX_OLD_EXIF_BYTES and _is_intact(chunk)


def _is_intact(chunk: bytes) -> bool:
    length = int.from_bytes(chunk[:4], "big")
    return len(chunk) == length + _ENVELOPE_BYTES and crc32(chunk[4:-4]) == int.from_bytes(
        chunk[-4:], "big"
    )
