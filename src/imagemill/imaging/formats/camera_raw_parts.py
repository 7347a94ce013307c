"""The parts that the readers of camera raw files return."""

from imagemill.dataclass import dataclass
from imagemill.imaging.formats.tiff_directory import Directory, Format

# Tags of the first directory, and of the EXIF directory.
_MAKE, _MODEL, _ORIENTATION, _ARTIST, _COPYRIGHT = 0x010F, 0x0110, 0x0112, 0x013B, 0x8298
# Largest EXIF orientation.
_MOST_TURNED = 8

# Offset and length in the file, bytes.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Credits:
    """Tags that describe the photo; empty, and 0 as the orientation, where the file has none."""

    make: str = ""
    model: str = ""
    orientation: int = 0
    artist: str = ""
    copyright: str = ""
    exif: Directory | None = None
    """The EXIF directory."""


@dataclass(frozen=True, slots=True)
class Found:
    """A camera raw file: its format, where JPEGs may be, and the sensor's longest side, px or 0."""

    format: str
    spans: tuple[Span, ...]
    sensor: int
    credits: Credits


def read_credits(first: Directory, exif: Directory | None) -> Credits:
    """Return the credits in the first directory of a TIFF and in its EXIF directory."""
    orientation = first.number(_ORIENTATION)
    return Credits(
        _text(first, _MAKE),
        _text(first, _MODEL),
        orientation if 1 <= orientation <= _MOST_TURNED else 0,
        _text(first, _ARTIST),
        _text(first, _COPYRIGHT),
        exif,
    )


def read_block(data: bytes) -> Directory | None:
    """Return the first directory of a small TIFF inside a file; None if there is none."""
    if data[:2] not in (b"II", b"MM") or len(data) < 8:  # noqa: PLR2004 - a TIFF header
        return None
    layout = Format.read(data)
    return None if layout.is_big_tiff else Directory.read(data, layout, layout.first)


def _text(directory: Directory, tag: int) -> str:
    return (directory.text(tag) or "").strip("\0 ")[:256]
