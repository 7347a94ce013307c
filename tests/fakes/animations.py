"""Animated GIF and PNG files with features that no encoder writes."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

PALETTE = ((255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255))
WHITE, RED, GREEN, BLUE = range(4)


@dataclass(frozen=True, slots=True)
class GifPart:
    """A frame of one palette index; box is left, top, width, height, px."""

    index: int
    box: tuple[int, int, int, int]
    disposal: int = 1
    clear: int | None = None
    delay: int = 10
    """Hundredths of a second."""
    palette: tuple[tuple[int, int, int], ...] = ()
    is_interlaced: bool = False
    pixels: Image.Image | None = None
    """Pixels of the frame, instead of the one index."""


def gif(
    size: tuple[int, int],
    parts: Sequence[GifPart],
    *,
    background: int = 0,
    has_palette: bool = True,
) -> bytes:
    """Return a GIF that loops forever."""
    colours = b"".join(map(bytes, PALETTE)) if has_palette else b""
    screen = struct.pack("<HHBBB", *size, 0x81 if has_palette else 0, background, 0)
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    return b"".join([b"GIF89a", screen, colours, loop, *map(_gif_part, parts), b";"])


def _gif_part(part: GifPart) -> bytes:
    flags = part.disposal << 2 | (part.clear is not None)
    control = b"\x21\xf9\x04" + struct.pack("<BHB", flags, part.delay, part.clear or 0) + b"\0"
    local = b"".join(map(bytes, part.palette))
    packed = (0x80 | 1 if local else 0) | 0x40 * part.is_interlaced
    image = b"\x2c" + struct.pack("<HHHHB", *part.box, packed) + local
    pixels = part.pixels or Image.new("P", part.box[2:], part.index)
    return control + image + b"\x02" + pixels.tobytes("gif", "P", 2) + b"\0"


@dataclass(frozen=True, slots=True)
class ApngPart:
    """A frame; `dispose` and `blend` as in fcTL."""

    pixels: Image.Image
    corner: tuple[int, int] = (0, 0)
    dispose: int = 0
    blend: int = 0
    delay: tuple[int, int] = (1, 10)


def apng(
    size: tuple[int, int],
    parts: Sequence[ApngPart],
    poster: Image.Image | None = None,
    announced: int | None = None,
) -> bytes:
    """Return an animated PNG of 8 bits, RGB or RGBA as its frames, that loops forever."""
    mode = parts[0].pixels.mode
    header = struct.pack(">IIBBBBB", *size, 8, 6 if mode == "RGBA" else 2, 0, 0, 0)
    count = len(parts) if announced is None else announced
    out = [chunk(b"IHDR", header), chunk(b"acTL", struct.pack(">II", count, 0))]
    if poster:
        out.append(chunk(b"IDAT", _packed(poster.convert(mode))))
    number = 0
    for part in parts:
        control = (number, *part.pixels.size, *part.corner, *part.delay, part.dispose, part.blend)
        out.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", *control)))
        number += 1
        is_first = part is parts[0] and not poster
        data = _packed(part.pixels)
        out.append(
            chunk(b"IDAT", data) if is_first else chunk(b"fdAT", struct.pack(">I", number) + data)
        )
        number += not is_first
    return b"\x89PNG\r\n\x1a\n" + b"".join(out) + chunk(b"IEND", b"")


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _packed(pixels: Image.Image) -> bytes:
    row = pixels.width * len(pixels.mode)
    raw = pixels.tobytes()
    return zlib.compress(b"".join(b"\0" + raw[at : at + row] for at in range(0, len(raw), row)))
