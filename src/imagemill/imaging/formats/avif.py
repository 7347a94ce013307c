"""The container of AVIF: colour codes, clean aperture, sizes, copies without metadata.

Sources: ISO/IEC 14496-12, 23008-12 (HEIF), 23000-22 (MIAF).
"""

from fractions import Fraction
from math import ceil, floor

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, UnsupportedFormat
from imagemill.imaging.formats import av1, avif_sequence
from imagemill.imaging.formats.avif_samples import read_tracks
from imagemill.imaging.formats.isobmff import (
    FULL_BOX_BYTES,
    Items,
    boxes,
    extents,
    find_meta,
    read_items,
)
from imagemill.imaging.sniff import Kind

# An Exif item without entries: offset 0, a TIFF header, an empty directory.
_EMPTY_EXIF = b"\0\0\0\0II*\0\x08\0\0\0" + bytes(6)
_COLOUR_BOX = b"colrnclx"
# Bytes at the start of the file that are searched for a colour box outside items, as in sequences.
_META_BYTES = 1 << 16
# Types of auxiliary images that hold alpha.
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_HALF = Fraction(1, 2)
# Bytes per pixel of four planes of 16 bits.
_MOST_PLANE_BYTES = 8
# Bytes per pixel that libheif needs in addition for the tiles of a grid. Measured.
_TILES_BYTES = 2
# Frames that an AV1 decoder keeps for a sequence: seven to refer to, and the present one.
_REFERENCES = 8
# Bytes of coded data to read for the sequence header, which comes first.
_HEADER_BYTES = 256
# Coded pixels allowed per declared pixel, for images that show a smaller layer, and their maximum.
_LAYERS, _LAYERED_PIXELS = 16, 16_000_000
# Pixels that padding may add to a small image.
_PADDING = 1 << 20
# Codings that are not decoded here, by item type.
_CODINGS = {
    b"unci": "uncompressed samples",
    b"vvc1": "VVC",
    b"avc1": "AVC",
    b"j2k1": "JPEG 2000",
    b"lhv1": "layered HEVC",
}
# Item types that hold EXIF and XMP.
_METADATA = frozenset((b"Exif", b"mime"))


@dataclass(frozen=True, slots=True)
class Aperture:
    """The visible part of the decoded rows: left, top, right and bottom, px."""

    left: int
    top: int
    right: int
    bottom: int


def read_codes(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer of the primary image as H.273 codes; None if there are none.

    HEIC has the same boxes. Codes of thumbnails, gain maps and other items do not count. A grid
    without codes has those of its tiles.
    """
    items = read_items(data)
    if items is None:
        at = data.find(_COLOUR_BOX, 0, _META_BYTES)
        return _codes(data[at + 4 : at + 12]) if at >= 0 else None
    owners = (items.primary, *items.parts()[:1])
    bodies = [body for each in owners for _, body in items.properties.get(each, ())]
    return next((_codes(body) for body in bodies if body.startswith(b"nclx")), None)


def _codes(body: bytes) -> tuple[int, int] | None:
    if len(body) < 8:  # noqa: PLR2004 - four letters and two numbers
        return None
    return int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big")


def read_aperture(data: bytes) -> Aperture | None:
    """Return the clean aperture of the primary image, before rotation; None without one.

    As in libavif, an aperture outside the image or without whole pixels is ignored. One that starts
    between two pixels starts at the second. Chromium applies only apertures at the top left; this
    follows the standard. Source: ISO/IEC 14496-12, 12.1.4.
    """
    items = read_items(data)
    body = items.first(b"clap") if items else b""
    size = items.size() if items else None
    if len(body) < 32 or size is None:  # noqa: PLR2004 - eight numbers
        return None
    numbers = [int.from_bytes(body[at : at + 4], "big", signed=True) for at in range(0, 32, 4)]
    if min(numbers[1::2]) <= 0:
        return None
    width, height, right, down = (Fraction(numbers[at], numbers[at + 1]) for at in range(0, 8, 2))
    left = (size[0] - width) / 2 + right
    top = (size[1] - height) / 2 + down
    is_inside = 0 <= left < left + width <= size[0] and 0 <= top < top + height <= size[1]
    if not is_inside or width.denominator != 1 or height.denominator != 1:
        return None
    x, y = floor(left + _HALF), floor(top + _HALF)
    return Aperture(x, y, x + int(width), y + int(height))


def read_size(data: bytes) -> tuple[int, int] | None:
    """Return the width and height that the primary image declares, px; None if it does not.

    They are the size of the stored rows, before clean aperture and rotation. HEIC has the same
    boxes.
    """
    items = read_items(data)
    return items.size() if items else None


def check_coding(data: bytes) -> None:
    """Raise UnsupportedFormat for a HEIF image that no installed decoder can read.

    That is an image sequence without a still image, or a coding other than HEVC and AV1.
    """
    items = read_items(data)
    if items is None:
        raise UnsupportedFormat("HEIF sequences without a still image are not supported")
    coded = (items.primary, *items.parts()[:1])
    name = next(
        (_CODINGS[kind] for each in coded if (kind := items.kinds.get(each)) in _CODINGS), ""
    )
    if name:
        raise UnsupportedFormat(f"HEIF with {name} inside is not supported")


def check_coded_sizes(data: bytes) -> None:
    """Raise CorruptImage if an image or a frame codes far more pixels than it declares.

    The decoder allocates memory for the coded size and then scales to the declared one.
    """
    for track in read_tracks(data):
        for start, end in track.samples:
            _check_coded_size(data, start, end, track.size)
    items = read_items(data)
    if items is None:
        return
    seen: set[int] = set()
    for item, start, end in extents(data):
        size = items.size(item) if items.kinds.get(item) == b"av01" else None
        if size is None or item in seen:
            continue
        seen.add(item)
        _check_coded_size(data, start, end, size)


def _check_coded_size(data: bytes, start: int, end: int, size: tuple[int, int]) -> None:
    coded = av1.read_max_size(data[start : min(end, start + _HEADER_BYTES)])
    declared = size[0] * size[1]
    most = max(2 * declared, min(_LAYERS * declared, _LAYERED_PIXELS)) + _PADDING
    if coded and coded[0] * coded[1] > most:
        raise CorruptImage(f"the AVIF file declares {size} px and codes {coded}")


def read_decoder_bytes(data: bytes, kind: Kind, channels: int, frames: int = 1) -> int:
    """Return the peak memory of decoding, in bytes per pixel, the Pillow image included.

    Measured on images of 12 MP. libavif holds its planes and two copies of the pixels at once.
    libheif holds its planes, the pixels and the image, and for more than 8 bits also the pixels in
    16 bits. Of a sequence the decoder keeps the planes of several frames.
    """
    items = read_items(data)
    planes, is_deep = _planes(items) if items else (_MOST_PLANE_BYTES, True)
    if kind == "avif":
        return planes * (_REFERENCES if frames > 1 else 1) + 2 * channels + 1
    tiles = _TILES_BYTES if items and items.parts() else 0
    return planes + tiles + (3 * channels + 1 if is_deep else channels + 5)


def read_depth(data: bytes) -> int:
    """Return the bits per sample of the primary image, AV1 or HEVC; 8 if there is none.

    Source: AV1 in ISOBMFF, 2.3.3: high_bitdepth and twelve_bit; ISO/IEC 14496-15, 8.3.3.1.
    """
    items = read_items(data)
    if items is None:
        return 8
    coded = items.parts()[0] if items.parts() else items.primary
    if hvcc := items.first(b"hvcC", coded):
        return 8 + (int.from_bytes(hvcc[17:18], "big") & 7)
    flags = int.from_bytes(items.first(b"av1C", coded)[2:3], "big")
    return 8 + 2 * bool(flags & 0x40) + 2 * bool(flags & 0x20)


def _planes(items: Items) -> tuple[int, bool]:
    """Return the bytes per pixel of all planes, rounded up, and whether samples exceed 8 bits.

    Source: AV1 in ISOBMFF, 2.3.3; ISO/IEC 14496-15, 8.3.3.1.
    """
    coded = items.parts()[0] if items.parts() else items.primary
    if av1c := items.first(b"av1C", coded):
        flags = int.from_bytes(av1c[2:3], "big")
        depth, is_grey = 1 + bool(flags & 0x60), bool(flags & 0x10)
        thinned = (1 + bool(flags & 8)) * (1 + bool(flags & 4))
        chroma = 0 if is_grey else 2 * depth / thinned
    elif hvcc := items.first(b"hvcC", coded):
        depth = 1 + bool(int.from_bytes(hvcc[17:18], "big") & 7)
        chroma = depth * (0, 0.5, 1, 2)[int.from_bytes(hvcc[16:17], "big") & 3]
    else:
        return _MOST_PLANE_BYTES, True
    alpha = depth * bool(items.auxiliary_of(items.primary) or items.auxiliary_of(coded))
    return ceil(depth + chroma + alpha), depth > 1


def with_codes(data: bytes, codes: tuple[int, int]) -> bytes:
    """Return the file with other primaries and another transfer in its colour boxes.

    A sequence has one for the image and one for each track, before the coded frames.
    """
    changed, packed = bytearray(data), b"".join(code.to_bytes(2, "big") for code in codes)
    end = next((start for name, start, _ in boxes(data, 0, len(data)) if name == b"mdat"), 0)
    at = data.find(_COLOUR_BOX, 0, end)
    while at >= 0:
        changed[at + 8 : at + 12] = packed
        at = data.find(_COLOUR_BOX, at + 1, end)
    return bytes(changed)


def without_metadata(data: bytes, exif: bytes = b"") -> bytes | None:
    """Return the file with EXIF replaced by `exif` and XMP blanked; nothing moves.

    None if the boxes are not understood.
    """
    items = read_items(data)
    if items is None or not _is_all_shown(items):
        return None
    if avif_sequence.is_sequence(data) and not avif_sequence.has_only_frames(data):
        return None
    cleaned = bytearray(with_joined_properties(data))
    for item, start, end in extents(data):
        if end > len(data):
            return None
        cleaned[start:end] = _blank(items.kinds.get(item, b""), data[start:end], exif)
    return bytes(cleaned) if len(cleaned) == len(data) else None


def _is_all_shown(items: Items) -> bool:
    """Return True if every image in the file is a visible part of the primary image, or its alpha.

    A copy would otherwise carry along thumbnails, gain maps and pixels outside the clean aperture.
    """
    shown = {items.primary, *items.parts()}
    for item in tuple(shown):
        alphas = (
            each
            for each in items.auxiliary_of(item)
            if items.first(b"auxC", each)[FULL_BOX_BYTES:].split(b"\0")[0] in _ALPHA
        )
        shown |= {part for each in alphas for part in (each, *items.parts(each))}
    others = (kind for item, kind in items.kinds.items() if item not in shown)
    return _METADATA.issuperset(others) and not items.first(b"clap")


def with_joined_properties(data: bytes) -> bytes:
    """Return the file with the properties of all items in one box, as the decoder requires.

    Some encoders write one box per item. The bytes saved become free space, so nothing moves.
    """
    where = find_meta(data).get(b"iprp")
    if where is None:
        return data
    start, end = where
    listed = [(at, stop) for name, at, stop in boxes(data, start, end) if name == b"ipma"]
    kinds = {data[at : at + FULL_BOX_BYTES] for at, _ in listed}
    if len(listed) < 2 or len(kinds) != 1 or data[start - 4 : start] != b"iprp":  # noqa: PLR2004
        return data
    count = sum(int.from_bytes(data[at + 4 : at + 8], "big") for at, _ in listed)
    entries = b"".join(data[at + 8 : stop] for at, stop in listed)
    merged = _box(b"ipma", kinds.pop() + count.to_bytes(4, "big") + entries)
    properties = _box(b"iprp", data[start : listed[0][0] - 8] + merged)
    saved = _box(b"free", bytes(16 * (len(listed) - 1) - 8))
    return data[: start - 8] + properties + saved + data[end:]


def _box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def _blank(kind: bytes, content: bytes, exif: bytes) -> bytes:
    """Return a replacement of equal length for an item's content; pixel data is returned as is."""
    if kind == b"Exif":
        wanted = bytes(4) + exif if exif else _EMPTY_EXIF
        shown = wanted if len(wanted) <= len(content) else _EMPTY_EXIF
        return shown.ljust(len(content), b"\0")
    return b" " * len(content) if kind == b"mime" else content
