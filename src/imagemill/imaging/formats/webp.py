"""The container of WebP: RIFF chunks. Source of all format facts: RFC 9649."""

from collections.abc import Iterator

# Flags in VP8X, then in the header of VP8L.
_ALPHA, _ANIMATION, _PROFILE, _EXIF, _XMP = 0x10, 0x02, 0x20, 0x08, 0x04
_VP8L_ALPHA = 0x10
# Chunks that hold coded pixels.
_CODED = (b"VP8 ", b"VP8L", b"ANMF", b"ALPH")
# Bytes that contain the size in every variant of the format.
_HEADER_BYTES = 30
# Chunks of one file to read.
_MAX_CHUNKS = 100_000
# Metadata by their names in Pillow: the chunk, and the flag that announces it.
_METADATA = {
    "icc_profile": (b"ICCP", _PROFILE),
    "exif": (b"EXIF", _EXIF),
    "xmp": (b"XMP ", _XMP),
}
# Chunks that determine what is shown.
_SHOWN = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))


def read_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height from the header, px; None if it is not understood."""
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


def is_animated(data: bytes) -> bool:
    """Return True if the header declares an animation, even one of a single frame."""
    return data[12:16] == b"VP8X" and bool(data[20:21]) and bool(data[20] & _ANIMATION)


def is_whole(data: bytes) -> bool:
    """Return True if the file has all the bytes that its header announces."""
    return 8 + _number(data[4:8]) <= len(data)


def read_metadata(data: bytes) -> dict[str | tuple[int, int], object]:
    """Return profile, EXIF and XMP by Pillow's names, as far as the extended header declares them.

    As in libwebp, the first chunk of a name counts.
    """
    if data[12:16] != b"VP8X":
        return {}
    wanted = {name: key for key, (name, flag) in _METADATA.items() if data[20] & flag}
    found: dict[str | tuple[int, int], object] = {}
    for name, chunk in _chunks(data[: 8 + _number(data[4:8])]):
        if name in wanted:
            length = _number(chunk[4:8])
            found.setdefault(wanted[name], chunk[8 : 8 + length])
    return found


def declare_alpha(data: bytes) -> bytes:
    """Return an animation with the alpha flag set; a still image unchanged.

    Encoders leave it out if every frame is opaque, although frames that do not cover the canvas
    leave the rest transparent. Some decoders would show that as black.
    """
    if len(data) < _HEADER_BYTES or not is_animated(data):
        return data
    return data[:20] + bytes([data[20] | _ALPHA]) + data[21:]


def completed(data: bytes) -> bytes:
    """Return an animation that was cut short with its complete frames only; others unchanged.

    The decoder accepts complete files only.
    """
    if is_whole(data) or not is_animated(data):
        return data
    parts = [chunk for _, chunk in _chunks(data)]
    if parts and len(parts[-1]) < 8 + _number(parts[-1][4:8]):
        parts.pop()
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def is_lossless(data: bytes) -> bool:
    """Return True if the first image is encoded losslessly."""
    return next((name for name, _ in _chunks(data) if name in _CODED), b"") == b"VP8L"


def without_metadata(data: bytes, profile: bytes = b"", exif: bytes = b"") -> bytes | None:
    """Return the file with unchanged pixel data and only `profile` and `exif` as metadata.

    Its own EXIF, XMP and ICC profile are removed. None if the file is incomplete.
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
    body = b"WEBP" + b"".join(_with_given(data, parts, profile, exif))
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _with_given(data: bytes, parts: list[bytes], profile: bytes, exif: bytes) -> list[bytes]:
    """Return the chunks between profile and EXIF, after a header that announces both."""
    size = read_size(data)
    if size is None or not (profile or exif):
        return parts
    is_extended = parts[0].startswith(b"VP8X")
    is_clear = parts[0].startswith(b"VP8L") and bool(data[24] & _VP8L_ALPHA)
    flags = parts[0][8] if is_extended else _ALPHA * is_clear
    flags |= _PROFILE * bool(profile) | _EXIF * bool(exif)
    width, height = ((side - 1).to_bytes(3, "little") for side in size)
    header = _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + width + height)
    before = [_chunk(b"ICCP", profile)] if profile else []
    after = [_chunk(b"EXIF", exif)] if exif else []
    return [header, *before, *parts[is_extended:], *after]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        length = _number(data[at + 4 : at + 8])
        end = at + 8 + length + length % 2
        yield data[at : at + 4], data[at:end]
        at = end


def _number(little_endian: bytes) -> int:
    return int.from_bytes(little_endian, "little")
