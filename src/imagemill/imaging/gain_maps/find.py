"""Find the gain map of a file. Nothing is decoded."""

from collections.abc import Callable

from imagemill.imaging.gain_maps.found import Search
from imagemill.imaging.gain_maps.in_items import find_in_items
from imagemill.imaging.gain_maps.in_jpeg import find_in_jpeg
from imagemill.imaging.sniff import Kind


def find_gain_map(data: bytes, kind: Kind, exif: Callable[[], bytes]) -> Search:
    """Return the gain map of a file; `exif` returns its EXIF, where Apple's headroom is."""
    if kind == "jpeg":
        return find_in_jpeg(data, exif)
    return find_in_items(data, kind, exif) if kind in ("avif", "heic") else Search()
