"""Find the gain map of a JPEG: by the index of images, or behind an image that declares it.

Every offset in the file is checked. A gain map that is declared but cannot be used is left out.
"""

from collections.abc import Callable, Iterator

from imagemill.imaging.gain_maps.found import GainMap, Search, meaning_of
from imagemill.imaging.gain_maps.jpeg_images import (
    APP1,
    APP2,
    HDRGM,
    ICC,
    ISO,
    MPF,
    XMP,
    ImagePlace,
    following_images,
    listed_images,
    segments,
)

# Frame headers of JPEG: T.81, table B.1.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Before the profile in its segment: number and count of the parts.
_PART_BYTES = 2


def find_in_jpeg(data: bytes, exif: Callable[[], bytes]) -> Search:
    """Return the gain map of a JPEG; `exif` returns its EXIF, where Apple's headroom is."""
    index: tuple[int, int] | None = None
    is_declared = False
    for marker, start, end in segments(data, 0):
        if marker == APP2 and data.startswith(MPF, start):
            index = start, end
        if marker == APP2 and data.startswith(ISO, start):
            is_declared = True
        if marker == APP1 and data.startswith(XMP, start):
            is_declared = is_declared or data.find(HDRGM, start, end) >= 0
    if index is None and not is_declared:
        return Search()
    # An index that lies is not made up for by a search.
    places = listed_images(data, *index) if index else following_images(data)
    maps = (_read_map(data, place, exif) for place in places)
    return Search(next((each for each in maps if each), None), is_declared)


def _read_map(data: bytes, place: ImagePlace, exif: Callable[[], bytes]) -> GainMap | None:
    """Return the image at a place as a gain map; None if it is none, or not usable."""
    size, iso, packet, profile = (0, 0), b"", b"", b""
    for marker, start, end in _within(data, place):
        if marker in _FRAMES:
            height, width = data[start + 1 : start + 3], data[start + 3 : start + 5]
            size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        elif marker == APP2 and data.startswith(ISO, start):
            iso = data[start + len(ISO) : end]
        elif marker == APP2 and data.startswith(ICC + b"\1\1", start):
            profile = data[start + len(ICC) + _PART_BYTES : end]
        elif marker == APP1 and data.startswith(XMP, start):
            packet = data[start + len(XMP) : end]
    meaning = meaning_of(iso, packet, exif) if iso or packet else None
    if meaning is None or not all(size):
        return None
    metadata, table = meaning
    kept = b"" if metadata.uses_base_colours else profile
    return GainMap("jpeg", place.end - place.start, *size, metadata, table, kept, place)


def _within(data: bytes, place: ImagePlace) -> Iterator[tuple[int, int, int]]:
    """Yield the segments that lie inside the image."""
    for marker, start, end in segments(data, place.start):
        if end <= place.end:
            yield marker, start, end
