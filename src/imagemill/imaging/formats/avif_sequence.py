"""The boxes of an AVIF image sequence: play count, times, boxes that could hold metadata.

Sources: ISO/IEC 14496-12 (movie, track and edit list boxes), 23008-12 (image sequences).
"""

from collections.abc import Iterator

from imagemill.imaging.formats.isobmff import boxes

# Boxes that contain boxes, from the file down to a track's sample table.
_CONTAINERS = frozenset((b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"))
# Boxes that encoders write for the frames and their timing. None of them holds metadata.
_TIMING = _CONTAINERS | {
    *(b"mvhd", b"tkhd", b"elst", b"tref", b"mdhd", b"hdlr", b"vmhd", b"nmhd", b"dinf", b"stsd"),
    *(b"stts", b"stsc", b"stsz", b"stco", b"co64", b"stss", b"sdtp", b"sbgp", b"sgpd", b"ctts"),
}
# Sample entry: bytes before its boxes, and the boxes that describe its coding.
_ENTRY_BYTES = 78
_DESCRIBING = frozenset((b"av1C", b"colr", b"pixi", b"ccst", b"auxi", b"clli", b"mdcv", b"pasp"))
# Boxes that begin with the times of creation and of modification, and the bytes between these and
# the duration of the whole: the time scale, or the number of the track.
_TIMED = (b"mvhd", b"tkhd", b"mdhd")
_BEFORE_DURATION = {b"mvhd": 4, b"tkhd": 8}
# Flag of an edit list: it is repeated until the track's duration is reached.
_REPEATS = 1
# Boxes to look at.
_MAX_BOXES = 10_000


def is_sequence(data: bytes) -> bool:
    """Return True if the file has tracks, thus perhaps several frames."""
    return any(name == b"moov" for name, _, _ in boxes(data, 0, len(data)))


def read_plays(data: bytes) -> int:
    """Return how often a sequence is played; 0 means forever, also if the file does not say."""
    found: dict[bytes, int] = {}
    for name, start, _ in _walk(data, 0, len(data)):
        if name in (b"tkhd", b"elst"):
            found.setdefault(name, start)
    if len(found) < 2:  # noqa: PLR2004 - both are needed
        return 0
    track, edits = found[b"tkhd"], found[b"elst"]
    segment = _segment(data, edits)
    if not _number(data, edits + 1, 3) & _REPEATS:
        return 1
    width = _width(data, track)
    duration = _number(data, track + 4 + 2 * width + _BEFORE_DURATION[b"tkhd"], width)
    is_endless = duration == (1 << 8 * width) - 1 or not segment
    return 0 if is_endless else max(1, -(-duration // segment))


def finished(data: bytes, plays: int) -> bytes:
    """Return an encoder's sequence that is played so often, 0 for forever, without its times.

    The encoder writes the time of day, so the same frames would give different bytes.
    """
    out = bytearray(data)
    segment = 0
    for name, start, _ in _walk(data, 0, len(data)):
        if name == b"elst":
            segment = _segment(data, start)
            if plays == 1:
                out[start + 3] &= ~_REPEATS
        if name in _TIMED:
            length = 2 * _width(data, start)
            out[start + 4 : start + 4 + length] = bytes(length)
    if not plays or not segment:
        return bytes(out)
    for name, start, _ in _walk(data, 0, len(data)):
        if name in _BEFORE_DURATION:
            width = _width(data, start)
            at = start + 4 + 2 * width + _BEFORE_DURATION[name]
            most = (1 << 8 * width) - 2
            out[at : at + width] = min(segment * plays, most).to_bytes(width, "big")
    return bytes(out)


def has_only_frames(data: bytes) -> bool:
    """Return True if no box of the tracks can hold metadata."""
    movies = [found[1:] for found in boxes(data, 0, len(data)) if found[0] == b"moov"]
    inner = [found for movie in movies for found in _walk(data, *movie)]
    entries = [found[1:] for found in inner if found[0] == b"stsd"]
    is_plain = all(_describes(data, *entry) for entry in entries)
    return is_plain and {name for name, _, _ in inner} <= _TIMING


def _describes(data: bytes, start: int, end: int) -> bool:
    """Return True if the sample entries hold nothing but the description of the coding."""
    return all(
        {inner for inner, _, _ in boxes(data, at + _ENTRY_BYTES, stop)} <= _DESCRIBING
        for _, at, stop in boxes(data, start + 8, end)
    )


def _walk(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each box, containers before their content."""
    waiting, left = [(at, end)], _MAX_BOXES
    while waiting:
        for found in boxes(data, *waiting.pop()):
            left -= 1
            if left < 0:
                return
            yield found
            if found[0] in _CONTAINERS:
                waiting.append(found[1:])


def _segment(data: bytes, start: int) -> int:
    """Return the duration of one play, from the first entry of an edit list."""
    return _number(data, start + 8, _width(data, start))


def _width(data: bytes, start: int) -> int:
    """Return the bytes of a time in a full box: 8 in version 1, else 4."""
    return 8 if data[start : start + 1] == b"\1" else 4


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")
