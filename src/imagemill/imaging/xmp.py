"""Read copyright and artist from XMP, as XML. Sources: ISO 16684-1 (XMP), RDF/XML.

The parser is expat without namespaces, because some programs leave out namespace declarations and
expat would refuse the packet. A document type ends the reading, so that no entity declared in the
file is expanded or fetched.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field
from xml.parsers import expat

from imagemill.dataclass import dataclass

# Bytes of a packet to read; packets with credits have a few thousand.
MAX_BYTES = 1 << 20
# Namespaces, and their usual prefixes for packets that do not declare them.
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_USUAL_PREFIXES = {"dc": _DC, "rdf": _RDF, "tiff": _TIFF}
_ITEM, _VALUE = (_RDF, "li"), (_RDF, "value")
_WANTED = {
    (_DC, "creator"): "artist",
    (_DC, "rights"): "copyright",
    (_TIFF, "Artist"): "artist",
    (_TIFF, "Copyright"): "copyright",
}
_DEFAULT_LANGUAGE = "x-default"
# Start of an APP1 segment with extended XMP.
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
# Of a part of extended XMP: its GUID, then the total length and the offset.
_GUID_BYTES, _LENGTH_BYTES = 32, 4
# The first bytes of a packet in UTF-16, and the encoding.
_ENCODINGS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))

Name = tuple[str, str]


class _DocumentType(Exception):
    """The packet has a document type, which XMP does not need."""


@dataclass(slots=True)
class _Reader:
    """Collects the values of the wanted properties while expat parses a packet."""

    found: dict[str, list[str]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=lambda: dict(_USUAL_PREFIXES))
    wanted: str | None = None
    """Name of the wanted property that is open."""
    depth: int = 0
    """Elements open inside that property."""
    items_around: int = 0
    """Open items of other properties, which describe other resources."""
    texts: list[str] = field(default_factory=list)
    items: list[tuple[bool, str]] = field(default_factory=list)
    """Whether an item is in the default language, and its text."""
    is_default: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        for key, value in attributes.items():
            if key.startswith("xmlns:"):
                self.prefixes[key[6:]] = value
        name = self._resolve(tag)
        if self.wanted:
            self.depth += 1
            if name in (_ITEM, _VALUE):
                self.texts.clear()
                self.is_default = attributes.get("xml:lang") == _DEFAULT_LANGUAGE
            return
        self.items_around += name == _ITEM
        if self.items_around:
            return
        for key, value in attributes.items():
            self._say(_WANTED.get(self._resolve(key)), [value])
        self.wanted = _WANTED.get(name)
        self.texts.clear()
        self.items.clear()

    def end(self, tag: str) -> None:
        if not self.wanted:
            self.items_around -= self._resolve(tag) == _ITEM
            return
        if self.depth:
            self.depth -= 1
            if self._resolve(tag) in (_ITEM, _VALUE):
                self.items.append((self.is_default, "".join(self.texts)))
                self.texts.clear()
            return
        items = self.items or [(False, "".join(self.texts))]
        default = [text for is_default, text in items if is_default]
        self._say(self.wanted, default[:1] or [text for _, text in items])
        self.wanted = None

    def text(self, part: str) -> None:
        if self.wanted:
            self.texts.append(part)

    def _say(self, what: str | None, values: Iterable[str]) -> None:
        said = [value for value in map(str.strip, values) if value]
        if what and said:
            self.found.setdefault(what, said)

    def _resolve(self, tag: str) -> Name:
        prefix, _, local = tag.rpartition(":")
        return self.prefixes.get(prefix, prefix), local


def read_credits(packet: bytes) -> dict[str, str]:
    """Return `artist` and `copyright` if a packet has them; several artists are joined by `; `.

    Of several languages the default one counts, else the first. Text before damage counts.
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.buffer_text = True
    with suppress(expat.ExpatError, _DocumentType):
        parser.Parse(_in_utf8(packet[:MAX_BYTES]), True)  # noqa: FBT003 - expat's own signature
    return {
        what: "; ".join(said) if what == "artist" else said[0]
        for what, said in reader.found.items()
    }


def extended_packet(segments: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the extended XMP of a JPEG, joined from its APP1 segments; empty without any.

    Each part has a GUID, the total length and its offset. XMP part 3, 1.1.3.1.
    """
    parts: dict[int, bytes] = {}
    guid = b""
    for name, body in segments:
        if name != "APP1" or not body.startswith(_EXTENSION):
            continue
        at = len(_EXTENSION)
        guid = guid or body[at : at + _GUID_BYTES]
        start = at + _GUID_BYTES + _LENGTH_BYTES
        if body[at : at + _GUID_BYTES] == guid:
            offset = int.from_bytes(body[start : start + _LENGTH_BYTES], "big")
            parts[offset] = body[start + _LENGTH_BYTES :]
    return b"".join(parts[offset] for offset in sorted(parts))[:MAX_BYTES]


def _in_utf8(packet: bytes) -> bytes:
    """Return a packet in UTF-8 from its first bracket on; it may come in UTF-16."""
    packet = packet.strip(b" \r\n\t")
    for mark in (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"):
        packet = packet.removeprefix(mark)
    for start, encoding in _ENCODINGS:
        if packet.startswith(start):
            text = packet[: len(packet) // 2 * 2].decode(encoding, "replace").strip("\0")
            return _without_declaration(text.encode())
    return _without_declaration(packet.strip(b"\0"))


def _without_declaration(packet: bytes) -> bytes:
    """Return the packet without the XML declaration, whose encoding may no longer be true."""
    end = packet.find(b"?>") if packet.startswith(b"<?xml ") else -1
    return packet[end + 2 :] if end >= 0 else packet


def _refuse_document_type(*_: object) -> None:
    raise _DocumentType
