"""Copyright and artist of an image: the only metadata that renditions keep.

Read from EXIF, else XMP, else IPTC. Sources: EXIF 2.32, IPTC-IIM 4.2.
"""

import struct
from collections.abc import Mapping

from imagemill.dataclass import dataclass
from imagemill.imaging.xmp import read_credits

# EXIF tags.
_ARTIST, _COPYRIGHT = 0x013B, 0x8298
# IPTC data sets 2:80 (by-line) and 2:116 (copyright notice): marker, record, number.
_IPTC_MARKS = {_ARTIST: b"\x1c\x02\x50", _COPYRIGHT: b"\x1c\x02\x74"}
# Number of the IPTC block among Photoshop's image resources.
_IPTC_RESOURCE = 0x0404
# Longer texts are cut, characters.
_MAX_LENGTH = 256
# TIFF field type.
_ASCII = 2


@dataclass(frozen=True, slots=True)
class Credit:
    """Artist and copyright of an image; None if the file does not state them."""

    artist: str | None = None
    copyright: str | None = None

    def exif(self) -> bytes:
        """Return an EXIF directory with these two entries only; empty bytes if there are none."""
        named = ((_ARTIST, self.artist), (_COPYRIGHT, self.copyright))
        entries = [(tag, text.encode() + b"\0") for tag, text in named if text]
        if not entries:
            return b""
        start = 8 + 2 + 12 * len(entries) + 4
        directory, values = [struct.pack("<H", len(entries))], b""
        for tag, text in entries:
            is_short = len(text) <= 4  # noqa: PLR2004 - stored in the entry itself
            place = text.ljust(4, b"\0") if is_short else struct.pack("<I", start + len(values))
            directory.append(struct.pack("<HHI", tag, _ASCII, len(text)) + place)
            values += b"" if is_short else text + bytes(len(text) % 2)
        return b"".join([b"II*\0\x08\0\0\0", *directory, bytes(4), values])


def read_copyright(
    exif: Mapping[int, object],
    info: Mapping[str | tuple[int, int], object],
    extended_xmp: bytes = b"",
) -> Credit:
    """Return the credit in EXIF and the other metadata, in the form in which Pillow gives them."""
    in_exif = {tag: _from_exif(exif.get(tag)) for tag in (_ARTIST, _COPYRIGHT)}
    in_xmp = _from_xmp(info.get("xmp"), extended_xmp) if not all(in_exif.values()) else {}
    artist, rights = (
        in_exif[tag] or in_xmp.get(name) or _from_iptc(info, tag)
        for tag, name in ((_ARTIST, "artist"), (_COPYRIGHT, "copyright"))
    )
    return Credit(artist, rights)


def _from_exif(value: object) -> str | None:
    """Return EXIF text. Pillow reads it byte by byte, but most programs write UTF-8."""
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
    """Return readable text in one line, cut to the maximum length."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:_MAX_LENGTH] or None
