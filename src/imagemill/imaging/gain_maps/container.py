"""Write a gain map behind a JPEG: a second image, and the metadata of both.

Sources: Android's Ultra HDR 1.1 and ISO 21496-1 for the segments; CIPA DC-007 for the index.
"""

import struct

from imagemill.imaging.formats import jpeg
from imagemill.imaging.gain_maps.found import GainMap
from imagemill.imaging.gain_maps.hdrgm import packet_of_map, packet_of_primary
from imagemill.imaging.gain_maps.jpeg_images import APP1, APP2, ISO, MPF, XMP
from imagemill.imaging.gain_maps.metadata import VERSIONS, iso_bytes

# MPF: tags of version, number of images and list of images; types "undefined" and "long"; and the
# type of the first image, CIPA DC-007, 5.2.3.3.1.
_VERSION_TAG, _COUNT_TAG, _LIST_TAG = 0xB000, 0xB001, 0xB002
_UNDEFINED, _LONG = 7, 4
_PRIMARY = 0x30000
_IMAGES, _ENTRY_BYTES = 2, 16
# Bytes of an index: marker and length, name, header, directory with three tags, list.
_DIRECTORY_AT, _TAGS = 8, 3
_LIST_AT = _DIRECTORY_AT + 2 + 12 * _TAGS + 4
_INDEX_BYTES = 4 + len(MPF) + _LIST_AT + _IMAGES * _ENTRY_BYTES
# Start of the header, from which offsets count, in the index.
_HEADER_AT = 4 + len(MPF)
# Markers of segments that stay in front: JFIF, EXIF and the profile.
_FIRST = frozenset({0xD8, 0xE0, APP1, APP2})


def segments_of(gain_map: GainMap) -> bytes:
    """Return the metadata of a gain map's own image, as segments of its JPEG."""
    metadata = gain_map.metadata
    made = _segment(APP1, XMP + packet_of_map(metadata)) + _segment(APP2, ISO + iso_bytes(metadata))
    return made + jpeg.profile_segment(gain_map.profile) if gain_map.profile else made


def with_gain_map(base: bytes, image: bytes, segments: bytes) -> bytes:
    """Return a JPEG followed by the gain map's JPEG, with the metadata of both.

    Nothing else of the base changes. `image` has no metadata of its own: they are `segments`.
    """
    second = _insert(image, segments)
    declared = _declared(len(second))
    at = _front(base) + len(declared)
    first_bytes = len(base) + len(declared) + _INDEX_BYTES
    index = _index(first_bytes, len(second), first_bytes - at - _HEADER_AT)
    return _insert(base, declared + index) + second


def added_bytes(image_bytes: int, segments: bytes) -> int:
    """Return the bytes that `with_gain_map` adds to a JPEG."""
    second_bytes = image_bytes + len(segments)
    return second_bytes + len(_declared(second_bytes)) + _INDEX_BYTES


def _declared(second_bytes: int) -> bytes:
    """Return the segments of the first image that declare the second."""
    packet = packet_of_primary(second_bytes)
    return _segment(APP1, XMP + packet) + _segment(APP2, ISO + VERSIONS)


def _index(first_bytes: int, second_bytes: int, offset: int) -> bytes:
    """Return the index of both images; `offset` is that of the second from the header on."""
    header = struct.pack(">2sHI", b"MM", 42, _DIRECTORY_AT)
    directory = struct.pack(">H", _TAGS)
    directory += struct.pack(">HHI4s", _VERSION_TAG, _UNDEFINED, 4, b"0100")
    directory += struct.pack(">HHII", _COUNT_TAG, _LONG, 1, _IMAGES)
    directory += struct.pack(">HHII", _LIST_TAG, _UNDEFINED, _IMAGES * _ENTRY_BYTES, _LIST_AT)
    entries = struct.pack(">IIIHH", _PRIMARY, first_bytes, 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, second_bytes, offset, 0, 0)
    return _segment(APP2, MPF + header + directory + bytes(4) + entries)


def _insert(data: bytes, added: bytes) -> bytes:
    at = _front(data)
    return data[:at] + added + data[at:]


def _front(data: bytes) -> int:
    """Return the offset after the segments that come first."""
    at = 2
    for marker, segment in jpeg.segments(data, with_scans=False):
        if marker not in _FIRST:
            break
        at += len(segment)
    return at


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
