"""The objects of a bucket that others have used for years: images of many kinds, and other files.

Each object has bytes of its own. A few images of each kind are drawn once; a number is then written
into a part of the file that decoders skip, which takes no time.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from PIL import Image

# Sizes in pixels, and how many of a hundred images have them.
_SIZES = (
    ((160, 120), 40),
    ((320, 240), 35),
    ((640, 480), 18),
    ((1600, 1200), 6),
    ((4000, 3000), 1),
)
# How many of a hundred images have a format.
_FORMATS = (("JPEG", 70), ("PNG", 12), ("WEBP", 10), ("HEIF", 5), ("GIF", 3))
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic", "GIF": ".gif"}
_FOLDERS = 97
# Every object whose number is a multiple of one of these is no image.
_SIDECAR_EACH, _BROKEN_EACH, _TEXT_EACH = 50, 70, 110


@dataclass(frozen=True, slots=True)
class MixedObject:
    """One object of the bucket."""

    key: str
    data: bytes


def mixed_objects(count: int) -> Iterator[MixedObject]:
    """Yield this number of objects, the same at each call."""
    formats = formats_here()
    for number in range(count):
        yield _marker(number) if number < min(_FOLDERS, count // 20) else _object(number, formats)


def formats_here() -> list[str]:
    """Return the formats that Pillow writes here, as often as they occur in a hundred images."""
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415  # an optional package
    except ImportError:
        skipped = {"HEIF"}
    else:
        register_heif_opener()
        skipped = set()
    return [name for name, times in _FORMATS if name not in skipped for _ in range(times)]


def numbered(kind: str, data: bytes, number: int) -> bytes:
    """Return an image with a number that no decoder looks at."""
    return _NUMBERED[kind](data, number)


def _object(number: int, formats: list[str]) -> MixedObject:
    draw = Random(number)  # noqa: S311  # the same every time
    key = f"{number % _FOLDERS:02}/{draw.choice(('IMG', 'DSC', 'scan'))}_{number:07}"
    if number % _SIDECAR_EACH == 0:
        return MixedObject(f"{key}.xmp", f"<x:xmpmeta n='{number}'/>".encode())
    if number % _TEXT_EACH == 0:
        return MixedObject(f"{key}.txt", f"no image {number}".encode())
    kind = draw.choice(formats)
    size = draw.choices([size for size, _ in _SIZES], [share for _, share in _SIZES])[0]
    data = numbered(kind, _drawn(kind, size, draw.randrange(4)), number)
    if number % _BROKEN_EACH == 0:
        data = data[: len(data) // 3]
    return MixedObject(key + _ENDINGS[kind], data)


def _marker(number: int) -> MixedObject:
    return MixedObject(f"{number:02}/", b"")


@cache
def _drawn(kind: str, size: tuple[int, int], seed: int) -> bytes:
    """Return an image in a format of Pillow: a photo with a little grain as JPEG, else shapes."""
    draw = Random(seed)  # noqa: S311  # the same every time
    shapes = Image.frombytes("RGB", (12, 9), draw.randbytes(12 * 9 * 3))
    file = io.BytesIO()
    if kind == "JPEG":
        grain = Image.effect_noise(size, 12).convert("RGB")
        Image.blend(shapes.resize(size), grain, 0.15).save(file, kind)
    else:
        shapes.resize(size, Image.Resampling.NEAREST).save(file, kind)
    return file.getvalue()


def _numbered_jpeg(data: bytes, number: int) -> bytes:
    """Insert a comment after the first marker (T.81, B.2.4.5)."""
    text = str(number).encode()
    return data[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(text)) + text + data[2:]


def _numbered_png(data: bytes, number: int) -> bytes:
    """Insert a text chunk before the last chunk, which has twelve bytes."""
    chunk = b"tEXtNumber\0" + str(number).encode()
    length, check = struct.pack(">I", len(chunk) - 4), struct.pack(">I", zlib.crc32(chunk))
    return data[:-12] + length + chunk + check + data[-12:]


def _numbered_webp(data: bytes, number: int) -> bytes:
    """Append a chunk of an unknown kind, which readers ignore (RFC 9649, 2.3)."""
    grown = data[8:] + b"numb" + struct.pack("<IQ", 8, number)
    return b"RIFF" + struct.pack("<I", len(grown)) + grown


def _numbered_heif(data: bytes, number: int) -> bytes:
    """Append a box of free space (ISO 14496-12, 8.1.2)."""
    return data + struct.pack(">I4sQ", 16, b"free", number)


def _numbered_gif(data: bytes, number: int) -> bytes:
    """Insert a comment before the trailer (GIF89a, 24)."""
    return data[:-1] + b"\x21\xfe\x08" + struct.pack(">Q", number) + b"\0" + data[-1:]


_NUMBERED: dict[str, Callable[[bytes, int], bytes]] = {
    "JPEG": _numbered_jpeg,
    "PNG": _numbered_png,
    "WEBP": _numbered_webp,
    "HEIF": _numbered_heif,
    "GIF": _numbered_gif,
}
