"""A sample image for trying the commands, computed so that no file has to be shipped."""

import struct
import zlib
from pathlib import Path

from imagemill.operations.write_file import write_file

_WIDTH = 1200
_HEIGHT = 800
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def place_sample(folder: Path) -> Path:
    """Return the path of the sample in a folder; writes the file if it does not exist."""
    path = folder / "sample.png"
    if not path.exists():
        write_file(path, sample_png())
    return path


def sample_png() -> bytes:
    """Return a PNG of 1200 × 800 px, a sunset over water (PNG specification, third edition)."""
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + _row(line) for line in range(_HEIGHT))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(line: int) -> bytes:
    """Return one row of RGB pixels: brightest at the horizon, darker in the water below it."""
    horizon = _HEIGHT * 5 // 8
    height = abs(line - horizon) / horizon
    glow = 1 - height
    shade = 1.0 if line < horizon else 0.7
    colour = (40 + 210 * glow**2, 60 + 110 * glow, 110 + 60 * height)
    return bytes(int(part * shade) for part in colour) * _WIDTH


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
