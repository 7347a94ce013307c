"""Find the gain map of a file, and read what it means. Nothing is decoded.

Every offset in the file is checked. A gain map that is declared but cannot be used is left out.
"""

from collections.abc import Callable, Iterator

from imagemill.dataclass import dataclass
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
from imagemill.imaging.gain_maps.metadata import VERSIONS, GainMetadata, read_iso
from imagemill.imaging.sniff import Kind

_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
# Frame headers of JPEG: T.81, table B.1.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Before the profile in its segment: number and count of the parts.
_PART_BYTES = 2


@dataclass(frozen=True, slots=True)
class GainMap:
    """A usable gain map: its place in the file, its size as stored, px, and its meaning."""

    place: ImagePlace
    width: int
    height: int
    metadata: GainMetadata
    table: bytes | None = None
    """256 values that replace those of the map, to fit the metadata; None if they fit already."""
    profile: bytes = b""
    """Profile of the bright image, if the gain applies in its colours."""

    @property
    def bytes(self) -> int:
        """Bytes of the map's image in the file."""
        return self.place.end - self.place.start


@dataclass(frozen=True, slots=True)
class Search:
    """The result: the gain map, and whether the first image says that there is one."""

    gain_map: GainMap | None = None
    is_declared: bool = False


def find_gain_map(data: bytes, kind: Kind, exif: Callable[[], bytes]) -> Search:
    """Return the gain map of a file; `exif` returns its EXIF, where Apple's headroom is."""
    return _in_jpeg(data, exif) if kind == "jpeg" else Search()


def meaning_of(
    iso: bytes, packet: bytes, exif: Callable[[], bytes]
) -> tuple[GainMetadata, bytes | None] | None:
    """Return the metadata of a gain map and its table, from ISO's form, XMP and the EXIF.

    ISO 21496-1 comes first. None if no metadata are there, or they make no sense.
    """
    # Imported here because few images have a gain map and a cold start need not load the parser.
    from imagemill.imaging.gain_maps import apple, hdrgm  # noqa: PLC0415

    found = read_iso(iso) if len(iso) > len(VERSIONS) else None
    if found is None and HDRGM in packet:
        found = hdrgm.read_hdrgm(packet)
    if found is not None:
        return (found, None) if found.is_usable else None
    if _APPLE not in packet and hdrgm.APPLE_NAMESPACE.encode() not in packet:
        return None
    stops = apple.read_stops(packet, exif())
    return (apple.metadata_of(stops), apple.logarithms(stops)) if stops else None


def _in_jpeg(data: bytes, exif: Callable[[], bytes]) -> Search:
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
    return GainMap(place, *size, metadata, table, b"" if metadata.uses_base_colours else profile)


def _within(data: bytes, place: ImagePlace) -> Iterator[tuple[int, int, int]]:
    """Yield the segments that lie inside the image."""
    for marker, start, end in segments(data, place.start):
        if end <= place.end:
            yield marker, start, end
