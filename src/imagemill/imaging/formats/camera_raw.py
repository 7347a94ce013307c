"""Find the preview inside a camera raw file: the largest JPEG that the camera has embedded.

Reading is bounded: the directories and their entries by `tiff_directory`, the boxes, the candidates
and the segments of each candidate by constants. Sources: TIFF/EP (ISO 12234-2), DNG 1.7, ISO/IEC
14496-12, and the descriptions of the makers' formats in ExifTool's documentation of tags.
"""

from collections.abc import Iterable

from imagemill.dataclass import dataclass
from imagemill.errors import UnsupportedFormat
from imagemill.imaging.formats import camera_raw_boxes, camera_raw_tiff
from imagemill.imaging.formats.camera_raw_parts import Credits, Found, Span

# Sides of a preview that is worth showing: so many px, or this fraction of the sensor's side.
_LEAST_SIDE, _LEAST_SHARE = 1_000, 4
# JPEGs to look at, and segments and fill bytes of each before its frame header.
_MAX_CANDIDATES, _MAX_SEGMENTS = 64, 200
# Markers: frame headers of Huffman-coded baseline, extended and progressive JPEG, and the start of
# a scan. Sensor data are lossless JPEG, which has another frame header.
_FRAMES, _SCAN = frozenset((0xC0, 0xC1, 0xC2)), 0xDA
_FUJIFILM = b"FUJIFILMCCD-RAW"
# Offset and length of the JPEG in a RAF, big-endian, and the offset of its directory.
_RAF_JPEG, _RAF_DIRECTORY = 84, 92
_RAF_FULL_SIZE, _RAF_MAX_ENTRIES = 0x0100, 256


@dataclass(frozen=True, slots=True)
class RawPreview:
    """The preview of a camera raw file.

    `format` is the usual file name extension, such as `dng`; `orientation` is 0 if only the JPEG
    itself says how it is to be turned.
    """

    format: str
    jpeg: bytes
    orientation: int
    credits: Credits


def find_preview(data: bytes) -> RawPreview | None:
    """Return the largest JPEG of a camera raw file; None for any other file.

    Raises UnsupportedFormat if no JPEG has 1,000 px, or a quarter of the sensor's side.
    """
    found = _read(data)
    if found is None:
        return None
    sized = [(size, span) for span in _candidates(found.spans) if (size := _size_of(data, span))]
    (width, height), span = max(sized, default=((0, 0), (0, 0)), key=lambda each: _area(each[0]))
    side = max(width, height)
    if side < _LEAST_SIDE and (not found.sensor or side * _LEAST_SHARE < found.sensor):
        raise UnsupportedFormat(
            f"the camera raw file holds no preview of {_LEAST_SIDE:,} px: "
            "upload the JPEG or HEIC of the same photo"
        )
    start, length = span
    return RawPreview(
        found.format, data[start : start + length], found.credits.orientation, found.credits
    )


def _read(data: bytes) -> Found | None:
    if data.startswith(_FUJIFILM):
        return _read_raf(data)
    if data[4:12] == b"ftypcrx ":
        return camera_raw_boxes.read(data)
    return camera_raw_tiff.read(data)


def _read_raf(data: bytes) -> Found:
    """Read the header of Fujifilm's format."""
    start, length = _number(data, _RAF_JPEG, 4), _number(data, _RAF_JPEG + 4, 4)
    return Found("raf", ((start, length),), _raf_sensor(data), Credits())


def _raf_sensor(data: bytes) -> int:
    """Return the longest side of the sensor, px; 0 if the directory does not say."""
    at = _number(data, _RAF_DIRECTORY, 4)
    count, at = _number(data, at, 4), at + 4
    for _ in range(min(count, _RAF_MAX_ENTRIES)):
        tag, size = _number(data, at, 2), _number(data, at + 2, 2)
        if tag == _RAF_FULL_SIZE:
            return max(_number(data, at + 4, 2), _number(data, at + 6, 2))
        at += 4 + size
    return 0


def _candidates(spans: Iterable[Span]) -> list[Span]:
    return list(dict.fromkeys(span for span in spans if span[1] > 0))[:_MAX_CANDIDATES]


def _size_of(data: bytes, span: Span) -> tuple[int, int] | None:
    """Return width and height of a JPEG for viewing, px; None for anything else."""
    at, end = span[0], min(span[0] + span[1], len(data))
    if data[at : at + 2] != b"\xff\xd8":
        return None
    at += 2
    for _ in range(_MAX_SEGMENTS):
        if at + 4 > end or data[at] != 0xFF or data[at + 1] == _SCAN:  # noqa: PLR2004 - a marker
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte before the marker
            at += 1
            continue
        if marker in _FRAMES:
            height, width = _number(data, at + 5, 2), _number(data, at + 7, 2)
            return (width, height) if width and height else None
        at += 2 + max(2, _number(data, at + 2, 2))
    return None


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")
