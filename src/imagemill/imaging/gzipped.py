"""Files that are stored packed by gzip (RFC 1952), unpacked within the limit of bytes."""

import zlib

from imagemill.errors import CorruptImage, TooManyBytes
from imagemill.imaging.limits import Limits
from imagemill.imaging.pipeline import Rendered, render
from imagemill.recipe import Recipe

_MAGIC = b"\x1f\x8b"
# zlib's `wbits` for a gzip header and a window of 32 KiB.
_GZIP = 31


def render_stored(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool = True
) -> Rendered:
    """Render an original as it is stored: unpack it first if it is packed by gzip.

    Raises ImageRejected, also for a file that is too large when unpacked, or damaged.
    """
    plain = unpacked(data, limits.max_bytes) if data.startswith(_MAGIC) else data
    return render(plain, recipe, limits, sandboxed=sandboxed)


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """Return the content of gzip data; bytes behind it are passed over, as by Chromium.

    Takes hardly more than `max_bytes` of memory, however little the data is: raises TooManyBytes. A
    file that ends early is returned as far as it goes, because a decoder shows that much, too;
    raises CorruptImage for one that is damaged.
    """
    try:
        plain = zlib.decompressobj(_GZIP).decompress(data, max_bytes + 1)
    except zlib.error as fault:
        raise CorruptImage("its Content-Encoding gzip is damaged") from fault
    if len(plain) > max_bytes:
        raise TooManyBytes(f"expected at most {max_bytes} bytes, got more by unpacking gzip")
    return plain
