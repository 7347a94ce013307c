"""The originals that `billed.py` measures: photos in every size and format of its cases."""

import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from PIL import Image

from benchmarks.billed_cases import Case
from benchmarks.copies import write_animation, write_jxl, write_raw, write_ultra_hdr
from benchmarks.images import BASELINE, gather
from imagemill.costs.work import Format

_OTHERS: dict[str, dict[str, object]] = {
    "png": {"compress_level": 6},
    "webp": {"quality": 80, "method": 2},
    "avif": {"quality": 60, "speed": 9},
    "heic": {"quality": 60, "enc_params": {"preset": "ultrafast"}},
    "tiff": {"compression": "tiff_lzw"},
    "gif": {},
}
_MADE: dict[str, Callable[[Image.Image, Path], None]] = {
    "jxl": write_jxl,
    "ultrahdr": write_ultra_hdr,
    "raw": write_raw,
}
MEASURED_FORMATS = ("jpeg", *_OTHERS, *_MADE)
_PILLOW_NAMES = {"heic": "heif"}
_PHOTOS = 3
# JPEG quality that gives a scaled photo about as many bytes per pixel as a camera's.
_CAMERA_QUALITY = 95
# Originals of the renditions whose bytes are measured; only a GIF becomes a GIF.
WRITTEN_FROM: tuple[Format, float, int] = ("jpeg", 12, 1)
GIF: tuple[Format, float, int] = ("gif", 2, 1)
MOVING_FROM: tuple[Format, float, int] = ("gif", 1, 24)

# By format, megapixels and frames.
Files = dict[tuple[Format, float, int], list[bytes]]


def scaled(folder: Path, scratch: Path, wanted: Collection[Case]) -> Files:
    """Return photos in every size and format of the cases."""
    photos = [each.path for each in gather(folder, scratch) if each.group == BASELINE][:_PHOTOS]
    found: Files = {}
    needed = {(case.format, case.megapixels, case.frames) for case in wanted}
    for kind, megapixels, frames in needed | {WRITTEN_FROM, GIF, MOVING_FROM}:
        if frames > 1:
            found[kind, megapixels, frames] = [_animated(photos[0], kind, megapixels, frames)]
            continue
        some = photos if kind == "jpeg" else photos[:1]
        copies = [_scaled(photo, megapixels, scratch) for photo in some]
        if kind == "jpeg":
            found[kind, megapixels, 1] = [copy.read_bytes() for copy in copies]
        else:
            found[kind, megapixels, 1] = [_copy(copies[0], kind)]
    return found


def _animated(photo: Path, kind: Format, megapixels: float, frames: int) -> bytes:
    """Return an animation of a window that moves over the photo, with the sides 4:3."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with tempfile.TemporaryDirectory() as folder, Image.open(photo) as image:
        out = Path(folder) / f"moving.{kind}"
        write_animation(image.convert("RGB"), out, frames, (height * 4 // 3, height))
        return out.read_bytes()


def _scaled(photo: Path, megapixels: float, scratch: Path) -> Path:
    copy = scratch / f"{photo.stem}.{megapixels:g}.jpg"
    if copy.exists():
        return copy
    with Image.open(photo) as image:
        factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = (round(image.width * factor), round(image.height * factor))
        made = image.resize(size, Image.Resampling.LANCZOS)
        made.save(copy, quality=_CAMERA_QUALITY, icc_profile=image.info.get("icc_profile"))
    return copy


def _copy(photo: Path, kind: str) -> bytes:
    if kind == "heic":
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra

        register_heif_opener()
    copy = photo.with_suffix(f".{kind}")
    with Image.open(photo) as image:
        if kind in _MADE:
            _MADE[kind](image.convert("RGB"), copy)
        else:
            image.save(copy, _PILLOW_NAMES.get(kind, kind), **_OTHERS[kind])
    return copy.read_bytes()
