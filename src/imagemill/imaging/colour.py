"""ICC, CMYK, Lab and grey → sRGB, on pixels already small."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms

_MAX_PROFILE_BYTES = 4 << 20
_BASE_MODES = {"LA": "L", "La": "L", "RGBA": "RGB", "RGBa": "RGB"}
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError)
"""What Pillow raises for profiles that are damaged, or not for this kind of pixels."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the colours of one picture become sRGB; None leaves it to Pillow's formulas."""

    transform: ImageCms.ImageCmsTransform | None = None
    warning: str | None = None

    def apply(self, pixels: Image.Image) -> Image.Image:
        """Return L, LA, RGB or RGBA pixels in sRGB."""
        alpha = pixels.getchannel("A") if pixels.mode in ("LA", "RGBA") else None
        plain = pixels.convert(_BASE_MODES[pixels.mode]) if alpha else pixels
        if self.transform is None:
            return _by_formula(pixels)
        converted = self.transform.apply(plain).convert("L" if plain.mode == "L" else "RGB")
        if alpha:
            converted.putalpha(alpha)
        return converted


def make_conversion(profile: bytes | None, mode: str) -> Conversion:
    """Return the way from the pixels of a picture, in `mode`, to sRGB by its own profile.

    The intent is perceptual. Without a profile RGB and grey are taken for sRGB, CMYK is taken for
    100% minus ink, and Lab for D50. A damaged profile, or one for another kind of pixels, counts
    as none, with a warning.
    """
    mode = _BASE_MODES.get(mode, mode)
    if mode == "LAB" and not profile:
        return Conversion(_transform(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), mode))
    if not profile:
        return Conversion()
    try:
        return _by_profile(profile, mode)
    except _UNUSABLE:
        return Conversion(warning="profile_ignored")


def _by_profile(profile: bytes, mode: str) -> Conversion:
    if len(profile) > _MAX_PROFILE_BYTES:
        return Conversion(warning="profile_ignored")
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
        return Conversion()
    return Conversion(_transform(source, mode))


def _transform(source: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")


def _by_formula(pixels: Image.Image) -> Image.Image:
    """Convert inks by formula; leave the rest."""
    return pixels.convert("RGB") if pixels.mode in ("CMYK", "LAB") else pixels
