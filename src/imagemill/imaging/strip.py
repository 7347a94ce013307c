"""A file without its metadata, its pixels untouched."""

from collections.abc import Callable

from imagemill.imaging import avif, gif, jpeg, png, webp
from imagemill.imaging.facts import Facts
from imagemill.imaging.sniff import Kind

_DIRECT_MODES = frozenset(("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"))

_STRIPS: dict[Kind, Callable[[bytes], bytes | None]] = {
    "jpeg": jpeg.without_metadata,
    "png": png.without_metadata,
    "gif": gif.without_metadata,
    "webp": webp.without_metadata,
    "avif": avif.without_metadata,
}


def without_metadata(data: bytes, facts: Facts) -> bytes | None:
    """Return the same picture without EXIF, XMP, comments and whatever else does not show.

    The colour profile goes too. None when that is not possible: the picture must be turned or
    converted, is damaged, or its kind has no such way here (HEIC, TIFF, BMP, JPEG 2000, ICO).
    """
    if facts.orientation != 1 or facts.mode not in _DIRECT_MODES:
        return None
    strip = _STRIPS.get(facts.format)
    return strip(data) if strip else None
