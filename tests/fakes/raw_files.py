"""Camera raw files of every maker's structure, around JPEGs that tests draw."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

# Field types: bytes, text, 16 and 32 bits, undefined.
_BYTE, _ASCII, _SHORT, _LONG, _UNDEFINED = 1, 2, 3, 4, 7
SENSOR = (4000, 3000)


@dataclass(frozen=True, slots=True)
class Blob:
    """Data in the file that an entry gives the offset of."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Inline:
    """The value of an entry of type UNDEFINED."""

    data: bytes


Value = int | str | Blob | Inline | list["Tags"]
Tags = dict[int, Value]


@dataclass(slots=True)
class _Writer:
    """Appends values and directories; the offsets count from the first byte."""

    order: str
    data: bytearray = field(default_factory=bytearray)

    def put(self, data: bytes) -> int:
        self.data += bytes(len(self.data) % 2)
        at = len(self.data)
        self.data += data
        return at

    def put_directory(self, tags: Tags, following: int = 0) -> int:
        entries = [self._entry(tag, value) for tag, value in sorted(tags.items())]
        packed = b"".join(entries) + struct.pack(self.order + "I", following)
        return self.put(struct.pack(self.order + "H", len(entries)) + packed)

    def _entry(self, tag: int, value: Value) -> bytes:
        kind, count, raw = self._packed(value)
        if len(raw) > 4:
            raw = struct.pack(self.order + "I", self.put(raw))
        return struct.pack(self.order + "HHI", tag, kind, count) + raw.ljust(4, b"\0")

    def _packed(self, value: Value) -> tuple[int, int, bytes]:
        match value:
            case int():
                return _LONG, 1, struct.pack(self.order + "I", value)
            case str():
                return _ASCII, len(value) + 1, value.encode() + b"\0"
            case Blob(data):
                return _LONG, 1, struct.pack(self.order + "I", self.put(data))
            case Inline(data):
                return _UNDEFINED, len(data), data
            case _:
                offsets = [self.put_directory(tags) for tags in value]
                packed = struct.pack(f"{self.order}{len(offsets)}I", *offsets)
                return _LONG, len(offsets), packed


def raw_tiff(pages: Sequence[Tags], *, mark: bytes = b"II*\0", extra: bytes = b"") -> bytes:
    """Return a file of these pages; `mark` are its first four bytes, `extra` follows the header."""
    writer = _Writer("<" if mark.startswith(b"II") else ">")
    writer.data += mark + bytes(4) + extra
    following = 0
    for tags in reversed(pages):
        following = writer.put_directory(tags, following)
    writer.data[4:8] = struct.pack(writer.order + "I", following)
    return bytes(writer.data)


def jpeg_of(image: Image.Image, **options: object) -> bytes:
    """Return the image as a JPEG."""
    file = BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def lossless_jpeg(size: tuple[int, int] = SENSOR) -> bytes:
    """Return the beginning of a lossless JPEG, the form of the data of many sensors."""
    frame = struct.pack(">HHBHHB", 0xFFC3, 11, 14, size[1], size[0], 1) + b"\x01\x11\0"
    return b"\xff\xd8" + frame + b"\xff\xda" + bytes(64)


def sensor_tags(**more: Value) -> Tags:
    """Return the directory of a sensor's data."""
    named: Tags = {int(name[1:]): value for name, value in more.items()}
    tags: Tags = {254: 0, 256: SENSOR[0], 257: SENSOR[1], 259: 7, 262: 32_803}
    strip: Tags = {273: Blob(lossless_jpeg()), 279: len(lossless_jpeg())}
    return tags | strip | named


def dng(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Adobe's format, big-endian: previews are sub-directories beside the sensor's data."""
    preview: Tags = {254: 1, 259: 7, 262: 6, 273: Blob(jpeg), 279: len(jpeg)}
    small: Tags = {254: 1, 259: 7, 262: 6, 273: Blob(thumbnail), 279: len(thumbnail)}
    first: Tags = {254: 1, 330: [small, sensor_tags(), preview], 50_706: Inline(b"\1\4\0\0")}
    return raw_tiff([first | tags], mark=b"MM\0*")


def cr2(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Canon's format: the preview is the strip of the first page."""
    first: Tags = {259: 6, 273: Blob(jpeg), 279: len(jpeg)}
    small: Tags = {513: Blob(thumbnail), 514: len(thumbnail)}
    sensor: Tags = {259: 6, 273: Blob(lossless_jpeg()), 279: len(lossless_jpeg())}
    return raw_tiff([first | tags, small, sensor], extra=b"CR\2\0" + bytes(4))


def nef(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Nikon's format: the preview is in a sub-directory."""
    preview: Tags = {254: 1, 259: 6, 513: Blob(jpeg), 514: len(jpeg)}
    first: Tags = {254: 1, 259: 1, 330: [preview, sensor_tags(t259=34_713)]}
    small: Tags = {513: Blob(thumbnail), 514: len(thumbnail)}
    return raw_tiff([first | {271: "NIKON CORPORATION"} | tags, small], mark=b"MM\0*")


def arw(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Sony's format: the preview belongs to the first page, the sensor to a sub-directory."""
    first: Tags = {254: 1, 513: Blob(jpeg), 514: len(jpeg), 330: [sensor_tags(t259=32_767)]}
    small: Tags = {513: Blob(thumbnail), 514: len(thumbnail)}
    return raw_tiff([first | {271: "SONY"} | tags, small])


def orf(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Olympus's format: the preview is in the camera's notes, whose offsets are their own."""
    note = _Writer("<", bytearray(b"OLYMPUS\0II\3\0"))
    at = 12 + 2 + 12 + 4
    settings = {0x0101: at + 2 + 2 * 12 + 4, 0x0102: len(jpeg)}
    note.put_directory({0x2020: at})
    note.put_directory(dict(settings))
    note.put(jpeg)
    exif: Tags = {0x927C: Inline(bytes(note.data))}
    small: Tags = {513: Blob(thumbnail), 514: len(thumbnail)}
    first: Tags = {271: "OLYMPUS CORPORATION", 0x8769: [exif]}
    return raw_tiff([first | tags, small], mark=b"IIRO")


def rw2(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:  # noqa: ARG001 - it has none
    """Panasonic's format: the preview is the value of a tag."""
    first: Tags = {2: SENSOR[1], 3: SENSOR[0], 0x2E: Inline(jpeg), 271: "Panasonic"}
    return raw_tiff([first | tags], mark=b"II\x55\0")


def raf(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:  # noqa: ARG001 - it has neither
    """Fujifilm's format: the header says where the JPEG is."""
    sizes = struct.pack(">IHHHH", 1, 0x0100, 4, SENSOR[1], SENSOR[0])
    start = 100 + len(sizes)
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    return head + struct.pack(">IIII", start, len(jpeg), 100, len(sizes)) + sizes + jpeg


def cr3(jpeg: bytes, thumbnail: bytes, tags: Tags) -> bytes:
    """Canon's format as boxes: the JPEG is the sample of the first track."""
    notes = [box(b"CMT1", raw_tiff([tags or {271: "Canon"}])), box(b"CMT2", raw_tiff([{1: 1}]))]
    canon = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + b"".join(notes))
    preview = bytes(12) + struct.pack(">I", len(thumbnail)) + thumbnail
    preview_id = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    small = box(b"uuid", preview_id + bytes(8) + box(b"PRVW", preview))
    head = box(b"ftyp", b"crx \0\0\0\1crx isom")

    def movie(offset: int) -> bytes:
        tracks = track(offset, len(jpeg), (1620, 1080)) + track(offset + len(jpeg), 100, SENSOR)
        return box(b"moov", canon + tracks)

    start = len(head) + len(movie(0)) + len(small) + 8
    return head + movie(start) + small + box(b"mdat", jpeg + bytes(100))


def track(offset: int, size: int, sides: tuple[int, int]) -> bytes:
    """Return a track of one sample."""
    entry = box(b"CRAW", bytes(24) + struct.pack(">HH", *sides) + bytes(50))
    table = b"".join(
        (
            box(b"stsd", struct.pack(">II", 0, 1) + entry),
            box(b"stsz", struct.pack(">IIII", 0, 0, 1, size)),
            box(b"co64", struct.pack(">IIQ", 0, 1, offset)),
        )
    )
    return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", table))))


def box(name: bytes, body: bytes) -> bytes:
    """Return a box of an ISO base media file."""
    return struct.pack(">I", len(body) + 8) + name + body


MAKERS: dict[str, Callable[[bytes, bytes, Tags], bytes]] = {
    "dng": dng,
    "cr2": cr2,
    "cr3": cr3,
    "nef": nef,
    "arw": arw,
    "raf": raf,
    "orf": orf,
    "rw2": rw2,
}
