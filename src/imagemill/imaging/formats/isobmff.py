"""Read boxes and items of AVIF and HEIC. Sources: ISO/IEC 14496-12 (boxes), 23008-12 (items)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from imagemill.dataclass import dataclass

# Version and flags at the start of a full box.
FULL_BOX_BYTES = 4
# Limits of the search.
_MAX_ITEMS = 4096
_MAX_BOXES = 100_000
_MAX_PROPERTIES = 65_536
_MAX_REFERENCES = 1 << 16

# Four-letter type and body of the box.
Property = tuple[bytes, bytes]


@dataclass(slots=True)
class Reader:
    """Reads big-endian numbers of any width, one after the other."""

    data: bytes
    at: int

    def number(self, width: int) -> int:
        """Return the next number, `width` bytes long."""
        self.at += width
        return int.from_bytes(self.data[self.at - width : self.at], "big")


@dataclass(frozen=True, slots=True)
class Reference:
    """Relation of items: made of the targets (`dimg`), or auxiliary to them (`auxl`)."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """Description of the images in a file."""

    primary: int
    kinds: Mapping[int, bytes] = field(default_factory=dict)
    """Four-letter type of each item, by item number."""
    properties: Mapping[int, Sequence[Property]] = field(default_factory=dict)
    references: Sequence[Reference] = ()

    def first(self, name: bytes, item: int | None = None) -> bytes:
        """Return the item's first property of that name, or b""; by default of the primary item."""
        properties = self.properties.get(self.primary if item is None else item, ())
        return next((body for found, body in properties if found == name), b"")

    def parts(self, item: int | None = None) -> tuple[int, ...]:
        """Return the items that an item, by default the primary, is made of: tiles of a grid."""
        whole = self.primary if item is None else item
        made_of = (each.targets for each in self.references if each.kind == b"dimg")
        sources = (each.source for each in self.references if each.kind == b"dimg")
        return next(
            (to for source, to in zip(sources, made_of, strict=True) if source == whole), ()
        )

    def auxiliary_of(self, item: int) -> tuple[int, ...]:
        """Return the items auxiliary to an item: its alpha, depth or gain map."""
        return tuple(
            each.source for each in self.references if each.kind == b"auxl" and item in each.targets
        )

    def size(self, item: int | None = None) -> tuple[int, int] | None:
        """Return the width and height that an item declares, px; None without them."""
        body = self.first(b"ispe", item)
        if len(body) < 12:  # noqa: PLR2004 - version, flags and two numbers
            return None
        return int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box's name and the start and end of its body; stop at the first broken one."""
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size = int.from_bytes(data[at : at + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if size == 0 else at + size
        if stop < at + head or stop > end:
            return
        yield data[at + 4 : at + 8], at + head, stop
        at = stop


def find_meta(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Return start and end of the boxes in the file's `meta` box, by name; empty without one."""
    for name, at, end in boxes(data, 0, len(data)):
        if name == b"meta":
            inner = boxes(data, at + FULL_BOX_BYTES, end)
            return {found: (start, stop) for found, start, stop in inner}
    return {}


def read_items(data: bytes) -> Items | None:
    """Return the items of the file; None if it describes none."""
    meta = find_meta(data)
    if b"pitm" not in meta or b"iinf" not in meta:
        return None
    at, end = meta[b"pitm"]
    primary = int.from_bytes(data[at + FULL_BOX_BYTES : end][: 4 if data[at] else 2], "big")
    return Items(
        primary,
        kinds_of_items(data, *meta[b"iinf"]),
        _properties(data, *meta[b"iprp"]) if b"iprp" in meta else {},
        tuple(_references(data, *meta[b"iref"])) if b"iref" in meta else (),
    )


def kinds_of_items(data: bytes, at: int, end: int) -> dict[int, bytes]:
    """Return the four-letter type of each item, by item number, from an `iinf` box."""
    kinds: dict[int, bytes] = {}
    first = at + FULL_BOX_BYTES + (4 if data[at : at + 1] > b"\0" else 2)
    for name, body, _ in boxes(data, first, end):
        version = data[body] if body < len(data) else 0
        if name == b"infe" and version >= 2 and len(kinds) < _MAX_ITEMS:  # noqa: PLR2004
            reader = Reader(data, body + FULL_BOX_BYTES)
            item = reader.number(2 if version == 2 else 4)  # noqa: PLR2004
            kinds[item] = data[reader.at + 2 : reader.at + 6]
    return kinds


def extents(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each item's number with the start and end of each of its parts in the file."""
    meta = find_meta(data)
    if b"iloc" not in meta:
        return
    at, idat = meta[b"iloc"][0], meta.get(b"idat", (0, 0))[0]
    version = data[at] if at < len(data) else 0
    reader = Reader(data, at + FULL_BOX_BYTES)
    widths = reader.number(2)
    offset_width, length_width = widths >> 12, widths >> 8 & 15
    base_width, index_width = widths >> 4 & 15, widths & 15 if version else 0
    number_width = 2 if version < 2 else 4  # noqa: PLR2004 - version 2 widened the numbers
    for _ in range(min(reader.number(number_width), _MAX_ITEMS)):
        item = reader.number(number_width)
        in_idat = bool(reader.number(2) & 15) if version else False
        reader.number(2)
        base = reader.number(base_width) + (idat if in_idat else 0)
        for _ in range(reader.number(2)):
            reader.number(index_width)
            start = base + reader.number(offset_width)
            yield item, start, start + reader.number(length_width)
        if reader.at > len(data):
            return


def _properties(data: bytes, at: int, end: int) -> dict[int, list[Property]]:
    """Return the properties of each item, in the order in which they apply."""
    known: list[Property] = []
    by_item: dict[int, list[Property]] = {}
    for name, start, stop in boxes(data, at, end):
        if name == b"ipco":
            listed = boxes(data, start, stop)
            known = [(kind, data[first:last]) for kind, first, last in listed][:_MAX_PROPERTIES]
        if name == b"ipma":
            for item, numbers in _associations(data, start, stop):
                chosen = [known[number - 1] for number in numbers if 0 < number <= len(known)]
                by_item.setdefault(item, []).extend(chosen)
    return by_item


def _associations(data: bytes, at: int, end: int) -> Iterator[tuple[int, list[int]]]:
    """Yield each item's number with the indices of its properties, counted from 1."""
    reader = Reader(data, at)
    head = reader.number(FULL_BOX_BYTES)
    number_width, is_wide = (4 if head >> 24 else 2), bool(head & 1)
    mask = 0x7FFF if is_wide else 0x7F
    for _ in range(min(reader.number(4), _MAX_ITEMS)):
        item = reader.number(number_width)
        yield item, [reader.number(1 + is_wide) & mask for _ in range(reader.number(1))]
        if reader.at > end:
            return


def _references(data: bytes, at: int, end: int) -> Iterator[Reference]:
    width = 4 if data[at : at + 1] > b"\0" else 2
    left = _MAX_REFERENCES
    for kind, start, _ in boxes(data, at + FULL_BOX_BYTES, end):
        reader = Reader(data, start)
        source = reader.number(width)
        count = min(reader.number(2), left)
        left -= count
        yield Reference(kind, source, tuple(reader.number(width) for _ in range(count)))
