"""Quality of a rendition compared with an ideal one, by SSIMULACRA 2; 100 is identical.

The reference is the whole image decoded, resampled by Lanczos in floats, turned upright, and
converted to sRGB by its own profile. A PNG shows the resizing alone, other formats the encoder too.
Of large images only the centre is compared, because a score takes 4 s per megapixel.
"""

import subprocess
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import cast

from PIL import Image, ImageCms, ImageOps

from benchmarks.peers import python_with
from benchmarks.targets import Fit

_SCRIPT = str(Path(__file__).parent / "worker_quality.py")
_ORIENTATION = 0x0112
# Longest side that is compared, px.
_CENTRE = 640


def make_reference(path: Path, out: Path, size: tuple[int, int], fit: Fit = "inside") -> None:
    """Write the ideal image of `path` in exactly `size` px, as a PNG in sRGB."""
    image = Image.open(path)
    image.load()
    turned = image.getexif().get(_ORIENTATION, 1) >= 5  # noqa: PLR2004 - 5 to 8 swap the sides
    stored = size[::-1] if turned else size
    box = _centred(image.size, stored) if fit == "cover" else (0, 0, *image.size)
    bands = [_resampled(band, stored, box) for band in image.convert("RGB").split()]
    small = Image.merge("RGB", bands)
    small.info = {"icc_profile": image.info.get("icc_profile")}
    orientation = image.getexif()
    if orientation:
        small.info["exif"] = orientation.tobytes()
    centre(to_srgb(ImageOps.exif_transpose(small))).save(out)


def make_comparable(made: Path, original: Path) -> tuple[Path, tuple[int, int]]:
    """Write the centre of an image as a PNG in sRGB; returns its path and the whole size.

    An image that its tool did not turn upright is turned.
    """
    upright = to_srgb(Image.open(made))
    if not is_upright(upright.size, original):
        exif = Image.Exif()
        exif[_ORIENTATION] = Image.open(original).getexif().get(_ORIENTATION, 1)
        upright.info["exif"] = exif.tobytes()
        upright = ImageOps.exif_transpose(upright)
    out = made.with_suffix(f"{made.suffix}.png")
    centre(upright).save(out)
    return out, upright.size


def centre(image: Image.Image) -> Image.Image:
    """Return the middle of an image, at most 640 px on each side."""
    width, height = (min(_CENTRE, side) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def is_upright(size: tuple[int, int], original: Path) -> bool:
    """Return whether an image of this size has the orientation of the displayed original."""
    shown = ImageOps.exif_transpose(Image.open(original)).size
    return (size[0] > size[1]) == (shown[0] > shown[1]) or size[0] == size[1]


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


def _centred(size: tuple[int, int], shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the largest centred part of `size` with the ratio of `shape`."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    width, height = shape[0] * scale, shape[1] * scale
    left, top = (size[0] - width) / 2, (size[1] - height) / 2
    return left, top, left + width, top + height


def _resampled(
    band: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image.Image:
    floats = band.convert("F").resize(size, Image.Resampling.LANCZOS, box)
    return floats.point(lambda value: value * 1 + 0.5).convert("L")
