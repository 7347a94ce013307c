"""Read camera raw files that are TIFFs, or nearly: DNG, CR2, NEF, ARW, ORF, RW2 and others."""

from collections.abc import Iterator
from itertools import chain, islice

from imagemill.imaging.formats.camera_raw_parts import Found, Span, read_credits
from imagemill.imaging.formats.tiff_directory import Directory, Format, directories
from imagemill.imaging.formats.tiff_pages import (
    EXAMINED,
    is_raw,
    is_sensor_data,
    sub_directories,
)

# Tags.
_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_STRIPS, _STRIP_BYTES, _JPEG, _JPEG_BYTES = 273, 279, 513, 514
_EXIF, _MAKER_NOTE, _DNG_VERSION = 0x8769, 0x927C, 0xC612
# Panasonic's tags: the sensor's sides, and the JPEG in full size.
_PANASONIC_SIDES, _PANASONIC_JPEG = (0x0002, 0x0003), 0x002E
# Compressions that are JPEG.
_JPEG_COMPRESSIONS = (6, 7)
# First bytes of makers' formats, and their usual file name extensions.
_MARKS = (
    (b"II\x55\0", "rw2"),
    (b"IIRO", "orf"),
    (b"IIRS", "orf"),
    (b"MMOR", "orf"),
)
_CANON_MARK = b"CR"
# Extensions of raw files by the first word of the maker.
_BY_MAKER = {
    "nikon": "nef",
    "canon": "cr2",
    "sony": "arw",
    "pentax": "pef",
    "ricoh": "pef",
    "samsung": "srw",
    "hasselblad": "3fr",
    "olympus": "orf",
    "om": "orf",
    "panasonic": "rw2",
}
# Olympus's notes: the first bytes, and the bytes before the directory. Its offsets count from the
# first byte.
_OLYMPUS_NOTES = ((b"OLYMPUS\0", 12), (b"OM SYSTEM\0", 16))
# The directory of the camera's settings in it, and where that says that the preview is.
_SETTINGS, _PREVIEW_START, _PREVIEW_BYTES = 0x2020, 0x0101, 0x0102


def read(data: bytes) -> Found | None:
    """Return the JPEGs, the sensor's side and the credits; None if it is no such file."""
    if data[:2] not in (b"II", b"MM") or len(data) < 16:  # noqa: PLR2004 - a header
        return None
    layout = Format.read(data)
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not mark and int.from_bytes(data[2:4], layout.order) not in (42, 43):
        return None
    walk = directories(data, layout, EXAMINED)
    pages = [page for page in islice(walk, EXAMINED) if page.entries]
    subs = list(chain(*(sub_directories(data, layout, page) for page in pages)))
    is_canon = data.startswith(_CANON_MARK, 8)
    if not pages or not (mark or is_canon or any(map(is_raw, chain(pages, subs)))):
        return None
    exif = Directory.read(data, layout, pages[0].number(_EXIF)) if _EXIF in pages[0] else None
    spans = chain(*map(_spans, chain(pages, subs)), _olympus_preview(data, layout, exif))
    named = read_credits(pages[0], exif)
    kind = "dng" if _DNG_VERSION in pages[0] else mark
    maker = (named.make.split() or [""])[0].lower()
    kind = kind or _BY_MAKER.get(maker, "cr2" if is_canon else "raw")
    return Found(kind, tuple(spans), _sensor(pages, subs), named)


def _spans(page: Directory) -> Iterator[Span]:
    """Yield where a directory says that a JPEG is."""
    if _JPEG in page:
        yield page.number(_JPEG), page.number(_JPEG_BYTES)
    is_jpeg = page.number(_COMPRESSION) in _JPEG_COMPRESSIONS and not is_sensor_data(page)
    if is_jpeg and len(page.numbers(_STRIPS)) == 1:
        yield page.number(_STRIPS), page.number(_STRIP_BYTES)
    if _PANASONIC_JPEG in page:
        _, count, place = page.entries[_PANASONIC_JPEG]
        yield place, count


def _olympus_preview(data: bytes, layout: Format, exif: Directory | None) -> Iterator[Span]:
    if exif is None or _MAKER_NOTE not in exif:
        return
    _, count, base = exif.entries[_MAKER_NOTE]
    for mark, head in _OLYMPUS_NOTES:
        if not data.startswith(mark, base):
            continue
        note = data[base : base + count]
        settings = Directory.read(note, layout, head).number(_SETTINGS)
        found = Directory.read(note, layout, settings)
        yield base + found.number(_PREVIEW_START), found.number(_PREVIEW_BYTES)


def _sensor(pages: list[Directory], subs: list[Directory]) -> int:
    """Return the longest side of the sensor's data, px; 0 if no directory says it."""
    sides = [
        page.number(tag)
        for page in chain(pages, subs)
        for tag in (_WIDTH, _HEIGHT)
        if is_sensor_data(page)
    ]
    return max([*sides, *(pages[0].number(tag) for tag in _PANASONIC_SIDES)], default=0)
