"""Cases of camera raw files: small files of two makers' structure around a drawn JPEG."""

import struct
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from benchmarks.correctness_case import Case

# TIFF field types: 16 and 32 bits.
_SHORT, _LONG = 3, 4
# Bytes before the directory of the CR2, and the place of the JPEG in both files.
_CR2_HEAD, _JPEG_AT = 16, 256


def raws(upright: Image.Image, fitted: tuple[int, int], reference: Image.Image) -> Iterator[Case]:
    """Yield a RAF, and a CR2 whose own tag turns the preview, of an upright image."""
    yield Case("camera raw", "RAF by its preview", _raf(_jpeg(upright)), fitted, reference)
    # Orientation 6 is turned a quarter clockwise for display.
    turned = _jpeg(upright.transpose(Image.Transpose.ROTATE_90))
    yield Case("camera raw", "CR2, turned by its tag", _cr2(turned, 6), fitted, reference)


def _jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def _raf(jpeg: bytes) -> bytes:
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    return (head + struct.pack(">II", _JPEG_AT, len(jpeg))).ljust(_JPEG_AT, b"\0") + jpeg


def _cr2(jpeg: bytes, orientation: int) -> bytes:
    entries = (
        (259, _SHORT, 6),
        (273, _LONG, _JPEG_AT),
        (274, _SHORT, orientation),
        (279, _LONG, len(jpeg)),
    )
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    head = b"II*\0" + struct.pack("<I", _CR2_HEAD) + b"CR\2\0" + bytes(4)
    directory = struct.pack("<H", len(entries)) + packed + bytes(4)
    return (head + directory).ljust(_JPEG_AT, b"\0") + jpeg
