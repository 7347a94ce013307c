"""Files for a run: generated images of many formats, invalid files, and the files of a folder."""

import io
from collections.abc import Callable
from pathlib import Path
from random import Random

from fakes.images import encoded, gradient, jpeg, png
from PIL import Image

Draw = Callable[[Random], bytes]
# Larger files of a folder are skipped: a run tests the order of events, not large images.
MAX_FILE_BYTES = 4_000_000


def mixed(random: Random, count: int) -> list[bytes]:
    """Return `count` different files: one of every kind in turn, each with a random size."""
    return [KINDS[number % len(KINDS)](random) for number in range(count)]


def in_folder(folder: Path | None) -> list[bytes]:
    """Return the bytes of every file in a folder and its subfolders; [] without a folder."""
    if folder is None:
        return []
    files = sorted(place for place in folder.rglob("*") if place.is_file())
    return [file.read_bytes() for file in files if file.stat().st_size <= MAX_FILE_BYTES]


def _side(random: Random, most: int = 700) -> int:
    return random.randint(20, most)


def _photo(random: Random) -> bytes:
    return jpeg(_side(random), _side(random), orientation=random.randint(1, 8))


def _large_photo(random: Random) -> bytes:
    return jpeg(800 + _side(random), 600 + _side(random), orientation=random.randint(1, 8))


def _noise(random: Random) -> bytes:
    """Return a JPEG of noise, whose renditions are larger than the buffer of a pipe."""
    width, height = 400 + _side(random, 300), 400 + _side(random, 300)
    image = Image.effect_noise((width, height), 90).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _graphic(random: Random) -> bytes:
    return png(_side(random), _side(random))


def _transparent(random: Random) -> bytes:
    image = gradient(_side(random), _side(random)).convert("RGBA")
    image.putalpha(random.randint(0, 254))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _animation(random: Random) -> bytes:
    first = gradient(_side(random, 200), _side(random, 200))
    buffer = io.BytesIO()
    others = [first.rotate(90), first.rotate(180)]
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=80, loop=0)
    return buffer.getvalue()


def _of(image_format: str) -> Draw:
    return lambda random: encoded(_side(random), _side(random), image_format)


def _truncated(random: Random) -> bytes:
    whole = _photo(random)
    return whole[: len(whole) * random.randint(5, 95) // 100]


def _damaged_header(random: Random) -> bytes:
    return png()[: random.randint(9, 30)]


def _text(random: Random) -> bytes:
    return f"just some words, number {random.random()}".encode()


def _empty(_: Random) -> bytes:
    return b""


# One generator per kind of file, in the order of use.
KINDS: tuple[Draw, ...] = (
    _photo,
    _graphic,
    _of("WEBP"),
    _noise,
    _animation,
    _text,
    _transparent,
    _of("TIFF"),
    _photo,
    _truncated,
    _of("BMP"),
    _large_photo,
    _empty,
    _of("AVIF"),
    _damaged_header,
)
