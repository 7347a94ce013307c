"""The test images: photos of a folder or synthetic ones, and copies in other formats."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageChops

BASELINE, SMALLER, PROGRESSIVE = "JPEG", "JPEG below 12 MP", "JPEG progressive"
LARGER = "JPEG of 24 MP"
_LEAST_PIXELS = 11_900_000
_SUFFIXES = frozenset((".jpg", ".jpeg", ".heic"))
# Longer side of the enlarged photo in px, and the strength of its grain in levels of 255. The grain
# replaces the fine detail that an enlarged photo lacks.
_LARGER_SIDE, _GRAIN = 6000, 4
_COPIES: dict[str, tuple[str, dict[str, object]]] = {
    LARGER: ("24mp.jpg", {"quality": 90}),
    PROGRESSIVE: ("progressive.jpg", {"quality": 88, "progressive": True}),
    "PNG": ("copy.png", {"compress_level": 6}),
    "WebP": ("copy.webp", {"quality": 80, "method": 2}),
    "AVIF": ("copy.avif", {"quality": 60, "speed": 9}),
}
_MEMORY_SIZES = {"12 MP": (4000, 3000), "24 MP": (6000, 4000), "48 MP": (8000, 6000)}


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to resize, and the group of images whose mean it counts in."""

    path: Path
    group: str


def gather(folder: Path | None, scratch: Path) -> list[Sample]:
    """Return the photos of `folder` or synthetic ones, and copies of the first in other formats."""
    found = _photos(folder) if folder else []
    if not any(each.group == BASELINE for each in found):
        found += [Sample(draw(scratch / "drawn.jpg", (4032, 3024)), BASELINE)]
    first = next(each.path for each in found if each.group == BASELINE)
    return [*found, *_copies(first, scratch)]


def in_sizes(scratch: Path) -> dict[str, Path]:
    """Return synthetic JPEGs of several sizes for the measurement of memory."""
    return {
        name: draw(scratch / f"{name.replace(' ', '')}.jpg", size)
        for name, size in _MEMORY_SIZES.items()
    }


def draw(path: Path, size: tuple[int, int], **options: object) -> Path:
    """Write a synthetic JPEG with detail at every scale, like a photo; identical every time."""
    detailed(size).save(path, **{"quality": 88, **options})  # type: ignore[arg-type] # Pillow's own
    return path


@cache
def detailed(size: tuple[int, int]) -> Image.Image:
    """Return an image with detail at every scale, like a photo; identical every time."""
    random = Random(7)  # noqa: S311 - the same every time
    image = Image.new("RGB", size, "grey")
    for side in (6, 24, 96, 384, 1536):
        grain = Image.frombytes("RGB", (side, side), random.randbytes(side * side * 3))
        image = Image.blend(image, grain.resize(size, Image.Resampling.BICUBIC), 0.25)
    return image


def _photos(folder: Path) -> list[Sample]:
    inner = folder / "photos"
    files = sorted((inner if inner.is_dir() else folder).iterdir())
    return [Sample(file, _group(file)) for file in files if file.suffix.lower() in _SUFFIXES]


def _group(path: Path) -> str:
    if path.suffix.lower() == ".heic":
        return "HEIC"
    with Image.open(path) as image:
        if image.info.get("progressive"):
            return PROGRESSIVE
        return BASELINE if image.width * image.height >= _LEAST_PIXELS else SMALLER


def _copies(path: Path, scratch: Path) -> Iterator[Sample]:
    with Image.open(path) as image:
        for group, (name, options) in _COPIES.items():
            copy = scratch / f"{path.stem}.{name}"
            copied = _enlarged(image) if group == LARGER else image
            copied.save(copy, **options)  # type: ignore[arg-type] # Pillow's own
            yield Sample(copy, group)


def _enlarged(image: Image.Image) -> Image.Image:
    """Return an enlarged photo that needs as many bytes per pixel as the original."""
    scale = _LARGER_SIDE / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    larger = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    grain = Image.effect_noise(size, _GRAIN).convert("RGB")
    grained = ImageChops.add(larger, grain, 1, -128)
    grained.info = image.info
    return grained
