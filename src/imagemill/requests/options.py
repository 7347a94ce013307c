"""The result of parsing a URL of any grammar."""

from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.preset import COMPASS, MAX_SIDE, PERCENT, Crop, Fit, Point, Preset

# The whole original in its own format.
WHOLE = Preset("variant", MAX_SIDE, MAX_SIDE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a URL: a preset, and how the answer depends on the rest of the request."""

    preset: Preset
    negotiates: bool = False
    """The request's `Accept` may replace the format by AVIF, JPEG XL or WebP."""
    version: str | None = None
    strict: bool = False
    """An original smaller than the box is an error (IIIF)."""
    tile: bool = False
    """The region must be a tile at an edge of the image (IIIF at level 0)."""
    placeholder: bool = False
    """An error is answered with an image of the wanted size."""


def normal(preset: Preset) -> Preset:
    """Return the preset without options that have no effect, so that equal images have one key."""
    fit = "inside" if MAX_SIDE in {preset.width, preset.height} else preset.fit
    crop = preset.crop
    if crop and crop.unit == "percent" and (crop.width, crop.height) == (PERCENT, PERCENT):
        crop = None if not (crop.left or crop.top) else crop
    return replace(
        preset,
        fit=fit,
        crop=crop,
        scale=None if preset.scale == PERCENT else preset.scale,
        focus=_focus(preset.focus, fit, crop),
        quality=None if preset.format == "png" else preset.quality,
    )


def _focus(focus: Point | None, fit: Fit, crop: Crop | None) -> Point | None:
    """Return the focus if it has an effect; padding has the middle anyway."""
    if fit == "cover" or (crop is not None and crop.left is None):
        return focus
    return focus if fit == "pad" and focus != COMPASS["centre"] else None
