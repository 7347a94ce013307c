"""Packing and unpacking of archived originals, with the limits of the functions."""

import hashlib

from imagemill.errors import CorruptImage
from imagemill.imaging.jxl.transcoding import HEAD_BYTES, is_packed_jpeg, pack_jpeg, unpack_jpeg

# Most CPU time for packing a JPEG and for the proof that it comes back, s.
PACK_S = 60.0
# Most CPU time for unpacking, s. Packing has shown that it takes less.
UNPACK_S = 60.0


def pack(jpeg: bytes) -> bytes | None:
    """Return a JPEG as lossless JPEG XL; None if it does not come back bit for bit."""
    return pack_jpeg(jpeg, seconds=PACK_S)


def unpack(data: bytes, sha256: str) -> bytes | None:
    """Return the JPEG with this SHA-256 that an original holds; None if it holds none.

    Raises OverBudget, and UnsupportedFormat without the sandbox.
    """
    if not is_packed_jpeg(data[:HEAD_BYTES]):
        return None
    try:
        jpeg = unpack_jpeg(data, seconds=UNPACK_S)
    except CorruptImage:
        return None
    return jpeg if hashlib.sha256(jpeg).hexdigest() == sha256 else None
