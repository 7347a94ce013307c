"""What the markers of a JPEG reveal about decoding it: its kind, its scans, and the work they make.

A scan of a few bytes can have a decoder visit every block of the image, and a file holds tens of
thousands of such scans; a segment of no bytes costs a reader written in Python a microsecond. Both
are counted here, in one bounded walk over the markers, before any decoder sees the file. Sources:
ITU-T T.81, annex B; libjpeg-turbo, jdmarker.c and jdinput.c.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imagemill.errors import CorruptImage, OverBudget, UnsupportedFormat

# A marker that is not stuffing, fill, a restart or a start of image: those have no segment.
_NEXT = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_TABLES, _SCAN, _END, _QUANTISERS = 0xC4, 0xDA, 0xD9, 0xDB
_HIERARCHICAL, _EXIF, _PHOTOSHOP = 0xDE, 0xE1, 0xED
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Lossless and hierarchical processes.
_OTHER_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF, _HIERARCHICAL})
_PROGRESSIVE, _ARITHMETIC = frozenset({0xC2, 0xCA}), frozenset({0xC9, 0xCA})
_SAMPLE_BITS = b"\x08"
_MIB = 1 << 20
# A file of 100 MiB in the largest segments there can be has 1,600.
_MAX_SEGMENTS = 10_000
# Bytes before the first scan that belong to no segment: Pillow passes over them one by one.
_MAX_JUNK_BYTES = _MIB
# Of all segments of one kind: readers take a multiple of the time of other bytes for them. EXIF in
# several segments is joined by copying all that came before.
_MAX_BYTES_OF = {_TABLES: 4 * _MIB, _QUANTISERS: _MIB, _EXIF: 16 * _MIB, _PHOTOSHOP: 16 * _MIB}
_BEGINNINGS = {_EXIF: b"Exif\0\0", _PHOTOSHOP: b"Photoshop 3.0\0"}
# CPU time of a block in a scan that says nothing about it; measured with libjpeg-turbo.
_VISIT_NS, _REFINING_NS = 20, 75
_ARITHMETIC_FACTOR = 3
# For each pixel: the visits of a usual script of scans, which `costs` counts by the pixel.
_INCLUDED_NS = 12


@dataclass(frozen=True, slots=True)
class JpegSurvey:
    """What the markers say.

    `is_buffered` tells that the decoder keeps the coefficients of the whole image, since they come
    in several scans; `extra_cpu_s` is the CPU time of scans beyond that of usual files, in seconds.
    """

    is_buffered: bool = False
    extra_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Scan:
    names: tuple[int, ...]
    """Of its components."""
    is_refining: bool
    """Whether it adds a bit to coefficients that were told before."""

    @classmethod
    def read(cls, segment: bytes) -> "_Scan":
        """Read the header of a scan; a damaged one is a scan of fewer components."""
        body = segment[4:] + bytes(4)
        names = body[1 : 1 + 2 * body[0] : 2]
        first, _, bits = (body[1 + 2 * body[0] :] + bytes(3))[:3]
        return cls(tuple(names), first > 0 and bits >> 4 > 0)


@dataclass(frozen=True, slots=True)
class _Frame:
    marker: int
    pixels: int
    blocks: dict[int, int]
    """Of each component, by its name."""

    @classmethod
    def read(cls, marker: int, segment: bytes) -> "_Frame":
        """Read a frame header; raises CorruptImage where libjpeg would give up, too."""
        height, width = int.from_bytes(segment[5:7], "big"), int.from_bytes(segment[7:9], "big")
        parts = [segment[at : at + 3] for at in range(10, len(segment) - 2, 3)]
        if not parts or len(parts) != segment[9]:
            raise CorruptImage("the frame header of the JPEG is damaged")
        across = max(sampling >> 4 for _, sampling, _ in parts) or 1
        down = max(sampling & 15 for _, sampling, _ in parts) or 1
        blocks = {
            name: _blocks(width * (sampling >> 4), across) * _blocks(height * (sampling & 15), down)
            for name, sampling, _ in parts
        }
        return cls(marker, width * height, blocks)

    def is_whole(self, scan: _Scan) -> bool:
        """Whether a first scan holds all of the image: decoders read no further one."""
        return self.marker not in _PROGRESSIVE and len(scan.names) >= len(self.blocks)

    def visits_ns(self, scan: _Scan) -> int:
        """Return the CPU time of visiting the blocks of a scan, its coded bits not counted."""
        visited = sum(self.blocks.get(name, 0) for name in scan.names)
        factor = _ARITHMETIC_FACTOR if self.marker in _ARITHMETIC else 1
        return visited * factor * (_REFINING_NS if scan.is_refining else _VISIT_NS)


def survey_jpeg(data: bytes) -> JpegSurvey:
    """Walk over the markers of a JPEG, as far as a decoder would.

    Raises UnsupportedFormat for lossless, hierarchical and 12-bit JPEG, which browsers refuse, too;
    OverBudget for more segments than any camera or editor writes; CorruptImage without exactly one
    frame, or without a scan.
    """
    frame, ns, is_buffered = None, 0, False
    for marker, segment in _segments(data):
        if marker in _OTHER_FRAMES:
            raise UnsupportedFormat("lossless and hierarchical JPEG are not supported")
        if marker in _FRAMES:
            _check_frame(segment, frame)
            frame = _Frame.read(marker, segment)
        if marker == _SCAN:
            if frame is None:
                raise CorruptImage("the JPEG has a scan without a frame")
            scan = _Scan.read(segment)
            if not is_buffered and frame.is_whole(scan):
                return JpegSurvey()
            is_buffered = True
            ns += frame.visits_ns(scan)
    if frame is None or not is_buffered:
        raise CorruptImage("the JPEG ends before its first scan")
    return JpegSurvey(is_buffered, max(0, ns - frame.pixels * _INCLUDED_NS) / 1e9)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its segment as libjpeg finds them; raises OverBudget for too many."""
    at, count, junk = 2, 0, 0
    totals = dict.fromkeys(_MAX_BYTES_OF, 0)
    has_scan = False
    while found := _NEXT.search(data, at):
        marker, start = data[found.start() + 1], found.start()
        junk += 0 if has_scan else start - at
        if marker == _END:
            return
        at = start + 2 + max(2, int.from_bytes(data[start + 2 : start + 4], "big"))
        count += 1
        if marker in totals and data.startswith(_BEGINNINGS.get(marker, b""), start + 4):
            totals[marker] += at - start
        _check_amount(count, junk, totals)
        yield marker, data[start:at]
        has_scan = has_scan or marker == _SCAN


def _check_amount(count: int, junk: int, totals: dict[int, int]) -> None:
    if count > _MAX_SEGMENTS:
        raise OverBudget(f"expected at most {_MAX_SEGMENTS:,} segments in a JPEG")
    if junk > _MAX_JUNK_BYTES:
        raise OverBudget(f"expected at most {_MAX_JUNK_BYTES:,} bytes between segments of a JPEG")
    for marker, most in _MAX_BYTES_OF.items():
        if totals[marker] > most:
            raise OverBudget(f"expected at most {most:,} bytes in segments FF{marker:X} of a JPEG")


def _check_frame(segment: bytes, earlier: _Frame | None) -> None:
    if earlier:
        raise CorruptImage("the JPEG holds two frames")
    if segment[4:5] not in (b"", _SAMPLE_BITS):
        raise UnsupportedFormat("JPEG of more than 8 bits a sample is not supported")


def _blocks(side: int, most: int) -> int:
    """Return how many blocks of 8 samples a side of `side` / `most` px takes, rounded up."""
    return -(-side // (8 * most))
