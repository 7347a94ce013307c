"""Detect a gain map by its name alone, whether or not it is usable.

Sources: ISO 21496-1; Android's Ultra HDR 1.1; Apple's auxiliary images; Skia for the PNG chunks.
"""

from collections.abc import Callable, Iterator

from imagemill.imaging.formats import jxl, png
from imagemill.imaging.formats.isobmff import read_items
from imagemill.imaging.gain_maps.jpeg_images import (
    APP1,
    APP2,
    HDRGM,
    ISO,
    MPF,
    XMP,
    ImagePlace,
    following_images,
    listed_images,
    segments,
)
from imagemill.imaging.sniff import Kind

# Name of Apple's gain maps in XMP.
_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
# Parts of the names of auxiliary images: Apple's and Samsung's, and ISO's.
_AUXILIARY = (b"aux:hdrgainmap", b"21496")


def has_gain_map(data: bytes, kind: Kind) -> bool:
    """Return True if a file of that kind has a gain map; nothing is decoded."""
    look = _LOOKS.get(kind)
    return bool(look and look(data))


def _in_jpeg(data: bytes) -> bool:
    """Look at the metadata of the images after the first."""
    return any(_is_gain_map(data, place.start) for place in _further_images(data))


def _further_images(data: bytes) -> Iterator[ImagePlace]:
    """Yield the images after the first: from the index, and right after an end."""
    for marker, start, end in segments(data, 0):
        if marker == APP2 and data.startswith(MPF, start):
            yield from listed_images(data, start, end)
    yield from following_images(data)


def _is_gain_map(data: bytes, at: int) -> bool:
    """Return True if the metadata of the image at `at` declare it a gain map."""
    for marker, start, end in segments(data, at):
        if marker == APP2 and data.startswith(ISO, start):
            return True
        if marker == APP1 and data.startswith(XMP, start):
            packet = data[start:end]
            if HDRGM in packet or _APPLE in packet:
                return True
    return False


def _in_items(data: bytes) -> bool:
    """Look for a tone-mapped image, or an auxiliary image with the name of a gain map."""
    items = read_items(data)
    if items is None:
        return False
    if b"tmap" in items.kinds.values():
        return True
    named = (items.first(b"auxC", each) for each in items.auxiliary_of(items.primary))
    return any(part in name for name in named for part in _AUXILIARY)


def _in_png(data: bytes) -> bool:
    return png.has_gain_map(data)


def _in_boxes(data: bytes) -> bool:
    return jxl.has_gain_map(data)


_LOOKS: dict[Kind, Callable[[bytes], bool]] = {
    "jpeg": _in_jpeg,
    "avif": _in_items,
    "heic": _in_items,
    "png": _in_png,
    "jxl": _in_boxes,
}
