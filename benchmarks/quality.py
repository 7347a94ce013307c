"""Quality of a rendition compared with an ideal one, by SSIMULACRA 2; 100 is identical.

The reference is the whole image decoded, resampled by Lanczos in floats, turned upright, and
converted to sRGB by its own profile. Tools write PNGs, so that only the resizing is compared.
"""

import subprocess
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import cast

from PIL import Image, ImageCms, ImageOps

from benchmarks.peers import python_with

_SCRIPT = str(Path(__file__).parent / "worker_quality.py")


def make_reference(path: Path, target: Path, side: int) -> None:
    """Write the ideal small image of `path`, at most `side` px long, as a PNG in sRGB."""
    image = Image.open(path)
    image.load()
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    bands = [_resampled(band, size) for band in image.convert("RGB").split()]
    small = Image.merge("RGB", bands)
    small.info = {"icc_profile": image.info.get("icc_profile")}
    orientation = image.getexif()
    if orientation:
        small.info["exif"] = orientation.tobytes()
    to_srgb(ImageOps.exif_transpose(small)).save(target)


def to_srgb(image: Image.Image) -> Image.Image:
    """Return the pixels converted to sRGB by their embedded profile."""
    profile = image.info.get("icc_profile")
    plain = image.convert("RGB")
    if not profile:
        return plain
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    converted = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), intent)
    return cast("Image.Image", converted)


def scores(pairs: Sequence[tuple[Path, Path]]) -> list[float]:
    """Return the score of each image compared with its reference."""
    python = python_with("quality", "ssimulacra2")
    lines = "".join(f"{reference}\t{made}\n" for reference, made in pairs)
    done = subprocess.run(  # noqa: S603 - our own script
        [python, _SCRIPT], input=lines, check=True, capture_output=True, text=True
    )
    return [float(line) for line in done.stdout.split()]


def _resampled(band: Image.Image, size: tuple[int, int]) -> Image.Image:
    floats = band.convert("F").resize(size, Image.Resampling.LANCZOS)
    return floats.point(lambda value: value * 1 + 0.5).convert("L")
