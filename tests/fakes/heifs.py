"""AVIF and HEIF files with a gain map, put together from files with one image."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from imagemill.imaging.formats.isobmff import Property, extents, read_items

# Name of Apple's auxiliary images.
APPLE_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"


@dataclass(frozen=True)
class Item:
    """One item of a file: its type, properties and content, and a reference to another item."""

    kind: bytes
    content: bytes
    properties: Sequence[Property] = ()
    reference: bytes = b""
    targets: Sequence[int] = ()


def coded(
    image: Image.Image, *properties: Property, to: str = "AVIF", reference: bytes = b"", of: int = 0
) -> Item:
    """Return an image as an item, encoded as AVIF or HEIF; `of` is the item that it refers to."""
    file = BytesIO()
    image.save(file, to, quality=95)
    data = file.getvalue()
    items = read_items(data)
    assert items is not None
    own = [each for each in items.properties[items.primary] if each[0] != b"colr"]
    parts = [(start, end) for item, start, end in extents(data) if item == items.primary]
    content = b"".join(data[start:end] for start, end in parts)
    kind = items.kinds[items.primary]
    return Item(kind, content, (*own, *properties), reference, (of,) if of else ())


def heif(brand: bytes, items: Sequence[Item]) -> bytes:
    """Return a file of the items, which are numbered from 1; the first is the primary image."""
    head = box(b"ftyp", brand + bytes(4) + brand + b"mif1miaf")
    at = len(head) + len(_meta(items, 0)) + 8
    content = box(b"mdat", b"".join(item.content for item in items))
    # As many bytes as a photo, so that a rendition may have a gain map.
    return head + _meta(items, at) + content + box(b"free", bytes(4000))


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def full_box(name: bytes, body: bytes, version: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24) + body)


def _meta(items: Sequence[Item], at: int) -> bytes:
    numbered = list(enumerate(items, 1))
    entries = b"".join(_entry(*each) for each in numbered)
    parts = (
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13)),
        full_box(b"pitm", struct.pack(">H", 1)),
        full_box(b"iinf", struct.pack(">H", len(items)) + entries),
        _places(items, at),
        _properties(items),
        full_box(b"iref", b"".join(_reference(*each) for each in numbered)),
    )
    return full_box(b"meta", b"".join(parts))


def _entry(number: int, item: Item) -> bytes:
    content_type = b"application/rdf+xml\0" if item.kind == b"mime" else b""
    return full_box(b"infe", struct.pack(">HH4s", number, 0, item.kind) + b"\0" + content_type, 2)


def _places(items: Sequence[Item], at: int) -> bytes:
    body = struct.pack(">HH", 0x4400, len(items))
    for number, item in enumerate(items, 1):
        body += struct.pack(">HHHII", number, 0, 1, at, len(item.content))
        at += len(item.content)
    return full_box(b"iloc", body)


def _properties(items: Sequence[Item]) -> bytes:
    known = [each for item in items for each in item.properties]
    body = struct.pack(">I", len(items))
    first = 1
    for number, item in enumerate(items, 1):
        body += struct.pack(">HB", number, len(item.properties))
        body += bytes(range(first, first + len(item.properties)))
        first += len(item.properties)
    listed = box(b"ipco", b"".join(box(name, content) for name, content in known))
    return box(b"iprp", listed + full_box(b"ipma", body))


def _reference(number: int, item: Item) -> bytes:
    if not item.targets:
        return b""
    targets = struct.pack(f">{len(item.targets)}H", *item.targets)
    return box(item.reference, struct.pack(">HH", number, len(item.targets)) + targets)
