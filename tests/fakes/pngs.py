"""PNG files of any layout, filter and compression, which Pillow itself does not write."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image

from imagemill.imaging.formats.png import SIGNATURE, make_chunk

GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
# Every permitted pair of bit depth and colour type.
LAYOUTS = [
    *((bits, GREY) for bits in (1, 2, 4, 8, 16)),
    *((bits, PALETTE) for bits in (1, 2, 4, 8)),
    *((bits, colour) for colour in (COLOUR, GREY_ALPHA, COLOUR_ALPHA) for bits in (8, 16)),
]


@dataclass(frozen=True)
class Compression:
    level: int = 6
    strategy: int = zlib.Z_DEFAULT_STRATEGY
    window_bits: int = 15

    def compress(self, data: bytes) -> bytes:
        packer = zlib.compressobj(self.level, zlib.DEFLATED, self.window_bits, 9, self.strategy)
        return packer.compress(data) + packer.flush()


def filtered(
    width: int, height: int, bits: int, colour: int, *, filters: str = "01234", seed: int = 1
) -> bytes:
    """Return filtered rows: what remains after the filters of noise with some flat parts."""
    random = Random(f"{width} {height} {bits} {colour} {seed}")  # noqa: S311 - reproducible
    row = -(-width * bits * SAMPLES[colour] // 8)
    lines = []
    for y in range(height):
        kind = int(random.choice(filters))
        content = random.randbytes(row) if y % 3 else bytes(row)
        lines.append(bytes((kind,)) + content)
    return b"".join(lines)


def png(
    size: tuple[int, int],
    layout: tuple[int, int],
    pixels: bytes,
    *more: tuple[bytes, bytes],
    piece: int = 1 << 20,
) -> bytes:
    """Return a file with these chunks before `pixels`, which are compressed and cut in pieces."""
    header = struct.pack(">IIBBBBB", *size, *layout, 0, 0, 0)
    pieces = [pixels[at : at + piece] for at in range(0, len(pixels), piece)]
    chunks = [(b"IHDR", header), *more, *((b"IDAT", part) for part in pieces), (b"IEND", b"")]
    return SIGNATURE + b"".join(make_chunk(name, body) for name, body in chunks)


def noise(
    size: tuple[int, int],
    layout: tuple[int, int],
    *more: tuple[bytes, bytes],
    compression: Compression = Compression(),
    filters: str = "01234",
    piece: int = 1 << 20,
) -> bytes:
    """Return a file of noise; one with a palette gets as many colours as its bits can name."""
    pixels = compression.compress(filtered(*size, *layout, filters=filters))
    bits, colour = layout
    palette = Random(bits).randbytes(3 << bits)  # noqa: S311 - reproducible
    colours = [(b"PLTE", palette)] if colour == PALETTE else []
    return png(size, layout, pixels, *colours, *more, piece=piece)


def pixels(data: bytes) -> bytes:
    """Return the decoded pixels: files of the same pixels may differ in their filters."""
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGBA").tobytes()
