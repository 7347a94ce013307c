"""The container and header of JPEG XL. Sources: ISO/IEC 18181-1 (codestream), 18181-2 (boxes).

Only what limits need is read, and only from the first bytes of the codestream.
"""

from collections.abc import Iterator

from imagemill.dataclass import dataclass
from imagemill.imaging.formats.isobmff import boxes

# The error of decoder and encoder where libjxl cannot run.
NEEDED = "JPEG XL needs the extra: pip install 'imagemill[sandbox]'"
_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
# Bytes of the codestream to read: a header with the most extra channels that are accepted.
_HEADER_BYTES = 1 << 14
# Boxes of a file to read, and extra channels (alpha, depth, spot colours) of an image to accept.
_MAX_BOXES, _MAX_CHANNELS = 4096, 64
# Distributions of U32 fields: the offset and the number of bits to read, by the selector (18181-1,
# 9.2.2).
_SIDES = ((1, 9), (1, 13), (1, 18), (1, 30))
_BITS = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS = ((32, 0), (16, 0), (24, 0), (1, 6))
_CHANNELS = ((0, 0), (1, 0), (2, 4), (1, 12))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_SHIFTS = ((0, 0), (3, 0), (4, 0), (1, 3))
_NAME_BYTES = ((0, 0), (0, 4), (16, 5), (48, 10))
_FILTER_KINDS = ((1, 0), (0, 2), (3, 4), (19, 8))
_PREVIEW_BLOCKS = ((16, 0), (32, 0), (1, 5), (33, 9))
_PREVIEW_SIDES = ((1, 6), (65, 8), (321, 10), (1345, 12))
_TICKS = ((100, 0), (1000, 0), (1, 10), (1, 30))
_TICK_PARTS = ((1, 0), (1001, 0), (1, 8), (1, 10))
_LOOPS = ((0, 0), (0, 3), (0, 16), (0, 32))
# Width by height, for the ratios that a size may name.
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
# Types of extra channels with fields of their own.
_ALPHA, _SPOT, _FILTER = 0, 2, 5
_SPOT_BITS = 64


@dataclass(frozen=True, slots=True)
class JxlHeader:
    """The header of an image. `width` and `height` are px as displayed."""

    width: int
    height: int
    bits: int = 8
    extra_channels: int = 0
    has_alpha: bool = False
    is_animated: bool = False
    is_lossy: bool = True
    """The colours are stored as XYB, which lossy images are."""


class _Bits:
    """Reads numbers of any width from bytes, lowest bit first; raises IndexError at their end."""

    def __init__(self, data: bytes) -> None:
        self._number, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def read(self, width: int) -> int:
        """Return the next number of `width` bits."""
        self._left -= width
        if self._left < 0:
            raise IndexError
        found = self._number & ((1 << width) - 1)
        self._number >>= width
        return found

    def flag(self) -> bool:
        return bool(self.read(1))

    def select(self, ranges: tuple[tuple[int, int], ...]) -> int:
        """Return a number whose range is selected by the first two bits."""
        offset, width = ranges[self.read(2)]
        return offset + self.read(width)


def read_header(data: bytes) -> JxlHeader | None:
    """Return the header of a codestream or container; None if it is damaged or ends early.

    More than 64 extra channels count as damage: each needs memory for the whole image.
    """
    codestream = read_codestream(data, _HEADER_BYTES)
    if not codestream.startswith(_CODESTREAM):
        return None
    try:
        return _read_header(_Bits(codestream[len(_CODESTREAM) :]))
    except IndexError:
        return None


def read_codestream(data: bytes, most_bytes: int) -> bytes:
    """Return the first bytes of the codestream, put together from its boxes."""
    if not data.startswith(_CONTAINER):
        return data[:most_bytes]
    found = bytearray()
    for name, start, end in _boxes(data):
        if name in (b"jxlc", b"jxlp") and len(found) < most_bytes:
            # A partial box begins with its number.
            first = start + 4 * (name == b"jxlp")
            found += data[first : min(end, first + most_bytes - len(found))]
    return bytes(found)


def read_metadata(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of the boxes Exif, xml and brob; brob holds another one, packed."""
    for name, start, end in _boxes(data) if data.startswith(_CONTAINER) else ():
        if name in (b"Exif", b"xml ", b"brob"):
            yield name, data[start:end]


def has_gain_map(data: bytes) -> bool:
    """Return True if the file has a gain map: ISO 21496-1 in the box `jhgm`."""
    return data.startswith(_CONTAINER) and any(name == b"jhgm" for name, _, _ in _boxes(data))


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each box; the last one may be cut."""
    at = 0
    for _ in range(_MAX_BOXES):
        found = next(boxes(data, at, len(data)), None)
        if found is None:
            break
        yield found
        at = found[2]
    size = int.from_bytes(data[at : at + 4], "big")
    if size > len(data) - at:
        yield data[at + 4 : at + 8], at + 8, len(data)


def _read_header(bits: _Bits) -> JxlHeader | None:
    """Read SizeHeader and ImageMetadata: 18181-1, annex D."""
    width, height = _read_size(bits)
    if bits.flag():
        return JxlHeader(width, height)
    orientation, is_animated = _read_extra_fields(bits) if bits.flag() else (1, False)
    depth = _read_depth(bits)
    # Whether 16 bits are enough for the samples of modular coding.
    bits.flag()
    channels = bits.select(_CHANNELS)
    if channels > _MAX_CHANNELS:
        return None
    kinds = [_read_channel(bits) for _ in range(channels)]
    if orientation > 4:  # noqa: PLR2004 - rows and columns are swapped: EXIF 2.32
        width, height = height, width
    return JxlHeader(width, height, depth, channels, _ALPHA in kinds, is_animated, bits.flag())


def _read_size(bits: _Bits) -> tuple[int, int]:
    is_small = bits.flag()

    def side() -> int:
        return 8 * (1 + bits.read(5)) if is_small else bits.select(_SIDES)

    height, ratio = side(), bits.read(3)
    if ratio == 0:
        return side(), height
    times, by = _RATIOS[ratio - 1]
    return height * times // by, height


def _read_extra_fields(bits: _Bits) -> tuple[int, bool]:
    """Return orientation and whether the image is animated; skip intrinsic size and preview."""
    orientation = 1 + bits.read(3)
    if bits.flag():
        _read_size(bits)
    if bits.flag():
        sides = _PREVIEW_BLOCKS if bits.flag() else _PREVIEW_SIDES
        bits.select(sides)
        if bits.read(3) == 0:
            bits.select(sides)
    is_animated = bits.flag()
    if is_animated:
        for field in (_TICKS, _TICK_PARTS, _LOOPS):
            bits.select(field)
        bits.flag()
    return orientation, is_animated


def _read_depth(bits: _Bits) -> int:
    if not bits.flag():
        return bits.select(_BITS)
    depth = bits.select(_FLOAT_BITS)
    bits.read(4)
    return depth


def _read_channel(bits: _Bits) -> int:
    """Read the description of one extra channel; return its type."""
    if bits.flag():
        return _ALPHA
    kind = bits.select(_ENUM)
    _read_depth(bits)
    bits.select(_SHIFTS)
    bits.read(8 * bits.select(_NAME_BYTES))
    if kind == _ALPHA:
        bits.flag()
    elif kind == _SPOT:
        bits.read(_SPOT_BITS)
    elif kind == _FILTER:
        bits.select(_FILTER_KINDS)
    return kind
