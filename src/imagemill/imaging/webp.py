"""The container of WebP: RIFF chunks. Source of every format fact: RFC 9649."""

from collections.abc import Iterator

_ALPHA, _ANIMATION = 0x10, 0x02
_HEADER_BYTES = 30
_SHOWN = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))


def read_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height from the header, px; None when it is not understood."""
    kind = data[12:16]
    if len(data) < _HEADER_BYTES:
        return None
    if kind == b"VP8X":
        return _number(data[24:27]) + 1, _number(data[27:30]) + 1
    if kind == b"VP8L":
        bits = _number(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _number(data[26:28]) & 0x3FFF, _number(data[28:30]) & 0x3FFF
    return None


def declare_alpha(data: bytes) -> bytes:
    """Return an animation with the flag that says it may be clear; a still picture as it is.

    Encoders leave it out when every frame is opaque in itself, though frames that do not cover
    the canvas leave the rest clear; some decoders then show that as black.
    """
    if len(data) < _HEADER_BYTES or data[12:16] != b"VP8X" or not data[20] & _ANIMATION:
        return data
    return data[:20] + bytes([data[20] | _ALPHA]) + data[21:]


def without_metadata(data: bytes) -> bytes | None:
    """Return the file with its pixels as they are and nothing else but what shows them.

    EXIF, XMP and the ICC profile are gone. None when the file is not whole.
    """
    end = 8 + _number(data[4:8])
    if end > len(data):
        return None
    parts = []
    for name, chunk in _chunks(data[:end]):
        if name == b"VP8X":
            parts.append(chunk[:8] + bytes([chunk[8] & (_ALPHA | _ANIMATION)]) + chunk[9:])
        elif name in _SHOWN:
            parts.append(chunk)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        length = _number(data[at + 4 : at + 8])
        end = at + 8 + length + length % 2
        yield data[at : at + 4], data[at:end]
        at = end


def _number(little_endian: bytes) -> int:
    return int.from_bytes(little_endian, "little")
