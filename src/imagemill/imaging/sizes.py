"""Width and height that a file declares, read before any decoder opens it and allocates memory.

Each reader looks at a bounded part of the file. Where a file declares several sizes that a decoder
may go by, the largest counts.
"""

import re
from collections.abc import Callable, Iterable
from struct import Struct, error

from imagemill.imaging.formats import avif, gif, jpeg, jxl, webp
from imagemill.imaging.sniff import Kind

# Bytes at the start of a HEIF file that are searched for item properties.
_META_BYTES = 1 << 20
_MAX_PROPERTIES = 10_000
_IHDR = Struct(">II")
# Place of the bit depth in a PNG, after width and height.
_PNG_DEPTH = 24
_BMP_CORE, _BMP_INFO = Struct("<HH"), Struct("<ii")
# Length of a BITMAPCOREHEADER.
_BMP_CORE_BYTES = 12
# Markers SOC and SIZ at the start of a JPEG 2000 codestream.
_SIZ = re.compile(rb"\xff\x4f\xff\x51", re.DOTALL)
_SIZ_FIELDS = Struct(">HHIIII")
_JP2_HEADER = b"ihdr"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOF_FIELDS = Struct(">HH")
# Tags, formats of their field types for `struct`, and the entries of a directory to read.
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_FORMATS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_MAX_TAGS = 4_096


def declared_size(data: bytes, kind: Kind) -> tuple[int, int] | None:
    """Return width and height, px, as the header declares them; None when it is not understood.

    Of an icon it is that of the image chosen: call it with that image.
    """
    reader = _READERS.get(kind)
    try:
        return reader(data) if reader else None
    except (error, IndexError):
        return None


def read_depth(data: bytes, kind: Kind, image: object) -> int:
    """Return the bits per sample of a PNG, AVIF, HEIC or TIFF; 8 for other formats.

    `image` is the opened decoder, which knows it of a TIFF. Fewer than 8 count as 8.
    """
    if kind in ("avif", "heic"):
        return avif.read_depth(data)
    if kind == "png":
        return max(8, data[_PNG_DEPTH])
    return getattr(image, "depth", 8)


def _of_gif(data: bytes) -> tuple[int, int] | None:
    structure = gif.read_gif(data, most_frames=1)
    return structure.width, structure.height


def _of_png(data: bytes) -> tuple[int, int] | None:
    width, height = _IHDR.unpack_from(data, 16)
    return width, height


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    found = []
    for marker, segment in jpeg.segments(data, with_scans=False):
        if marker in _FRAMES:
            height, width = _SOF_FIELDS.unpack_from(segment, 5)
            found.append((width, height))
    return _largest(found)


def _of_bmp(data: bytes) -> tuple[int, int] | None:
    start = 14 if data.startswith(b"BM") else 0
    is_core = int.from_bytes(data[start : start + 4], "little") == _BMP_CORE_BYTES
    fields = _BMP_CORE if is_core else _BMP_INFO
    width, height = fields.unpack_from(data, start + 4)
    return abs(width), abs(height)


def _of_jpeg_2000(data: bytes) -> tuple[int, int] | None:
    found = []
    for match in _SIZ.finditer(data):
        _, _, right, bottom, left, top = _SIZ_FIELDS.unpack_from(data, match.end())
        found.append((max(0, right - left), max(0, bottom - top)))
        break
    at = data.find(_JP2_HEADER, 0, _META_BYTES)
    if at >= 0:
        height, width = _IHDR.unpack_from(data, at + 4)
        found.append((width, height))
    return _largest(found)


def _of_heif(data: bytes) -> tuple[int, int] | None:
    """Return the largest of the spatial extents of all items, tiles and thumbnails included."""
    found = []
    at = -1
    for _ in range(_MAX_PROPERTIES):
        at = data.find(b"ispe", at + 1, _META_BYTES)
        if at < 0:
            break
        width, height = _IHDR.unpack_from(data, at + 8)
        found.append((width, height))
    return _largest(found)


def _of_tiff(data: bytes) -> tuple[int, int] | None:
    """Return the size in the first directory, of classic TIFF and BigTIFF in either order."""
    order = "<" if data.startswith(b"II") else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    offset, count, entry = ("Q", "Q", 20) if is_big else ("I", "H", 12)
    at = Struct(order + offset).unpack_from(data, 8 if is_big else 4)[0]
    counted = Struct(order + count)
    entries = min(counted.unpack_from(data, at)[0], _MAX_TAGS)
    found = {}
    for index in range(entries):
        start = at + counted.size + index * entry
        tag, form = Struct(order + "HH").unpack_from(data, start)
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT) and form in _TIFF_FORMATS:
            value = Struct(order + _TIFF_FORMATS[form])
            found[tag] = value.unpack_from(data, start + (12 if is_big else 8))[0]
    return found.get(_TIFF_WIDTH, 0), found.get(_TIFF_HEIGHT, 0)


def _largest(sizes: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _of_webp(data: bytes) -> tuple[int, int] | None:
    return webp.read_size(data)


def _of_jpeg_xl(data: bytes) -> tuple[int, int] | None:
    header = jxl.read_header(data)
    return (header.width, header.height) if header else None


_READERS: dict[Kind, Callable[[bytes], tuple[int, int] | None]] = {
    "gif": _of_gif,
    "png": _of_png,
    "jpeg": _of_jpeg,
    "webp": _of_webp,
    "bmp": _of_bmp,
    "jp2": _of_jpeg_2000,
    "jxl": _of_jpeg_xl,
    "avif": _of_heif,
    "heic": _of_heif,
    "tiff": _of_tiff,
}
