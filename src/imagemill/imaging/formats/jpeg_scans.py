"""Progressive JPEG: the scans that a much smaller image shows, without the rest.

A progressive file holds the same blocks in several scans, coarse ones first. A decoder reads them
all, even where it is to give a quarter of the size or less and what the fine ones say falls between
two pixels; reading them is most of its work. Sources: ITU-T T.81, annexes B, F.2.4 and G.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from imagemill.imaging.formats.jpeg import segments

LEAST_REDUCTION = 4
"""Of the sides by the decoder: below it the fine scans are seen."""
_FRAME, _TABLES, _STEPS, _SCAN, _END, _RESTARTS = 0xC2, 0xC4, 0xDB, 0xDA, 0xD9, 0xDD
_HARMLESS = frozenset((_TABLES, _RESTARTS, 0xFE, *range(0xE0, 0xF0)))
_TERMS = 64
_LOWEST_TERMS = 4
"""Of a block in zigzag order: those that two pixels a side are made of."""
_MOST_UNSEEN = 16
"""Units of a term that may be missing: at most four levels of 255, on average one."""
_MOST_UNSEEN_OF_MEAN = 4
"""The same for a block's mean, where the eye is keener: at most half a level."""
_SMOOTHED_TERM = 9
_MAX_SHIFT = 13
_LENGTHS = 16
"""Of Huffman codes, in bits."""
_START_OF_IMAGE, _END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"
_STEPS_HEAD = b"\xff\xdb\0\x43"
"""Of a segment with one quantisation table of 8 bits."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """What one scan adds: terms `first` to `last` of `components`, down to bit `bit`."""

    components: tuple[int, ...]
    tables: tuple[int, ...]
    first: int
    last: int
    bit_before: int
    """0 where nothing of these terms came before."""
    bit: int

    @classmethod
    def read(cls, segment: bytes) -> Self | None:
        """Read the head of a scan; None when there is something wrong with it."""
        count = segment[4]
        head = segment[5 : 8 + 2 * count]
        if segment[2:4] != (6 + 2 * count).to_bytes(2, "big") or len(head) < 3 + 2 * count:
            return None
        first, last, bits = head[-3:]
        scan = cls(
            tuple(head[: 2 * count : 2]),
            tuple(head[1 : 2 * count : 2]),
            first,
            last,
            bits >> 4,
            bits & 15,
        )
        return scan if scan._is_lawful else None

    @property
    def _is_lawful(self) -> bool:
        is_alone = len(self.components) == 1
        band = self.last == 0 if self.first == 0 else is_alone and self.first <= self.last < _TERMS
        return band and self.bit <= _MAX_SHIFT and self.bit_before in (0, self.bit + 1)

    @property
    def is_mean(self) -> bool:
        return self.first == 0

    def table_keys(self) -> Iterator[int]:
        """Yield the Huffman tables needed, named as their segments name them: class, number."""
        if self.is_mean and self.bit_before:
            return
        for numbers in self.tables:
            yield numbers >> 4 if self.is_mean else 0x10 | (numbers & 15)


@dataclass(slots=True)
class _Script:
    """Everything in a file that bears on which scans are needed."""

    steps: dict[int, Sequence[int]] = field(default_factory=dict)
    """By number of the table: what one unit of each term stands for, in zigzag order."""
    steps_of: dict[int, int] = field(default_factory=dict)
    """By component: the number of its table."""
    tables: set[int] = field(default_factory=set)
    """Huffman tables defined so far that can be used."""
    parts: list[tuple[bytes, _Scan | None]] = field(default_factory=list)

    def add(self, marker: int, segment: bytes) -> bool:
        """Take in one segment; returns False when in doubt."""
        scan = None
        if marker == _FRAME:
            return self._add_frame(segment)
        if marker == _STEPS:
            return self._add_steps(segment)
        if marker == _TABLES:
            self.tables.difference_update(number for number, _ in _tables(segment))
            self.tables.update(number for number, is_sound in _tables(segment) if is_sound)
        elif marker == _SCAN:
            scan = _Scan.read(segment)
            if scan is None or not self._can_read(scan):
                return False
        self.parts.append((segment, scan))
        return marker in _HARMLESS or scan is not None

    def _add_frame(self, segment: bytes) -> bool:
        count = segment[9]
        is_first = not self.steps_of and not self._has_scans
        self.steps_of = {segment[at]: segment[at + 2] for at in range(10, 10 + 3 * count, 3)}
        self.parts.append((segment, None))
        return is_first and count in (1, 3) and len(self.steps_of) == count

    def _add_steps(self, segment: bytes) -> bool:
        """Take in quantisation tables of 8 bits; later ones than the first scan are a doubt."""
        if (len(segment) - 4) % (1 + _TERMS):
            return False
        for at in range(4, len(segment), 1 + _TERMS):
            self.steps[segment[at]] = segment[at + 1 : at + 1 + _TERMS]
            self.parts.append((_STEPS_HEAD + segment[at : at + 1 + _TERMS], None))
        return not self._has_scans

    @property
    def _has_scans(self) -> bool:
        return any(scan for _, scan in self.parts)

    def _can_read(self, scan: _Scan) -> bool:
        known = all(self.steps_of.get(name) in self.steps for name in scan.components)
        return bool(scan.components) and known and self.tables.issuperset(scan.table_keys())

    def is_needed(self, scan: _Scan) -> bool:
        """Whether an image of a quarter of the size would be another without it."""
        if not scan.bit_before:
            return scan.first <= _LOWEST_TERMS
        lowest = slice(scan.first, min(scan.last, _LOWEST_TERMS) + 1)
        steps = [self.steps[self.steps_of[name]][lowest] for name in scan.components]
        missing = ((1 << scan.bit_before) - 1) * max(max(of, default=0) for of in steps)
        return missing > (_MOST_UNSEEN_OF_MEAN if scan.is_mean else _MOST_UNSEEN)


def without_fine_scans(data: bytes) -> bytes | None:
    """Return a progressive JPEG without the scans that no image of a quarter its size shows.

    None when there is nothing to leave out, and whenever in doubt: the file is not whole, is coded
    arithmetically, has more than three components, or anything in it is out of order. What is
    returned is for the decoder alone, and only at `LEAST_REDUCTION` or more.
    """
    script = _Script()
    for marker, segment in segments(data):
        if marker == _END:
            return _shortened(script)
        try:
            if not script.add(marker, segment):
                return None
        except IndexError:
            return None
    return None


def _shortened(script: _Script) -> bytes | None:
    scans = [scan for _, scan in script.parts if scan]
    kept = [scan for scan in scans if script.is_needed(scan)]
    means = {name for scan in kept if scan.is_mean for name in scan.components}
    if len(kept) == len(scans) or means != set(script.steps_of):
        return None
    unsmoothed = _table_to_mark(script, kept)
    written = [
        _marked(segment) if unsmoothed and segment.startswith(unsmoothed) else segment
        for segment, scan in script.parts
        if scan is None or scan in kept
    ]
    return b"".join([_START_OF_IMAGE, *written, _END_OF_IMAGE])


def _table_to_mark(script: _Script, kept: Sequence[_Scan]) -> bytes:
    """Return the head of the quantisation table to mark; nothing where the term is in use.

    libjpeg guesses at terms that have not come yet, which takes longer than all the rest and is not
    seen here. It does not where a step is 0, and that of a term which never comes does not matter.
    """
    first, *_ = script.steps_of
    table = script.steps_of[first]
    users = {name for name, number in script.steps_of.items() if number == table}
    in_use = any(
        scan.first <= _SMOOTHED_TERM <= scan.last and users & set(scan.components) for scan in kept
    )
    return b"" if in_use else _STEPS_HEAD + bytes([table])


def _marked(segment: bytes) -> bytes:
    at = 5 + _SMOOTHED_TERM
    return segment[:at] + b"\0" + segment[at + 1 :]


def _tables(segment: bytes) -> Iterator[tuple[int, bool]]:
    """Yield class and number of each Huffman table, and whether its codes fit their lengths."""
    at = 4
    while at < len(segment):
        counts = segment[at + 1 : at + 1 + _LENGTHS]
        taken = sum(count << (_LENGTHS - length) for length, count in enumerate(counts, 1))
        yield segment[at], len(counts) == _LENGTHS and taken < 1 << _LENGTHS
        at += 1 + _LENGTHS + sum(counts)
