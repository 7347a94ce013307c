"""The container of PNG: chunks. Source of all format facts: W3C PNG, third edition."""

import io
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from struct import Struct
from zlib import crc32

from imagemill.imaging.icc import are_srgb

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks that determine what is shown.
_SHOWN = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"))
# Those that Pillow gets, besides IHDR and tRNS. It decodes animations as still images:
# `imaging/apng.py` composes frames.
_READ = frozenset((b"PLTE", b"IDAT", b"IEND"))
# Those that may hold EXIF.
_EXIF = frozenset((b"eXIf", b"tEXt"))
# IHDR: width, height, bit depth, colour type; compression, filter and interlace method.
_IHDR = Struct(">IIBBBBB")
_IHDR_BYTES = _IHDR.size + 12
# Bit of the colour type for alpha.
HAS_ALPHA = 4
# Colour types.
_GREY, _COLOUR = 0, 2
# Difference between neighbouring greys in 8 bits, by bit depth.
_GREY_STEPS = {1: 255, 2: 85, 4: 17}
# Bit depths and colour types whose transparent colour some viewers do not find.
_OFTEN_MISREAD = frozenset(
    bytes(layout) for layout in ((1, _GREY), (2, _GREY), (4, _GREY), (16, _GREY), (16, _COLOUR))
)
# gAMA of sRGB, in 1/100,000.
_SRGB_GAMMA = 45_455
_COLOUR_CHUNKS = frozenset((b"cICP", b"sRGB", b"gAMA", b"cHRM", b"iCCP"))
# Keyword of the text chunk that ImageMagick used for EXIF before eXIf existed.
_OLD_EXIF = b"Raw profile type exif\0"
# Keywords of text chunks with XMP: the standard one, and ImageMagick's.
_XMP, _OLD_XMP = b"XML:com.adobe.xmp\0", b"Raw profile type xmp\0"
# Bytes decompressed at a time; those before a damaged part are kept.
_STEP_BYTES = 1 << 16
# Longer chunks of this kind are ignored, bytes.
_MAX_OLD_EXIF_BYTES = 1 << 18
# Chunks of one file to read; encoders write chunks of 8 KiB and more.
_MAX_CHUNKS = 100_000
# Length, type and checksum around a chunk's body, bytes.
_ENVELOPE_BYTES = 12


class ChunkStream(io.RawIOBase):
    """A file made of parts of another one, which are not copied: for the decoder to read."""

    def __init__(self, parts: Sequence[memoryview]) -> None:
        self.parts = parts
        """The signature, then the chunks; the last one may be cut short."""
        self._starts = [0, *accumulate(map(len, parts))]
        self._at = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        whole = self._starts[-1]
        end = whole if size is None or size < 0 else min(whole, self._at + size)
        found = []
        while self._at < end:
            index = bisect_right(self._starts, self._at) - 1
            start = self._starts[index]
            found.append(self.parts[index][self._at - start : end - start])
            self._at += len(found[-1])
        return b"".join(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, as in any file."""
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}
        self._at = max(0, origins[whence] + offset)
        return self._at

    def tell(self) -> int:
        """Return the current place."""
        return self._at


def without_ballast(data: bytes) -> ChunkStream:
    """Return the file with only those chunks that determine what is shown; nothing is decoded.

    Removed are text and profiles, which can decompress to a thousand times their size, and damaged
    chunks that are not needed. Damaged chunks that are needed stay, for the decoder to judge. EXIF,
    which may follow the pixels, is moved before them.
    """
    header: list[memoryview] = []
    exif: list[memoryview] = []
    rest: list[memoryview] = []
    view = memoryview(data)
    for name, at, end in _places(data):
        chunk = view[at:end]
        if name == b"IHDR":
            header.append(chunk)
        elif name in _EXIF and _is_exif(name, bytes(chunk)):
            exif.append(chunk)
        elif name == b"tRNS" and _is_intact(bytes(chunk)):
            rest.append(memoryview(_in_eight_bits(bytes(chunk), header)))
        elif name in _READ:
            rest.append(chunk)
    return ChunkStream([memoryview(SIGNATURE), *header, *exif, *rest])


def _in_eight_bits(clear: bytes, header: Sequence[memoryview]) -> bytes:
    """Return a tRNS chunk with the transparent colour in 8 bits, as the decoder gives the pixels.

    Grey of 16 bits is decoded with 16 bits, so its chunk stays.
    """
    bits, kind = header[0][16:18] if header else (8, _GREY)
    body = clear[8:-4]
    if kind == _GREY and bits in _GREY_STEPS:
        grey = int.from_bytes(body[:2], "big") % (1 << bits) * _GREY_STEPS[bits]
        return make_chunk(b"tRNS", grey.to_bytes(2, "big"))
    if kind == _COLOUR and bits == 16:  # noqa: PLR2004
        return make_chunk(b"tRNS", b"".join(b"\0" + body[at : at + 1] for at in (0, 2, 4)))
    return clear


def read_header(parts: Sequence[memoryview]) -> tuple[int, int, int, int] | None:
    """Return width, height, bit depth and colour type of a `ChunkStream`.

    None if the image is interlaced or its chunks are in an unusual order.
    """
    names = [bytes(part[4:8]) for part in parts[1:]]
    if b"IDAT" not in names or names.count(b"IHDR") != 1 or len(parts[1]) != _IHDR_BYTES:
        return None
    behind = set(names[names.index(b"IDAT") :])
    width, height, bits, colour_type, *methods = _IHDR.unpack_from(parts[1], 8)
    is_usual = behind <= {b"IDAT", b"IEND"} and not any(methods)
    return (width, height, bits, colour_type) if is_usual else None


def compressed_pixels(parts: Sequence[memoryview]) -> Iterator[memoryview]:
    """Yield the bodies of the IDAT chunks of a `ChunkStream`."""
    for part in parts[1:]:
        if bytes(part[4:8]) == b"IDAT":
            yield part[8 : 8 + int.from_bytes(part[:4], "big")]


def make_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    checksum = crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + checksum


def read_codes(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from cICP as H.273 codes; None without it.

    A chunk for YCbCr or for the narrow range of video does not apply to RGB: as in Chromium, the
    next colour chunk counts.
    """
    body = _colour_chunks(data).get(b"cICP", b"")
    is_rgb_in_full = len(body) == 4 and body[2] == 0 and body[3] == 1  # noqa: PLR2004
    return (body[0], body[1]) if is_rgb_in_full else None


def read_gamma(data: bytes) -> tuple[int | None, tuple[int, ...] | None]:
    """Return gAMA and cHRM in units of 1/100,000, if no sRGB chunk takes precedence.

    cHRM is x and y of white, red, green and blue. It is None without gAMA, as in Chromium, and if
    it is sRGB's. gAMA is None if both are sRGB's, within 5%.
    """
    chunks = _colour_chunks(data)
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")[:4], "big")
    points = chunks.get(b"cHRM", b"")
    if b"sRGB" in chunks or not gamma:
        return None, None
    values = tuple(int.from_bytes(points[at : at + 4], "big") for at in range(0, 32, 4))
    chromaticities = None if len(points) != 32 or are_srgb(values) else values  # noqa: PLR2004
    is_usual = abs(gamma - _SRGB_GAMMA) * 20 <= _SRGB_GAMMA
    return (None if is_usual and not chromaticities else gamma), chromaticities


def read_profile(data: bytes, most: int) -> bytes | None:
    """Return the decompressed ICC profile, up to `most` + 1 bytes; None without one.

    A damaged one is returned as far as it can be decompressed.
    """
    body = _colour_chunks(data).get(b"iCCP")
    if body is None:
        return None
    _, _, packed = body.partition(b"\0")
    return _unpacked(packed[1:], most + 1) or b"\0"


def read_xmp(data: bytes, most: int) -> bytes:
    """Return the XMP packet, decompressed up to `most` bytes; empty without one."""
    for name, at, end in _places(data):
        if name not in (b"iTXt", b"zTXt", b"tEXt") or not _is_intact(data[at:end]):
            continue
        body = data[at + 8 : end - 4]
        if name == b"iTXt" and body.startswith(_XMP):
            is_packed = body[len(_XMP) : len(_XMP) + 1] == b"\1"
            text = (body[len(_XMP) + 2 :].split(b"\0", 2) + [b""] * 2)[2]
            return _unpacked(text, most) if is_packed else text[:most]
        if name != b"iTXt" and body.startswith(_OLD_XMP):
            text = body[len(_OLD_XMP) :]
            return _from_hex(_unpacked(text[1:], 3 * most) if name == b"zTXt" else text)[:most]
    return b""


def is_announced_animation(data: bytes) -> bool:
    """Return True if an acTL chunk precedes the pixels."""
    names = (name for name, _, _ in _places(data))
    return next((name == b"acTL" for name in names if name in (b"acTL", b"IDAT")), False)


def has_gain_map(data: bytes) -> bool:
    """Return True if both chunks that Skia writes for a gain map are present."""
    names = {name for name, _, _ in _places(data)}
    return {b"gmAP", b"gdAT"} <= names


def _from_hex(text: bytes) -> bytes:
    """Return the content of ImageMagick's hex text, which follows three header lines."""
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return b""


def _unpacked(packed: bytes, most: int) -> bytes:
    """Return up to `most` decompressed bytes, as far as the data are intact."""
    unpacker, view, content = zlib.decompressobj(), memoryview(packed), b""
    for at in range(0, len(view), _STEP_BYTES):
        try:
            content += unpacker.decompress(view[at : at + _STEP_BYTES], most - len(content))
        except zlib.error:
            break
        if unpacker.eof or len(content) >= most:
            break
    return content


def _colour_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the bodies of the intact colour chunks before the pixels, the first of each type."""
    found: dict[bytes, bytes] = {}
    for name, at, end in _places(data):
        if name == b"IDAT":
            break
        if name in _COLOUR_CHUNKS and name not in found and _is_intact(data[at:end]):
            found[name] = data[at + 8 : end - 4]
    return found


def without_metadata(data: bytes, added: Sequence[bytes] = ()) -> bytes | None:
    """Return the file with unchanged pixel data, without metadata, and with the chunks `added`.

    None if it is incomplete, or has a transparent colour in a layout that some viewers misread.
    """
    chunks = list(_chunks(data))
    if not chunks or chunks[-1][0] != b"IEND" or not all(_is_intact(chunk) for _, chunk in chunks):
        return None
    if any(name == b"tRNS" for name, _ in chunks) and chunks[0][1][16:18] in _OFTEN_MISREAD:
        return None
    header, *shown = [chunk for name, chunk in chunks if name in _SHOWN]
    return b"".join([SIGNATURE, header, *added, *shown])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk's type and all of its bytes, up to IEND; the last one may be cut short."""
    for name, at, end in _places(data):
        yield name, data[at:end]


def _places(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's type, start and end, without copying it."""
    at = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        end = at + length + _ENVELOPE_BYTES
        yield name, at, end
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


# Also for `imaging/apng.py`.
read_chunks = _chunks
