"""The container of PNG: chunks. Source of every format fact: W3C PNG, third edition."""

from collections.abc import Iterator, Sequence
from zlib import crc32

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"))
_READ = _SHOWN | {b"iCCP"}
_GREY, _COLOUR = 0, 2
"""Colour types."""
_GREY_STEPS = {1: 255, 2: 85, 4: 17}
"""From one grey to the next in eight bits, by the bits of a sample."""
_OFTEN_MISREAD = frozenset(
    bytes(layout) for layout in ((1, _GREY), (2, _GREY), (4, _GREY), (16, _GREY), (16, _COLOUR))
)
"""Bits and colour types in which not every viewer finds the clear colour."""
_SRGB_GAMMA = 45_455
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
            rest.append(_in_eight_bits(chunk, header) if name == b"tRNS" else chunk)
    return b"".join([SIGNATURE, *header, *exif, *rest])


def _in_eight_bits(clear: bytes, header: list[bytes]) -> bytes:
    """Return a tRNS chunk with the clear colour as the decoder gives it: it reads eight bits.

    Grey of 16 bits stays, for it is decoded as such.
    """
    bits, kind = header[0][16:18] if header else (8, _GREY)
    body = clear[8:-4]
    if kind == _GREY and bits in _GREY_STEPS:
        grey = int.from_bytes(body[:2], "big") % (1 << bits) * _GREY_STEPS[bits]
        return make_chunk(b"tRNS", grey.to_bytes(2, "big"))
    if kind == _COLOUR and bits == 16:  # noqa: PLR2004
        return make_chunk(b"tRNS", b"".join(b"\0" + body[at : at + 1] for at in (0, 2, 4)))
    return clear


def make_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and its checksum."""
    checksum = crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + checksum


def read_codes(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from cICP, codes of ITU-T H.273; None without it."""
    for name, chunk in _chunks(data):
        if name == b"cICP" and _is_intact(chunk):
            return chunk[8], chunk[9]
        if name == b"IDAT":
            return None
    return None


def read_gamma(data: bytes) -> int | None:
    """Return gAMA, 100,000 for linear, where it is the only word on colour and is not sRGB's."""
    found = None
    for name, chunk in _chunks(data):
        if name in (b"sRGB", b"iCCP", b"cICP"):
            return None
        if name == b"gAMA" and len(chunk) == _ENVELOPE_BYTES + 4 and _is_intact(chunk):
            found = int.from_bytes(chunk[8:12], "big")
        if name == b"IDAT":
            break
    is_usual = found is None or abs(found - _SRGB_GAMMA) * 20 <= _SRGB_GAMMA
    return None if is_usual or not found else found


def without_metadata(data: bytes, added: Sequence[bytes] = ()) -> bytes | None:
    """Return the file with its pixels as they are, nothing else, and the chunks `added`.

    None when it is not whole, or clear by a colour in a layout that some viewers get wrong.
    """
    chunks = list(_chunks(data))
    if not chunks or chunks[-1][0] != b"IEND" or not all(_is_intact(chunk) for _, chunk in chunks):
        return None
    if any(name == b"tRNS" for name, _ in chunks) and chunks[0][1][16:18] in _OFTEN_MISREAD:
        return None
    header, *shown = [chunk for name, chunk in chunks if name in _SHOWN]
    return b"".join([SIGNATURE, header, *added, *shown])


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
