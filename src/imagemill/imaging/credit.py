"""Whose picture is it? Copyright and artist, the only metadata that renditions keep.

EXIF is asked first, then XMP, then IPTC. Sources: EXIF 2.32, XMP part 1, IPTC-IIM 4.2.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_XMP_NAMES = {_ARTIST: b"creator", _COPYRIGHT: b"rights"}
_IPTC_MARKS = {_ARTIST: b"\x1c\x02\x50", _COPYRIGHT: b"\x1c\x02\x74"}
_IPTC_RESOURCE = 0x0404
_MAX_XMP_BYTES = 1 << 16
_MAX_LENGTH = 256
_ASCII = 2


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made a picture, and who may not copy it; None where the file does not say."""

    artist: str | None = None
    copyright: str | None = None

    def exif(self) -> bytes:
        """Return an EXIF directory that says this and nothing else; no bytes when nothing is."""
        named = ((_ARTIST, self.artist), (_COPYRIGHT, self.copyright))
        entries = [(tag, text.encode() + b"\0") for tag, text in named if text]
        if not entries:
            return b""
        start = 8 + 2 + 12 * len(entries) + 4
        directory, values = [struct.pack("<H", len(entries))], b""
        for tag, text in entries:
            is_short = len(text) <= 4  # noqa: PLR2004 - such stand in the directory itself
            place = text.ljust(4, b"\0") if is_short else struct.pack("<I", start + len(values))
            directory.append(struct.pack("<HHI", tag, _ASCII, len(text)) + place)
            values += b"" if is_short else text + bytes(len(text) % 2)
        return b"".join([b"II*\0\x08\0\0\0", *directory, bytes(4), values])


def read_credit(exif: Mapping[int, object], info: Mapping[str | tuple[int, int], object]) -> Credit:
    """Return what EXIF and the other metadata, as Pillow gives them, say."""
    artist, rights = (
        _from_exif(exif.get(tag)) or _from_xmp(info.get("xmp"), tag) or _from_iptc(info, tag)
        for tag in (_ARTIST, _COPYRIGHT)
    )
    return Credit(artist, rights)


def _from_exif(value: object) -> str | None:
    """Return text that Pillow has read byte by byte, though most write UTF-8."""
    return _text(value.encode("latin-1", "replace")) if isinstance(value, str) else None


def _from_xmp(packet: object, tag: int) -> str | None:
    if not isinstance(packet, bytes):
        return None
    packet = packet[:_MAX_XMP_BYTES]
    start = packet.find(b"<dc:" + _XMP_NAMES[tag])
    found = _XMP_ITEM.match(packet, packet.find(b"<rdf:li", start)) if start >= 0 else None
    return _text(found[1]) if found else None


def _from_iptc(info: Mapping[str | tuple[int, int], object], tag: int) -> str | None:
    resources = info.get("photoshop")
    block = resources.get(_IPTC_RESOURCE) if isinstance(resources, dict) else None
    at = block.find(_IPTC_MARKS[tag]) if isinstance(block, bytes) else -1
    if at < 0 or not isinstance(block, bytes):
        return None
    length = int.from_bytes(block[at + 3 : at + 5], "big")
    return _text(block[at + 5 : at + 5 + length])


_XMP_ITEM = re.compile(rb"<rdf:li[^>]{0,200}>([^<]{1,1000})</rdf:li>")


def _text(raw: bytes) -> str | None:
    """Return readable text in one line, cut to a length that no rendition minds."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:_MAX_LENGTH] or None
