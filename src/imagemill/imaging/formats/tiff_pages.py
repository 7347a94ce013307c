"""Find the directory of the image in a TIFF, and detect camera raw files.

Sources: TIFF 6.0 (NewSubfileType, SubfileType), TIFF/EP (ISO 12234-2), DNG 1.7, and the raw formats
that LibRaw reads.
"""

from itertools import chain, islice

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, UnsupportedFormat
from imagemill.imaging.formats.tiff_directory import Directory, Format, directories
from imagemill.imaging.sniff import RAW_REFUSAL

# Tags.
_NEW_SUBFILE_TYPE, _OLD_SUBFILE_TYPE = 254, 255
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _MAKE = 256, 257, 259, 262, 271
# StripOffsets, TileOffsets, JPEGInterchangeFormat: without any of them there are no pixels.
_OFFSETS = (273, 324, 513)
_SUB_IFDS, _DNG_VERSION = 330, 50_706
# Bits of NewSubfileType.
_REDUCED, _MASK = 1, 4
# Value of SubfileType for a reduced copy.
_OLD_REDUCED = 2
# Photometric interpretations: a mask, and two kinds of raw data.
_TRANSPARENCY_MASK, _COLOUR_FILTER_ARRAY, _LINEAR_RAW = 4, 32_803, 34_892
# Compressions of Sony, TIFF/EP, Samsung, Nikon, Kodak and Pentax.
_RAW_COMPRESSIONS = frozenset((32_767, 32_769, 32_770, 34_713, 65_000, 65_535))
# Pages, and sub-directories of each, to examine; later pages are only counted.
EXAMINED, _SUB_EXAMINED = 16, 8


@dataclass(frozen=True, slots=True)
class Page:
    """The directory of the image that is shown, and the number of such images."""

    directory: Directory
    first: Directory
    """The file's first directory, which may name the author of all images."""
    count: int


def find_page(data: bytes, layout: Format) -> Page:
    """Return the first image in full resolution: not a reduced copy and not a mask.

    If all pages are reduced copies, the full image among the sub-directories is used, else the
    largest copy. Raises UnsupportedFormat for camera raw files, which hold previews and unprocessed
    sensor data, and CorruptImage if there is no image.
    """
    walk = directories(data, layout, EXAMINED)
    examined = [page for page in islice(walk, EXAMINED) if page.entries]
    subs = [sub_directories(data, layout, page) for page in examined]
    if any(is_raw(page) for page in chain(examined, *subs)):
        raise _raw_refusal()
    images = [page for page in examined if _has_pixels(page)]
    full = [page for page in images if _is_full(page)]
    if full:
        return Page(full[0], examined[0], len(full) + sum(map(_is_full, walk)))
    full = [page for page in chain(*subs) if _has_pixels(page) and _is_full(page)]
    if full:
        return Page(full[0], examined[0], 1)
    if any(_SUB_IFDS in page and _MAKE in page for page in examined):
        raise _raw_refusal()
    if not images:
        raise CorruptImage("the TIFF file holds no image")
    largest = max(images, key=lambda page: page.number(_WIDTH) * page.number(_HEIGHT))
    return Page(largest, examined[0], 1)


def sub_directories(data: bytes, layout: Format, page: Directory) -> list[Directory]:
    """Return the first sub-directories of a page."""
    offsets = page.numbers(_SUB_IFDS)[:_SUB_EXAMINED]
    found = (Directory.read(data, layout, offset) for offset in offsets)
    return [directory for directory in found if directory.entries]


def is_raw(page: Directory) -> bool:
    """Return True if a directory is one that only camera raw files have."""
    return _DNG_VERSION in page or is_sensor_data(page)


def is_sensor_data(page: Directory) -> bool:
    """Return True if a directory describes unprocessed data of a sensor."""
    return (
        page.number(_PHOTOMETRIC) in (_COLOUR_FILTER_ARRAY, _LINEAR_RAW)
        or page.number(_COMPRESSION) in _RAW_COMPRESSIONS
    )


def _has_pixels(page: Directory) -> bool:
    return (
        page.number(_WIDTH) > 0
        and page.number(_HEIGHT) > 0
        and any(tag in page for tag in _OFFSETS)
        and page.number(_PHOTOMETRIC) != _TRANSPARENCY_MASK
    )


def _is_full(page: Directory) -> bool:
    kind = page.number(_NEW_SUBFILE_TYPE)
    return not kind & (_REDUCED | _MASK) and page.number(_OLD_SUBFILE_TYPE) != _OLD_REDUCED


def _raw_refusal() -> UnsupportedFormat:
    return UnsupportedFormat(RAW_REFUSAL)
