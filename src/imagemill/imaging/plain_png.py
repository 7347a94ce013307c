"""A PNG of one colour, made without a library: the image of an answer that has no other."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# IHDR after width and height: one bit per pixel, an index into the palette, no interlacing.
# Source: PNG (Third Edition), 11.2.1.
_ONE_BIT_INDEXED = bytes((1, 3, 0, 0, 0))


def plain_png(width: int, height: int, colour: bytes) -> bytes:
    """Return a PNG of this size in px and colour (three bytes, sRGB); a few kB at most."""
    # A row is its filter type and its bits; index 0 is the only colour.
    row = bytes(1 + (width + 7) // 8)
    squeezer = zlib.compressobj(9)
    data = b"".join(squeezer.compress(row) for _ in range(height)) + squeezer.flush()
    header = struct.pack(">II", width, height) + _ONE_BIT_INDEXED
    chunks = ((b"IHDR", header), (b"PLTE", colour), (b"IDAT", data), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk: its length, name, content and CRC-32 (PNG, 5.3)."""
    length, check = struct.pack(">I", len(content)), struct.pack(">I", zlib.crc32(name + content))
    return length + name + content + check
