"""Convert ICC profiles, coded colours, CMYK, Lab and grey to sRGB, on the small images."""

from dataclasses import replace
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

from imagemill.dataclass import dataclass
from imagemill.imaging.facts import Facts
from imagemill.imaging.icc import from_codes, from_gamma
from imagemill.imaging.modes import resampled_mode
from imagemill.imaging.plan import Plan

# Larger embedded profiles are ignored, bytes.
MAX_PROFILE_BYTES = 4 << 20
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_BASE_MODES = {"LA": "L", "RGBA": "RGB"}
# RGB values of the colours that a transform is tried on.
_TRIALS = bytes((0, 128, 255, 128, 64, 200, 255, 0, 0, 0, 255, 0, 0, 0, 255, 30, 160, 90))
# For the trial only: optimising a transform takes longer than converting these few colours.
_TRIAL = ImageCms.Flags.NOOPTIMIZE
# Difference in levels of 255 up to which two colours count as the same.
_UNSEEN = 2
# In these formats grey is YCbCr without chroma, so an RGB profile may belong to a grey image.
_COLOUR_PROFILES_ON_GREY = ("avif", "heic")
# Exceptions of Pillow for profiles that are damaged or for another kind of pixels.
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the colours of one image become sRGB; without a transform by Pillow's formulas."""

    transform: ImageCms.ImageCmsTransform | None = None
    warning: str | None = None
    source: bytes | None = None
    """The profile of the transform."""
    kept: "KeptGamut | None" = None
    """How colours beyond sRGB are kept, if that was asked for and there are any."""

    def of(self, plan: Plan) -> "Conversion":
        """Return the conversion for a plan: this one, or the one that keeps the gamut."""
        return self.kept.conversion if self.kept and plan.keeps_gamut else self

    def apply(self, pixels: Image.Image) -> Image.Image:
        """Return L, LA, RGB or RGBA pixels in sRGB."""
        if self.transform is None:
            return _by_formula(pixels)
        alpha = pixels.getchannel("A") if pixels.mode in _BASE_MODES else None
        plain = pixels.convert(_BASE_MODES[pixels.mode]) if alpha else pixels
        is_grey = plain.mode == "L"
        if plain.mode != self.transform.input_mode:
            plain = plain.convert(self.transform.input_mode)
        converted = self.transform.apply(plain).convert("L" if is_grey else "RGB")
        if alpha:
            converted.putalpha(alpha)
        return converted


@dataclass(frozen=True, slots=True)
class KeptGamut:
    """Colours beyond sRGB: the conversion to them, their profile, and their H.273 codes if any."""

    conversion: Conversion
    profile: bytes
    codes: tuple[int, int] | None
    back: Conversion
    """The conversion from them to sRGB."""


def conversion_of(embedded: bytes | None, facts: Facts, mode: str) -> Conversion:
    """Return the conversion to sRGB for pixels decoded in `mode`.

    Sources in this order: colour codes in `facts`, the embedded profile, gamma and chromaticities
    of a PNG. The last also replace a profile that is unusable.
    """
    is_grey = resampled_mode(mode) == "L"
    if facts.codes:
        is_png = facts.format == "png"
        coded = from_codes(*facts.codes, is_grey=is_grey, is_png=is_png)
        return make_conversion(coded, mode)
    if is_grey and facts.format in _COLOUR_PROFILES_ON_GREY and _is_for_colour(embedded):
        mode = "RGB"
    conversion = make_conversion(embedded, mode)
    if facts.gamma and (conversion.warning or not embedded):
        profile = from_gamma(facts.gamma, facts.chromaticities, is_grey=is_grey)
        return replace(make_conversion(profile, mode), warning=conversion.warning)
    return conversion


def without_copy(plan: Plan, conversion: Conversion, facts: Facts) -> Plan:
    """Return the plan, without a copy of the original if the conversion changes its values."""
    is_converted = conversion.of(plan).transform is not None and not facts.carries_gamma
    return replace(plan, may_copy=plan.may_copy and not is_converted)


def make_conversion(profile: bytes | None, mode: str) -> Conversion:
    """Return the conversion to sRGB by an embedded profile, for pixels decoded in `mode`.

    The intent is relative colorimetric without black-point compensation. Without a profile RGB and
    grey are taken as sRGB, CMYK as 100% minus ink, and Lab as D50. A damaged profile, or one for
    another kind of pixels, is ignored with a warning.
    """
    mode = resampled_mode(mode)
    if not profile:
        return Conversion(_lab_transform() if mode == "LAB" else None)
    if len(profile) > MAX_PROFILE_BYTES:
        return Conversion(warning="profile_ignored")
    try:
        return _by_profile(profile, mode)
    except _UNUSABLE:
        return Conversion(warning="profile_ignored")


def _is_for_colour(profile: bytes | None) -> bool:
    return profile is not None and profile[16:20] == b"RGB "


@lru_cache(maxsize=4)
def _by_profile(profile: bytes, mode: str) -> Conversion:
    """Return the conversion; cached because images of one camera often follow each other."""
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if mode == "RGB" and _changes_nothing(_transform(source, mode, _TRIAL)):
        return Conversion()
    return Conversion(_transform(source, mode), source=profile)


def transform_to(target: bytes, profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    """Return the transform from one profile to another, both usable, for pixels in `mode`."""
    source, to = (ImageCms.ImageCmsProfile(BytesIO(each)) for each in (profile, target))
    return ImageCms.buildTransform(source, to, mode, "RGB", renderingIntent=_INTENT)


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return True if the profile is sRGB under any name: sample colours stay the same."""
    before = Image.frombytes("RGB", (len(_TRIALS) // 3, 1), _TRIALS)
    after = transform.apply(before).tobytes()
    return max(abs(a - b) for a, b in zip(_TRIALS, after, strict=True)) <= _UNSEEN


def _lab_transform() -> ImageCms.ImageCmsTransform:
    return _transform(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "LAB")


def _transform(
    source: ImageCms.ImageCmsProfile, mode: str, flags: ImageCms.Flags = ImageCms.Flags.NONE
) -> ImageCms.ImageCmsTransform:
    target = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(
        source, target, mode, "RGB", renderingIntent=_INTENT, flags=flags
    )


def _by_formula(pixels: Image.Image) -> Image.Image:
    """Convert CMYK and Lab by formula; return other pixels unchanged."""
    return pixels.convert("RGB") if pixels.mode in ("CMYK", "LAB") else pixels
