"""A gain map that was found in a file, and what its metadata mean."""

from collections.abc import Callable

from imagemill.dataclass import dataclass
from imagemill.imaging.gain_maps.jpeg_images import HDRGM, ImagePlace
from imagemill.imaging.gain_maps.metadata import VERSIONS, GainMetadata, read_iso
from imagemill.imaging.sniff import Kind

_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"


@dataclass(frozen=True, slots=True)
class GainMap:
    """A usable gain map: its size as stored, px, its meaning, and its place."""

    kind: Kind
    """Format of the file."""
    file_bytes: int
    """Bytes of the map in the file."""
    width: int
    height: int
    metadata: GainMetadata
    table: bytes | None = None
    """256 values that replace those of the map, to fit the metadata; None if they fit already."""
    profile: bytes = b""
    """Profile of the bright image, if the gain applies in its colours."""
    place: ImagePlace = ImagePlace(0, 0)
    """Where the map's JPEG is in a JPEG."""
    item: int = 0
    """Number of the map's item in an AVIF or HEIC."""


@dataclass(frozen=True, slots=True)
class Search:
    """The result: the gain map, and whether the first image says that there is one."""

    gain_map: GainMap | None = None
    is_declared: bool = False


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
