"""The container of JPEG: marker segments. Source of all format facts: ITU-T T.81, T.871."""

import re
from collections.abc import Iterator, Sequence

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
# Markers without a segment: TEM, SOI and the restart markers.
_STANDALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
# Length of a JFIF segment, marker included.
_JFIF_WITHOUT_THUMBNAIL = 18
# End of coded data: a marker that is neither byte stuffing nor a restart.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
_APP0, _APP14, _APP15, _COMMENT = 0xE0, 0xEE, 0xEF, 0xFE


def without_metadata(data: bytes, added: Sequence[bytes] = ()) -> bytes | None:
    """Return the file with unchanged pixel data, without metadata, and with the segments `added`.

    Kept are JFIF's density and Adobe's colour transform. The profile, EXIF, XMP, IPTC, comments,
    thumbnails and bytes after the end are removed. None if the file is incomplete.
    """
    parts = [data[:2]]
    is_added = False
    for marker, segment in segments(data):
        if marker == _END_OF_IMAGE:
            return b"".join([*parts, segment])
        if marker != _APP0 and not is_added:
            parts += added
            is_added = True
        if _shows(marker, segment):
            parts.append(segment)
    return None


def segments(data: bytes, *, with_scans: bool = True) -> Iterator[tuple[int, bytes]]:
    """Yield each marker and its segment with coded data; stop where the structure breaks.

    Without scans it stops before the first one, and reads none of its data.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == _MARKER:
        marker = data[at + 1]
        if marker == _MARKER:
            at += 1
            continue
        if marker == _END_OF_IMAGE:
            break
        if marker == _START_OF_SCAN and not with_scans:
            return
        if marker in _STANDALONE:
            end = at + 2
        else:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            end = _end_of_scan(data, end)
        yield marker, data[at:end]
        at = end
    if data[at : at + 2] == b"\xff\xd9":
        yield _END_OF_IMAGE, b"\xff\xd9"


def exif_segment(exif: bytes) -> bytes:
    """Return an APP1 segment with EXIF."""
    return _segment(0xE1, b"Exif\0\0" + exif)


def profile_segment(profile: bytes) -> bytes:
    """Return an APP2 segment with an ICC profile that fits into one segment."""
    return _segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([_MARKER, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _shows(marker: int, segment: bytes) -> bool:
    if marker == _APP0:
        return segment[4:9] == b"JFIF\0" and len(segment) == _JFIF_WITHOUT_THUMBNAIL
    if marker == _APP14:
        return segment[4:9] == b"Adobe"
    return not (_APP0 < marker <= _APP15 or marker == _COMMENT)


def _end_of_scan(data: bytes, at: int) -> int:
    found = _AFTER_SCAN.search(data, at)
    return found.start() if found else len(data)
