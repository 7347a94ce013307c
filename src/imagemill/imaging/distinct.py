"""Give an image other bytes without changing its pixels: a short comment that no viewer shows.

S3 compares ETags, and equal bytes have equal ETags. A conditional request that is applied late,
after its sender gave up, must not match a newer rendition with the same bytes. So a rendition whose
bytes have been stored under its key before gets a random comment.
"""

import secrets
import zlib
from collections.abc import Callable

# Random bytes in a comment.
TOKEN_BYTES = 8
# Prefix that identifies such a comment.
_MARK = b"im:"
# A private ancillary chunk type that is safe to copy (PNG 5.4).
_PNG_TYPE = b"imMl"
# The second bytes of JPEG's APPn and COM markers.
_APP_AND_COM = {*range(0xE0, 0xF0), 0xFE}
# Start of a bare codestream of JPEG XL, and the first two boxes of its container.
_JXL_CODESTREAM = b"\xff\x0a"
_JXL_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl "
_SIZE_BYTES = len(_MARK) + TOKEN_BYTES


def distinct(data: bytes, content_type: str) -> bytes:
    """Return the image with a new random comment, replacing an earlier one.

    JPEG, PNG, GIF, WebP and AVIF grow by at most 23 bytes, once, a bare JPEG XL by 40 more. Files
    of other types, or without the structure of their format, are returned unchanged.
    """
    write = _WRITERS.get(content_type)
    return write(data, secrets.token_hex(TOKEN_BYTES // 2).encode()) if write else data


def _jpeg(data: bytes, token: bytes) -> bytes:
    """Insert a COM segment before the first segment other than APPn and COM (T.81 B.2.4.5)."""
    own = b"\xff\xfe" + (2 + _SIZE_BYTES).to_bytes(2, "big") + _MARK
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1] in _APP_AND_COM:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data.startswith(own, at):
            return data[:at] + own + token + data[end:]
        at = end
    return data[:at] + own + token + data[at:] if data.startswith(b"\xff\xd8") else data


def _png(data: bytes, token: bytes) -> bytes:
    """Insert a chunk before IEND, the last twelve bytes."""
    if data[-8:-4] != b"IEND":
        return data
    chunk = TOKEN_BYTES.to_bytes(4, "big") + _PNG_TYPE + token
    chunk += zlib.crc32(_PNG_TYPE + token).to_bytes(4, "big")
    return _before_end(data, chunk, end=12, fixed=8)


def _gif(data: bytes, token: bytes) -> bytes:
    """Insert a comment extension before the trailer (GIF89a 24)."""
    if not data.startswith(b"GIF") or not data.endswith(b";"):
        return data
    comment = b"\x21\xfe" + bytes([_SIZE_BYTES]) + _MARK + token + b"\0"
    return _before_end(data, comment, end=1, fixed=3 + len(_MARK))


def _webp(data: bytes, token: bytes) -> bytes:
    """Append an unknown chunk, which readers ignore, and add it to the size in the header."""
    if not data.startswith(b"RIFF") or len(data) % 2:
        return data
    chunk = _PNG_TYPE + TOKEN_BYTES.to_bytes(4, "little") + token
    written = _before_end(data, chunk, end=0, fixed=8)
    return b"RIFF" + (len(written) - 8).to_bytes(4, "little") + written[8:]


def _avif(data: bytes, token: bytes) -> bytes:
    """Append a box of free space (ISO/IEC 14496-12 8.1.2)."""
    if data[4:8] != b"ftyp":
        return data
    box = (8 + _SIZE_BYTES).to_bytes(4, "big") + b"free" + _MARK + token
    return _before_end(data, box, end=0, fixed=8 + len(_MARK))


def _jxl(data: bytes, token: bytes) -> bytes:
    """Append an unknown box, which readers skip, in the container (ISO/IEC 18181-2, 9)."""
    if data.startswith(_JXL_CODESTREAM):
        data = _JXL_CONTAINER + (8 + len(data)).to_bytes(4, "big") + b"jxlc" + data
    if not data.startswith(_JXL_CONTAINER):
        return data
    box = (8 + _SIZE_BYTES).to_bytes(4, "big") + _PNG_TYPE + _MARK + token
    return _before_end(data, box, end=0, fixed=8 + len(_MARK))


def _before_end(data: bytes, part: bytes, end: int, fixed: int) -> bytes:
    """Insert the part `end` bytes before the end, replacing one that begins alike."""
    at = len(data) - end
    has_one = data.startswith(part[:fixed], at - len(part))
    return data[: at - len(part) if has_one else at] + part + data[at:]


_WRITERS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": _avif,
    "image/jxl": _jxl,
}
