"""Gain map metadata in XMP: Adobe's and Android's `hdrgm`, and the headroom of Apple's.

Sources: Adobe, Gain Map 1.0; Android, Ultra HDR Image Format 1.1 (the directory of the container).
"""

from contextlib import suppress
from dataclasses import field
from xml.parsers import expat

from imagemill.dataclass import dataclass
from imagemill.imaging.gain_maps.metadata import Channels, GainMetadata

NAMESPACE = "http://ns.adobe.com/hdr-gain-map/1.0/"
APPLE_NAMESPACE = "http://ns.apple.com/HDRGainMap/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_CONTAINER = "http://ns.google.com/photos/1.0/container/"
# Bytes of a packet to read; packets of gain maps have about a thousand.
_MAX_BYTES = 1 << 20
# Properties read of one packet.
_MAX_PROPERTIES = 100
_OFFSET = 1 / 64
_DECIMALS = 7


class _Enough(Exception):
    """The packet has a document type, or more properties than any gain map."""


@dataclass(slots=True)
class _Reader:
    """Collects the properties of one namespace: attributes, elements, and elements with lists."""

    namespace: str
    found: dict[str, list[str]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    open: str = ""
    """Name of the property whose element is open."""
    text: str = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        for key, value in attributes.items():
            if key.startswith("xmlns:"):
                self.prefixes[key[6:]] = value
        for key, value in attributes.items():
            if name := self._own(key):
                self._add(name, value)
        self.open = self._own(tag) or self.open
        self.text = ""

    def end(self, tag: str) -> None:
        if self.open and self.text.strip():
            self._add(self.open, self.text)
        self.text = ""
        if self._own(tag):
            self.open = ""

    def say(self, part: str) -> None:
        self.text += part

    def _add(self, name: str, value: str) -> None:
        self.found.setdefault(name, []).append(value.strip())
        if sum(map(len, self.found.values())) > _MAX_PROPERTIES:
            raise _Enough

    def _own(self, tag: str) -> str:
        prefix, _, local = tag.rpartition(":")
        return local if self.prefixes.get(prefix) == self.namespace else ""


def read_properties(packet: bytes, namespace: str) -> dict[str, list[str]]:
    """Return the values of each property in a namespace; text before damage counts."""
    reader = _Reader(namespace)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.say
    parser.StartDoctypeDeclHandler = _refuse_document_type
    with suppress(expat.ExpatError, _Enough):
        parser.Parse(packet[:_MAX_BYTES].strip(b"\0 \r\n\t"), True)  # noqa: FBT003 - expat's own
    return reader.found


def read_hdrgm(packet: bytes) -> GainMetadata | None:
    """Return the metadata in `hdrgm`; None without them, or if they are not numbers."""
    found = read_properties(packet, NAMESPACE)
    # Whether the base is the bright image.
    is_bright = found.get("BaseRenditionIsHDR", ["False"])[0].lower() == "true"
    if "Version" not in found or "GainMapMax" not in found or is_bright:
        return None

    def numbers(name: str, usual: float) -> Channels:
        return tuple(float(value) for value in found.get(name, [str(usual)])[:3])

    with suppress(ValueError):
        maximum = numbers("GainMapMax", 0)
        return GainMetadata(
            minimum=numbers("GainMapMin", 0),
            maximum=maximum,
            gamma=numbers("Gamma", 1),
            base_offset=numbers("OffsetSDR", _OFFSET),
            alternate_offset=numbers("OffsetHDR", _OFFSET),
            base_headroom=numbers("HDRCapacityMin", 0)[0],
            alternate_headroom=numbers("HDRCapacityMax", max(maximum))[0],
        )
    return None


def packet_of_map(metadata: GainMetadata) -> bytes:
    """Return the XMP of a gain map's image."""
    several = {
        "GainMapMin": metadata.minimum,
        "GainMapMax": metadata.maximum,
        "Gamma": metadata.gamma,
        "OffsetSDR": metadata.base_offset,
        "OffsetHDR": metadata.alternate_offset,
    }
    attributes = [
        f'hdrgm:{name}="{_number(each[0])}"'
        for name, each in several.items()
        if len(set(each)) == 1
    ]
    lists = [_list(name, each) for name, each in several.items() if len(set(each)) > 1]
    attributes += [
        f'hdrgm:HDRCapacityMin="{_number(metadata.base_headroom)}"',
        f'hdrgm:HDRCapacityMax="{_number(metadata.alternate_headroom)}"',
        'hdrgm:BaseRenditionIsHDR="False"',
    ]
    return _packet(" ".join(attributes), "".join(lists))


def packet_of_primary(map_bytes: int) -> bytes:
    """Return the XMP of an image that a gain map of so many bytes follows."""
    names = f'xmlns:Container="{_CONTAINER}" xmlns:Item="{_CONTAINER}item/"'
    items = ('Item:Semantic="Primary"', f'Item:Semantic="GainMap" Item:Length="{map_bytes}"')
    listed = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" {item}/></rdf:li>'
        for item in items
    )
    directory = f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>"
    return _packet(names, directory)


def _packet(attributes: str, content: str) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:hdrgm="{NAMESPACE}" hdrgm:Version="1.0" {attributes}>'
        f"{content}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def _list(name: str, values: Channels) -> str:
    items = "".join(f"<rdf:li>{_number(value)}</rdf:li>" for value in values)
    return f"<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>"


def _number(value: float) -> str:
    """Return a number with at most seven decimals."""
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _refuse_document_type(*_: object) -> None:
    raise _Enough
