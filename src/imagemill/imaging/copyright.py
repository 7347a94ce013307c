"""Whose image is it? Copyright and artist, the only metadata that renditions keep.

EXIF is asked first, then XMP, then IPTC. Sources: EXIF 2.32, IPTC-IIM 4.2.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from imagemill.imaging.xmp import read_credits

_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_IPTC_MARKS = {_ARTIST: b"\x1c\x02\x50", _COPYRIGHT: b"\x1c\x02\x74"}
_IPTC_RESOURCE = 0x0404
_MAX_LENGTH = 256
_ASCII = 2


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made an image, and who may not copy it; None where the file does not say."""

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


def read_copyright(
    exif: Mapping[int, object],
    info: Mapping[str | tuple[int, int], object],
    extended_xmp: bytes = b"",
) -> Credit:
    """Return what EXIF and the other metadata, as Pillow gives them, say."""
    in_exif = {tag: _from_exif(exif.get(tag)) for tag in (_ARTIST, _COPYRIGHT)}
    in_xmp = _from_xmp(info.get("xmp"), extended_xmp) if not all(in_exif.values()) else {}
    artist, rights = (
        in_exif[tag] or in_xmp.get(name) or _from_iptc(info, tag)
        for tag, name in ((_ARTIST, "artist"), (_COPYRIGHT, "copyright"))
    )
    return Credit(artist, rights)


def _from_exif(value: object) -> str | None:
    """Return text that Pillow has read byte by byte, though most write UTF-8."""
    return _text(value.encode("latin-1", "replace")) if isinstance(value, str) else None


def _from_xmp(packet: object, extended: bytes) -> dict[str, str | None]:
    packets = [extended, packet if isinstance(packet, bytes) else b""]
    found = {name: text for each in packets if each for name, text in read_credits(each).items()}
    return {name: _text(text.encode()) for name, text in found.items()}


def _from_iptc(info: Mapping[str | tuple[int, int], object], tag: int) -> str | None:
    resources = info.get("photoshop")
    block = resources.get(_IPTC_RESOURCE) if isinstance(resources, dict) else None
    at = block.find(_IPTC_MARKS[tag]) if isinstance(block, bytes) else -1
    if at < 0 or not isinstance(block, bytes):
        return None
    length = int.from_bytes(block[at + 3 : at + 5], "big")
    return _text(block[at + 5 : at + 5 + length])


def _text(raw: bytes) -> str | None:
    """Return readable text in one line, cut to a length that no rendition minds."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:_MAX_LENGTH] or None
