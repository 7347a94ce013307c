"""Removal of the comments that distinguish a rendition from earlier bytes of the same key."""

import re

_COMMENTS = (
    (b"\xff\xd8", re.compile(rb"\xff\xfe\x00\x0dim:[0-9a-f]{8}")),
    (b"\x89PNG", re.compile(rb"\x00\x00\x00\x08imMl[0-9a-f]{8}....", re.DOTALL)),
    (b"GIF", re.compile(rb"\x21\xfe\x0bim:[0-9a-f]{8}\x00")),
    (b"RIFF", re.compile(rb"imMl\x08\x00\x00\x00[0-9a-f]{8}")),
    (b"", re.compile(rb"\x00\x00\x00\x13freeim:[0-9a-f]{8}")),
)


def without_comment(data: bytes) -> bytes:
    """Return the rendition without its comment, as the renderer made it."""
    pattern = next(pattern for start, pattern in _COMMENTS if data.startswith(start))
    plain = pattern.sub(b"", data, count=1)
    is_shorter_webp = data.startswith(b"RIFF") and plain != data
    return _with_size(plain) if is_shorter_webp else plain


def _with_size(webp: bytes) -> bytes:
    return webp[:4] + (len(webp) - 8).to_bytes(4, "little") + webp[8:]
