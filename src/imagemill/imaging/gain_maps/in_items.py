"""Find the gain map of an AVIF or HEIC: a tone-mapped image, or an auxiliary image.

Sources: ISO/IEC 23008-12, amendment 1 (`tmap`); Apple's and Samsung's auxiliary images.
"""

from collections.abc import Callable, Iterator

from imagemill.imaging.formats.isobmff import Items, extents, read_items
from imagemill.imaging.gain_maps.found import GainMap, Search, meaning_of
from imagemill.imaging.sniff import Kind

# Type of a tone-mapped image, and the version of its description.
_TONE_MAPPED, _VERSION = b"tmap", b"\0"
# Parts of the names of auxiliary images: Apple's and Samsung's, and ISO's.
_AUXILIARY = (b"aux:hdrgainmap", b"21496")
# Reference from metadata to the image that they describe.
_DESCRIBES = b"cdsc"
# Bytes of metadata to read; gain maps have about a thousand.
_MAX_BYTES = 1 << 16


def find_in_items(data: bytes, kind: Kind, exif: Callable[[], bytes]) -> Search:
    """Return the first usable gain map of the primary image; `exif` returns the file's EXIF."""
    items = read_items(data)
    if items is None:
        return Search()
    described = [*_tone_mapped(data, items), *_auxiliary(data, items)]
    maps = (_read_map(data, items, kind, each, exif) for each in described)
    return Search(next((each for each in maps if each), None), is_declared=bool(described))


# The number of an item, and its metadata: in ISO's form and as XMP.
_Described = tuple[int, bytes, bytes]


def _tone_mapped(data: bytes, items: Items) -> Iterator[_Described]:
    """Yield the gain maps of tone-mapped images that are made of the primary image."""
    for source, kind in items.kinds.items():
        parts = items.parts(source) if kind == _TONE_MAPPED else ()
        body = _content(data, source) if len(parts) > 1 and parts[0] == items.primary else b""
        if body.startswith(_VERSION):
            yield parts[1], body[len(_VERSION) :], b""


def _auxiliary(data: bytes, items: Items) -> Iterator[_Described]:
    for item in items.auxiliary_of(items.primary):
        name = items.first(b"auxC", item)
        if any(part in name for part in _AUXILIARY):
            yield item, b"", _packet(data, items, item)


def _packet(data: bytes, items: Items, item: int) -> bytes:
    """Return the XMP that describes an item; several packets follow one another."""
    sources = (
        each.source
        for each in items.references
        if each.kind == _DESCRIBES
        and item in each.targets
        and items.kinds.get(each.source) == b"mime"
    )
    return b"".join(_content(data, source) for source in sources)


def _read_map(
    data: bytes, items: Items, kind: Kind, described: _Described, exif: Callable[[], bytes]
) -> GainMap | None:
    item, iso, packet = described
    meaning, size = meaning_of(iso, packet, exif), items.size(item)
    if meaning is None or size is None or not all(size):
        return None
    coded = {item, *items.parts(item)}
    parts = {(each, start, end) for each, start, end in extents(data) if each in coded}
    coded_bytes = sum(min(end, len(data)) - min(start, len(data)) for _, start, end in parts)
    return GainMap(kind, coded_bytes, *size, *meaning, item=item)


def _content(data: bytes, item: int) -> bytes:
    parts = (
        data[start : min(end, start + _MAX_BYTES)]
        for each, start, end in extents(data)
        if each == item
    )
    return b"".join(parts)[:_MAX_BYTES]
