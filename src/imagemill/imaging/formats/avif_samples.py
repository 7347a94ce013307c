"""Where the coded frames of an AVIF image sequence are. Source: ISO/IEC 14496-12, 8.7."""

from collections.abc import Iterator
from itertools import islice
from struct import Struct

from imagemill.dataclass import dataclass
from imagemill.imaging.formats.isobmff import boxes

# Tracks and samples of each to look at. Frames beyond are over the limits anyway.
_MAX_TRACKS, _MAX_SAMPLES = 8, 10_000
# Version, flags and the number of entries at the start of a table.
_HEAD = 8
_LONG, _LONG_LONG, _RUN = Struct(">I"), Struct(">Q"), Struct(">III")
# Bytes of a table to read: more than so many samples, or runs of them, need.
_MAX_TABLE_BYTES = _HEAD + 12 * _MAX_SAMPLES
# Places of width and height in a sample entry.
_SIDES, _SIDES_AT = Struct(">HH"), 32


@dataclass(frozen=True, slots=True)
class Track:
    """The size of a track's frames, px, and start and end of each coded frame in the file."""

    size: tuple[int, int]
    samples: tuple[tuple[int, int], ...]


def read_tracks(data: bytes) -> Iterator[Track]:
    """Yield the tracks of a sequence; nothing for a still image."""
    movies = (found[1:] for found in boxes(data, 0, len(data)) if found[0] == b"moov")
    for movie in islice(movies, 1):
        tracks = (found[1:] for found in boxes(data, *movie) if found[0] == b"trak")
        for track in islice(tracks, _MAX_TRACKS):
            table = {
                name: data[at : min(end, at + _MAX_TABLE_BYTES)]
                for name, at, end in boxes(data, *_table(data, track))
            }
            entry = table.get(b"stsd", b"")
            if len(entry) >= _HEAD + _SIDES_AT + _SIDES.size:
                size = _SIDES.unpack_from(entry, _HEAD + _SIDES_AT)
                yield Track(size, tuple(islice(_samples(table), _MAX_SAMPLES)))


def _table(data: bytes, track: tuple[int, int]) -> tuple[int, int]:
    """Return start and end of a track's sample table; an empty part if there is none."""
    where = track
    for name in (b"mdia", b"minf", b"stbl"):
        found = (each[1:] for each in boxes(data, *where) if each[0] == name)
        where = next(found, (0, 0))
    return where


def _samples(table: dict[bytes, bytes]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sample: chunks follow each other, samples fill a chunk."""
    sizes = _sizes(table.get(b"stsz", b""))
    counts = _counts(table.get(b"stsc", b""))
    for offset in _offsets(table):
        at = offset
        for size in islice(sizes, next(counts, 0)):
            yield at, at + size
            at += size


def _offsets(table: dict[bytes, bytes]) -> Iterator[int]:
    """Yield the offset of each chunk."""
    is_long = b"co64" in table
    form = _LONG_LONG if is_long else _LONG
    entries = table.get(b"co64" if is_long else b"stco", b"")[_HEAD:]
    for at in range(0, len(entries) - form.size + 1, form.size):
        yield form.unpack_from(entries, at)[0]


def _counts(runs: bytes) -> Iterator[int]:
    """Yield the number of samples of each chunk; the last run has no end."""
    entries = runs[_HEAD:]
    found = [_RUN.unpack_from(entries, at) for at in range(0, len(entries) - 11, _RUN.size)]
    for run, following in zip(found, [*found[1:], None], strict=True):
        chunks = following[0] - run[0] if following else _MAX_SAMPLES
        for _ in range(min(max(chunks, 0), _MAX_SAMPLES)):
            yield run[1]


def _sizes(table: bytes) -> Iterator[int]:
    """Yield the bytes of each sample: one size for all, or a list."""
    if len(table) < _HEAD + _LONG.size:
        return
    (same,), (count,) = _LONG.unpack_from(table, 4), _LONG.unpack_from(table, 8)
    for index in range(count):
        at = _HEAD + _LONG.size * (index + 1)
        if same:
            yield same
        elif at + _LONG.size <= len(table):
            yield _LONG.unpack_from(table, at)[0]
        else:
            return
