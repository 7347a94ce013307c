"""Pillow, as tutorials for such functions use it."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from benchmarks.targets import Target
from benchmarks.tools.serve import Make

_QUALITY_OF = ("jpeg", "webp", "avif")


def tutorial() -> Make:
    """Return the code of tutorials: turn upright, then shrink a copy for each size."""
    return _pillow(ImageOps.exif_transpose)


def thumbnail() -> Make:
    """Return Pillow's `thumbnail` alone, which ignores the orientation."""
    return _pillow(lambda image: image)


def _pillow(turn: Callable[[Any], Any]) -> Make:
    _register_heif()

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        opened = Image.open(BytesIO(data))
        image, kept = turn(opened), str(opened.format).lower()
        is_last = [False] * (len(targets) - 1) + [True]
        return [
            _saved(image if last else image.copy(), target, kept)
            for target, last in zip(targets, is_last, strict=True)
        ]

    return run


def _saved(image: Image.Image, target: Target, kept: str) -> bytes:
    size = (target.width, target.height)
    if target.fit == "cover":
        image = ImageOps.fit(image, size)
    else:
        image.thumbnail(size)
    to = kept if target.format == "keep" else target.format
    if to == "jpeg" and image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    file = BytesIO()
    image.save(file, to, **({"quality": target.quality} if to in _QUALITY_OF else {}))
    return file.getvalue()


def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra
    except ImportError:
        return
    register_heif_opener()
