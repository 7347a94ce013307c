"""TIFF files built byte by byte, so that a test shows the tags of its file. Source: TIFF 6.0."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SHORT, _LONG = 3, 4
_ASCII = 2
_CODES = {_SHORT: "H", _LONG: "I"}
Value = int | tuple[int, ...] | bytes
Tags = Mapping[int, Value]


@dataclass(frozen=True)
class Page:
    """One directory; `chunks` are its strips, or tiles where the tags have a tile width."""

    tags: Tags
    chunks: Sequence[bytes]
    places: tuple[int, int] | None = None
    """Tags of the chunks' offsets and sizes, if not the usual ones."""


def tags_of(
    width: int, height: int, samples: int = 3, bits: int = 8, photometric: int = 2
) -> dict[int, Value]:
    """Return the tags of an uncompressed image in one strip."""
    return {
        256: width,
        257: height,
        258: (bits,) * samples,
        259: 1,
        262: photometric,
        277: samples,
        278: height,
    }


def tiff_file(*pages: Page, order: str = "<", is_big_tiff: bool = False) -> bytes:
    """Return a file with these pages, one directory after the other."""
    mark = b"II" if order == "<" else b"MM"
    word = "Q" if is_big_tiff else "I"
    magic = struct.pack(order + "HHH", 43, 8, 0) if is_big_tiff else struct.pack(order + "H", 42)
    out = bytearray(mark + magic + bytes(struct.calcsize(word)))
    link = len(out) - struct.calcsize(word)
    for page in pages:
        offsets = []
        for chunk in page.chunks:
            offsets.append(len(out))
            out += chunk + bytes(len(chunk) % 2)
        struct.pack_into(order + word, out, link, len(out))
        body, spilled = _directory(_with_places(page, offsets), len(out), order, word)
        link = len(out) + len(body)
        out += body + bytes(struct.calcsize(word)) + spilled
    return bytes(out)


def _with_places(page: Page, offsets: list[int]) -> dict[int, Value]:
    usual = (324, 325) if 322 in page.tags else (273, 279)
    places, sizes = page.places or usual
    return {places: tuple(offsets), sizes: tuple(map(len, page.chunks))} | dict(page.tags)


def _directory(tags: Mapping[int, Value], at: int, order: str, word: str) -> tuple[bytes, bytes]:
    size = struct.calcsize(word)
    head = struct.pack(order + ("Q" if size == 8 else "H"), len(tags))
    spill = at + len(head) + len(tags) * (4 + 2 * size) + size
    body, spilled = head, b""
    for tag in sorted(tags):
        kind, count, raw = _packed(tag, tags[tag], order)
        place = raw.ljust(size, b"\0") if len(raw) <= size else struct.pack(order + word, spill)
        if len(raw) > size:
            spilled += raw + bytes(len(raw) % 2)
            spill += len(raw) + len(raw) % 2
        body += struct.pack(order + "HH" + word, tag, kind, count) + place
    return body, spilled


def _packed(tag: int, value: Value, order: str) -> tuple[int, int, bytes]:
    if isinstance(value, bytes):
        return _ASCII if tag in (271, 272, 315, 33_432) else 7, len(value), value
    numbers = value if isinstance(value, tuple) else (value,)
    kind = _SHORT if max(numbers, default=0) < 65_536 else _LONG
    return kind, len(numbers), struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)


def deflated(pixels: bytes) -> bytes:
    """Return the data in Deflate, which is TIFF compression 8."""
    return zlib.compress(pixels)
