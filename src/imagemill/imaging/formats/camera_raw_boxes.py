"""Read Canon's CR3, which is an ISO base media file. Source: ISO/IEC 14496-12.

Canon's own boxes: CMT1 holds the first directory of a TIFF, CMT2 its EXIF directory, PRVW a small
preview. The first track is the JPEG in full size, another one the data of the sensor.
"""

from collections.abc import Iterator

from imagemill.imaging.formats.camera_raw_parts import (
    Credits,
    Found,
    Span,
    read_block,
    read_credits,
)
from imagemill.imaging.formats.isobmff import boxes

# First bytes of the ids of Canon's boxes: with its tags, and with the preview.
_CANON_ID, _PREVIEW_ID = bytes.fromhex("85c0b687820f11e0"), bytes.fromhex("eaf42b5e1c984b88")
_ID_BYTES = 16
# Bytes between the id of the preview's box and the box in it; the place of the length in that, and
# of the JPEG.
_PREVIEW_HEAD, _PREVIEW_LENGTH, _PREVIEW_JPEG = 8, 12, 16
_MAX_TRACKS = 16
# Places of width and height in a sample entry.
_WIDTH, _HEIGHT = 24, 26


def read(data: bytes) -> Found:
    """Return the JPEGs, the sensor's side and the credits of a CR3."""
    spans: list[Span] = []
    credits_, sensor = Credits(), 0
    for name, start, end in boxes(data, 0, len(data)):
        if name == b"uuid" and data.startswith(_PREVIEW_ID, start):
            spans += _preview(data, start + _ID_BYTES + _PREVIEW_HEAD, end)
        if name == b"moov":
            credits_ = _credits(data, start, end)
            for span, side in _tracks(data, start, end):
                spans.append(span)
                sensor = max(sensor, side)
    return Found("cr3", tuple(spans), sensor, credits_)


def _preview(data: bytes, start: int, end: int) -> Iterator[Span]:
    for name, at, _ in boxes(data, start, end):
        if name == b"PRVW":
            yield at + _PREVIEW_JPEG, _number(data, at + _PREVIEW_LENGTH, 4)


def _credits(data: bytes, start: int, end: int) -> Credits:
    for name, at, stop in boxes(data, start, end):
        if name != b"uuid" or not data.startswith(_CANON_ID, at):
            continue
        blocks = {
            found: data[inner:last] for found, inner, last in boxes(data, at + _ID_BYTES, stop)
        }
        first, exif = (read_block(blocks.get(name, b"")) for name in (b"CMT1", b"CMT2"))
        return read_credits(first, exif) if first else Credits()
    return Credits()


def _tracks(data: bytes, start: int, end: int) -> Iterator[tuple[Span, int]]:
    """Yield where the first sample of each track is, and the track's longest side, px."""
    tracks = [found[1:] for found in boxes(data, start, end) if found[0] == b"trak"]
    for track in tracks[:_MAX_TRACKS]:
        table = _inner(data, track, b"mdia", b"minf", b"stbl")
        parts = {name: (at, stop) for name, at, stop in boxes(data, *table)}
        offsets = parts.get(b"co64") or parts.get(b"stco")
        sizes, entries = parts.get(b"stsz"), parts.get(b"stsd")
        if not offsets or not sizes or not entries:
            continue
        offset = _number(data, offsets[0] + 8, 8 if b"co64" in parts else 4)
        # The size that all samples have, else that of the first.
        size = _number(data, sizes[0] + 4, 4) or _number(data, sizes[0] + 12, 4)
        entry = entries[0] + 16
        side = max(_number(data, entry + _WIDTH, 2), _number(data, entry + _HEIGHT, 2))
        yield (offset, size), side


def _inner(data: bytes, where: Span, *names: bytes) -> Span:
    """Return start and end of a box inside a box and so on; an empty part if one is missing."""
    for name in names:
        found = (each[1:] for each in boxes(data, *where) if each[0] == name)
        where = next(found, (0, 0))
    return where


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")
