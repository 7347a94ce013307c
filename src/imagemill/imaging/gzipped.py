"""Unpack originals stored with gzip (RFC 1952), within the limit on bytes."""

import zlib

from imagemill.errors import CorruptImage, TooManyBytes
from imagemill.imaging.limits import Limits
from imagemill.imaging.pipeline import render
from imagemill.imaging.rendered import Rendered
from imagemill.recipe import Recipe

# First bytes of gzip data.
_MAGIC = b"\x1f\x8b"
# zlib's `wbits` for a gzip header and a window of 32 KiB.
_GZIP = 31


def render_stored(
    data: bytes,
    recipe: Recipe,
    limits: Limits,
    *,
    sandboxed: bool = True,
    described: bool = True,
) -> Rendered:
    """Render an original as stored, unpacking it first if it is compressed by gzip.

    Raises ImageRejected, also if the unpacked file is too large or damaged.
    """
    plain = unpacked(data, limits.max_bytes) if data.startswith(_MAGIC) else data
    return render(plain, recipe, limits, sandboxed=sandboxed, described=described)


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """Return the content of gzip data; bytes after it are ignored, as in Chromium.

    Uses hardly more than `max_bytes` of memory, whatever the compression ratio: raises TooManyBytes
    beyond. A file that ends early is returned as far as it goes, because a decoder shows that part.
    Raises CorruptImage for damaged data.
    """
    try:
        plain = zlib.decompressobj(_GZIP).decompress(data, max_bytes + 1)
    except zlib.error as fault:
        raise CorruptImage("the gzip data of the file are damaged") from fault
    if len(plain) > max_bytes:
        raise TooManyBytes(f"expected at most {max_bytes} bytes, got more after unpacking gzip")
    return plain
