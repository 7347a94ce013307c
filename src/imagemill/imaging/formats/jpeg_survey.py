"""Walk the markers of a JPEG before decoding: its kind, its scans, and the work that they cause.

A scan of a few bytes makes a decoder visit every block of the image, and a file can have tens of
thousands of such scans. Each empty segment costs a reader in Python a microsecond. Both are counted
here, in one bounded walk, before any decoder sees the file. Sources: ITU-T T.81, annex B;
libjpeg-turbo, jdmarker.c and jdinput.c.
"""

import re
from collections.abc import Iterator

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, OverBudget, UnsupportedFormat

# The next marker with a segment: not byte stuffing, fill, a restart or a start of image.
_NEXT = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_TABLES, _SCAN, _END, _QUANTISERS = 0xC4, 0xDA, 0xD9, 0xDB
_HIERARCHICAL, _EXIF, _PHOTOSHOP = 0xDE, 0xE1, 0xED
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Lossless and hierarchical processes.
_OTHER_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF, _HIERARCHICAL})
_PROGRESSIVE, _ARITHMETIC = frozenset({0xC2, 0xCA}), frozenset({0xC9, 0xCA})
# Sample precision in a frame header.
_SAMPLE_BITS = b"\x08"
_MIB = 1 << 20
# A file of 100 MiB in segments of the largest size has 1,600.
_MAX_SEGMENTS = 10_000
# Bytes outside segments before the first scan: Pillow skips them one by one.
_MAX_JUNK_BYTES = _MIB
# Bytes of all segments of one kind, which take readers several times as long as other bytes. EXIF
# in several segments is joined by copying all earlier bytes.
_MAX_BYTES_OF = {_TABLES: 4 * _MIB, _QUANTISERS: _MIB, _EXIF: 16 * _MIB, _PHOTOSHOP: 16 * _MIB}
# First bytes of the segments counted as EXIF and Photoshop's.
_BEGINNINGS = {_EXIF: b"Exif\0\0", _PHOTOSHOP: b"Photoshop 3.0\0"}
# CPU time per block of a scan without data, first and refining. Measured with libjpeg-turbo.
_VISIT_NS, _REFINING_NS = 20, 75
# Arithmetic coding takes this many times as long.
_ARITHMETIC_FACTOR = 3
# Visits per pixel in usual files, whose time `costs` counts by the pixel.
_INCLUDED_NS = 12


@dataclass(frozen=True, slots=True)
class JpegSurvey:
    """Findings in the markers.

    `is_buffered`: the decoder keeps the coefficients of the whole image, because they come in
    several scans. `extra_cpu_s`: CPU time of scans beyond that of usual files, seconds.
    """

    is_buffered: bool = False
    extra_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Scan:
    names: tuple[int, ...]
    """Identifiers of its components."""
    is_refining: bool
    """It adds a bit to coefficients of earlier scans."""

    @classmethod
    def read(cls, segment: bytes) -> "_Scan":
        """Read the header of a scan; a damaged one is read as a scan of fewer components."""
        body = segment[4:] + bytes(4)
        names = body[1 : 1 + 2 * body[0] : 2]
        first, _, bits = (body[1 + 2 * body[0] :] + bytes(3))[:3]
        return cls(tuple(names), first > 0 and bits >> 4 > 0)


@dataclass(frozen=True, slots=True)
class _Frame:
    marker: int
    pixels: int
    blocks: dict[int, int]
    """Number of blocks of each component, by its identifier."""

    @classmethod
    def read(cls, marker: int, segment: bytes) -> "_Frame":
        """Read a frame header; raises CorruptImage if libjpeg would give up too."""
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
        """Return True if a first scan holds the whole image: decoders read no further one."""
        return self.marker not in _PROGRESSIVE and len(scan.names) >= len(self.blocks)

    def visits_ns(self, scan: _Scan) -> int:
        """Return the CPU time of visiting the blocks of a scan, without its coded bits."""
        visited = sum(self.blocks.get(name, 0) for name in scan.names)
        factor = _ARITHMETIC_FACTOR if self.marker in _ARITHMETIC else 1
        return visited * factor * (_REFINING_NS if scan.is_refining else _VISIT_NS)


def survey_jpeg(data: bytes) -> JpegSurvey:
    """Walk the markers of a JPEG as far as a decoder would.

    Raises UnsupportedFormat for lossless, hierarchical and 12-bit JPEG, which browsers refuse too;
    OverBudget for more segments than any camera or editor writes; CorruptImage unless there is
    exactly one frame and a scan.
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
    """Yield each marker and its segment as libjpeg finds them; raises OverBudget for too many."""
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
        raise UnsupportedFormat("JPEG of more than 8 bits per sample is not supported")


def _blocks(side: int, most: int) -> int:
    """Return the number of blocks of 8 samples on a side of `side` / `most` px, rounded up."""
    return -(-side // (8 * most))
