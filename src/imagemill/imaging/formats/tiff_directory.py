"""Read the directories of a TIFF without a decoder. Source: TIFF 6.0, section 2, and BigTIFF.

Reading is bounded: the entries of a directory by the file, the chain of directories by `MAX_PAGES`.
"""

import struct
from collections.abc import Iterator
from typing import Literal, Self

from imagemill.dataclass import dataclass

ByteOrder = Literal["little", "big"]

# Directories followed; further pages are not counted.
MAX_PAGES = 65_535
# Version number in the header of BigTIFF.
_BIG_TIFF = 43
# Entries of one directory to read; common files have at most about a hundred.
_MAX_ENTRIES = 512
# Entries that are enough to tell the kind of a page: they are sorted, and its tag is the lowest.
_FIRST_ENTRIES = 4
# Field types.
_ASCII, _RATIONAL = 2, 5
# Codes of `struct` for the field types that hold integers.
_NUMBER_FORMATS = {
    1: "B",
    3: "H",
    4: "I",
    6: "b",
    8: "h",
    9: "i",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
# Bytes per value of each field type.
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8} | {
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}


@dataclass(frozen=True, slots=True)
class Format:
    """Byte order and field widths: classic TIFF or BigTIFF."""

    order: ByteOrder
    is_big_tiff: bool
    first: int
    """Offset of the first directory, bytes."""

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read the file's first 8 or 16 bytes; raises struct.error if they are missing."""
        prefix = ">" if data[:2] == b"MM" else "<"
        order: ByteOrder = "big" if prefix == ">" else "little"
        if struct.unpack_from(prefix + "H", data, 2)[0] == _BIG_TIFF:
            return cls(order, is_big_tiff=True, first=struct.unpack_from(prefix + "Q", data, 8)[0])
        return cls(order, is_big_tiff=False, first=struct.unpack_from(prefix + "I", data, 4)[0])

    @property
    def prefix(self) -> str:
        """Byte order in the notation of `struct`."""
        return ">" if self.order == "big" else "<"

    @property
    def count(self) -> struct.Struct:
        """Number of entries of a directory."""
        return struct.Struct(self.prefix + ("Q" if self.is_big_tiff else "H"))

    @property
    def entry(self) -> struct.Struct:
        """Tag, field type and count of an entry; the value or its offset follows."""
        return struct.Struct(self.prefix + ("HHQ" if self.is_big_tiff else "HHI"))

    @property
    def offset(self) -> struct.Struct:
        """Position in the file; also the space for a value inside an entry."""
        return struct.Struct(self.prefix + ("Q" if self.is_big_tiff else "I"))


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a directory, its value still in the file."""

    type: int
    count: int
    raw: bytes
    order: ByteOrder

    @property
    def numbers(self) -> tuple[int, ...]:
        """The value as integers; empty for text, fractions and floats."""
        code = _NUMBER_FORMATS.get(self.type)
        prefix = ">" if self.order == "big" else "<"
        return struct.unpack(f"{prefix}{self.count}{code}", self.raw) if code else ()

    @property
    def value(self) -> str | float | None:
        """The text, or the first integer or fraction; None for other types and a fraction by 0."""
        if self.type == _ASCII:
            return self.raw.rstrip(b"\0").decode("latin-1")
        if self.type != _RATIONAL:
            return next(iter(self.numbers), None)
        prefix = ">" if self.order == "big" else "<"
        numerator, denominator = struct.unpack_from(f"{prefix}2I", self.raw)
        return numerator / denominator if denominator else None

    @property
    def denominators(self) -> tuple[int, ...]:
        """The denominators of fractions; empty for other types."""
        prefix = ">" if self.order == "big" else "<"
        if self.type != _RATIONAL:
            return ()
        return struct.unpack(f"{prefix}{2 * self.count}I", self.raw)[1::2]


@dataclass(frozen=True, slots=True)
class Directory:
    """The tags of one page."""

    data: bytes
    format: Format
    offset: int
    entries: dict[int, tuple[int, int, int]]
    """Field type, count and position of the value, by tag."""
    next: int
    """Offset of the next directory; 0 if there is none."""

    @classmethod
    def read(cls, data: bytes, layout: Format, offset: int, most: int = _MAX_ENTRIES) -> Self:
        """Read up to `most` entries of the directory at `offset`, as far as the file has them."""
        entry_bytes = layout.entry.size + layout.offset.size
        start = offset + layout.count.size
        if not 0 < offset <= len(data) - layout.count.size:
            return cls(data, layout, offset, {}, 0)
        (count,) = layout.count.unpack_from(data, offset)
        end = start + count * entry_bytes
        there = max(0, min(count, most, (len(data) - start) // entry_bytes))
        entries: dict[int, tuple[int, int, int]] = {}
        for at in range(start, start + there * entry_bytes, entry_bytes):
            tag, kind, length = layout.entry.unpack_from(data, at)
            place = _place(data, layout, at + layout.entry.size, length * _TYPE_BYTES.get(kind, 0))
            if place is not None and length:
                entries.setdefault(tag, (kind, length, place))
        is_whole = end + layout.offset.size <= len(data)
        following = layout.offset.unpack_from(data, end)[0] if is_whole else 0
        return cls(data, layout, offset, entries, following)

    def __contains__(self, tag: object) -> bool:
        return tag in self.entries

    def field(self, tag: int) -> Field | None:
        """Return the entry of `tag`; None if it is missing."""
        if tag not in self.entries:
            return None
        kind, count, place = self.entries[tag]
        raw = self.data[place : place + count * _TYPE_BYTES[kind]]
        return Field(kind, count, raw, self.format.order)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the integers of `tag`; empty if it is missing or not an integer."""
        field = self.field(tag)
        return field.numbers if field else ()

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first integer of `tag`."""
        return next(iter(self.numbers(tag)), default)

    def bytes(self, tag: int) -> bytes:
        """Return the value of `tag` as stored; empty if it is missing."""
        field = self.field(tag)
        return field.raw if field else b""

    def text(self, tag: int) -> str | None:
        """Return the text of `tag`, one character per byte; None if it is not text."""
        value = self.value(tag)
        return value if isinstance(value, str) else None

    def value(self, tag: int) -> str | float | None:
        """Return the text, or the first integer or fraction of `tag`; None if it has none."""
        field = self.field(tag)
        return field.value if field else None


def directories(data: bytes, layout: Format, whole: int) -> Iterator[Directory]:
    """Yield the pages in order; a circular chain ends where it would repeat.

    The first `whole` pages are read completely, of later ones only the first entries.
    """
    seen: set[int] = set()
    at = layout.first
    while at and at not in seen and len(seen) < MAX_PAGES:
        most = _MAX_ENTRIES if len(seen) < whole else _FIRST_ENTRIES
        seen.add(at)
        directory = Directory.read(data, layout, at, most)
        yield directory
        at = directory.next


def _place(data: bytes, layout: Format, at: int, size: int) -> int | None:
    """Return the offset of a value of `size` bytes, in its entry or not; None past the end."""
    if size <= layout.offset.size:
        return at if size else None
    (place,) = layout.offset.unpack_from(data, at)
    return place if place + size <= len(data) else None
