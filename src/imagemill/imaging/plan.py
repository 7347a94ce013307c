"""Turn facts and presets into plans: every decision about a rendition, in integers, no pixels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from imagemill.dataclass import dataclass
from imagemill.imaging.edits import NO_EDITS, Edits, edits_of
from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Box, Fitted, Size, fit
from imagemill.imaging.orientation import is_sideways
from imagemill.imaging.quality import highest_quality, lowest_quality
from imagemill.recipe import Preset, Recipe

WebFormat = Literal["jpeg", "png", "webp", "gif", "avif", "jxl"]

# Largest side of each format, px: of the file format, or of the libraries that read it.
MAX_SIDES: dict[WebFormat, int] = {
    "jpeg": 65_500,
    "png": 1_000_000,
    "webp": 16_383,
    "gif": 65_535,
    "avif": 65_535,
    "jxl": 262_144,
}
# Encoder qualities if the preset names none.
DEFAULT_QUALITIES: dict[WebFormat, int] = {
    "jpeg": 82,
    "png": 100,
    "webp": 80,
    "gif": 100,
    "avif": 62,
    "jxl": 76,
}
# Highest quality that is tried to reach a score: the next ones have many more bytes for little.
HIGHEST_OF_TARGET = 95
# Formats that `keep` keeps, and formats that can be animated.
_KEPT: tuple[WebFormat, ...] = ("jpeg", "png", "webp", "gif", "avif")
_ANIMATED: tuple[WebFormat, ...] = ("gif", "webp", "png", "avif", "jxl")
# Quality of drawings that become JPEG: their edges ring at lower qualities.
DRAWN_JPEG_QUALITY = 92
# Formats whose images are lossless, or nearly.
_WITHOUT_LOSS = frozenset(("png", "gif", "bmp", "tiff", "ico"))
# Pixels up to which an AVIF may have the highest effort, and the next one for others.
_MOST_PIXELS_OF_HIGHEST, _NEXT_EFFORT = 1024 * 768, 5
# Decoded pixels per output pixel on each side: below two a scaled decode is visibly softer.
_SUPERSAMPLING = (2, 1)
# The same for drawing from another preset's image, which has been resampled well already.
_SUPERSAMPLING_DRAWN = (4, 3)


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions about one rendition; sizes and boxes are as displayed."""

    preset: str
    crop: Box
    """Part of the original that is shown."""
    size: Size
    format: WebFormat
    quality: int
    keep_alpha: bool
    animate: bool
    must_not_grow: bool
    """No more bytes than the original: all of its pixels are shown, in a format we choose."""
    may_copy: bool
    """The original's own pixel data can be used, without its metadata."""
    prefers_copy: bool = False
    """Encoding again would only lose: the original's quality is no higher than that asked for."""
    target: int | None = None
    """Score of SSIMULACRA 2 that the quality is chosen for; `quality` is the highest then."""
    effort: int | None = None
    """Effort of the encoder, 0 to 6; None is the default of the format."""
    most_bytes: int = 0
    """Bytes of the original, or fewer if the preset says so."""
    has_budget: bool = False
    """The preset names the most bytes: the lowest quality is better than more."""
    lowest_quality: int = 1
    """Lowest quality that may be tried to stay within `most_bytes`."""
    must_fit: bool = False
    """The preset names no format, or the most bytes: few colours are better than more bytes."""
    was_lossless: bool = False
    """The original's format is lossless, or nearly: PNG, GIF, BMP, TIFF, ICO."""
    keeps_codes: bool = False
    """The pixel values stay and the file says how to show them: an AVIF that stays AVIF by its
    colour codes, a PNG that stays PNG by its gamma."""
    is_lossless: bool = False
    """The original is lossless WebP: a lossless file is tried and kept if it is smaller."""
    is_drawn: bool = False
    """The original has a palette: a palette is tried, and chroma is not subsampled."""
    otherwise: "WebFormat | None" = None
    """Format if the whole image turns out to be opaque."""
    may_be_png: bool = False
    """JPEG is only our default for a file that may hold a drawing: PNG if that suits it."""
    edits: Edits = NO_EDITS
    """Changes after cropping and resizing."""
    frames: int = 1
    """Frames that are shown; 1 for a still image."""
    keeps_gain_map: bool = False
    """The gain map of the original is drawn and stored with the rendition."""
    keeps_gamut: bool = False
    """Colours beyond sRGB stay, with a profile."""
    is_deep: bool = False
    """An AVIF with 10 bits per sample, of an image with more than 8."""
    is_region: bool = False
    """The preset names a part of the original; only that is decoded where the decoder can."""

    @property
    def is_shrunk(self) -> bool:
        """True if the rendition has fewer pixels than the part of the original that it shows."""
        return self.size != self.crop.size

    @property
    def final_size(self) -> Size:
        """Size of the rendition: rotated, and with padding."""
        if self.edits.canvas is not None:
            return self.edits.canvas
        return self.size.swapped if is_sideways(self.edits.turn) else self.size


def make_plans(facts: Facts, recipe: Recipe, *, animate: bool = True) -> tuple[Plan, ...]:
    """Plan every rendition of `recipe`, in order; without `animate` the first frame is shown."""
    return tuple(make_plan(facts, preset, animate=animate) for preset in recipe.presets)


def make_plan(facts: Facts, preset: Preset, *, animate: bool = True) -> Plan:
    """Plan one rendition."""
    whole = Size(facts.width, facts.height)
    to = choose_format(facts, preset)
    fitted = fit(whole, preset, MAX_SIDES[to])
    edits = edits_of(preset, fitted, has_alpha=facts.has_alpha)
    is_deep = facts.is_deep and preset.wants_deep and to == "avif" and edits.keep_values
    is_animated = animate and facts.is_animated and to in _ANIMATED
    is_all_shown = fitted.place.size == whole and edits.are_none
    has_target = preset.target is not None and not is_animated
    must_not_grow = is_all_shown and (preset.format == "keep" or to == facts.format)
    return Plan(
        preset=preset.name,
        crop=fitted.part,
        size=fitted.place.size,
        format=to,
        quality=_quality(facts, preset, fitted, to, has_target=has_target),
        keep_alpha=facts.has_alpha and to != "jpeg" and edits.background is None,
        animate=is_animated,
        must_not_grow=must_not_grow,
        may_copy=must_not_grow and to == facts.format and is_animated == facts.is_animated,
        prefers_copy=facts.quality is not None and facts.quality <= _wanted(facts, preset, to),
        target=preset.target if has_target else None,
        effort=_effort(facts, preset, to, (edits.canvas or fitted.place.size).area),
        most_bytes=min(facts.bytes, preset.max_bytes or facts.bytes),
        has_budget=preset.max_bytes is not None,
        lowest_quality=lowest_quality(facts, preset, to),
        must_fit=preset.format == "keep" or preset.max_bytes is not None,
        was_lossless=facts.is_lossless or facts.format in _WITHOUT_LOSS,
        keeps_codes=_keeps_codes(facts, to, is_deep=is_deep) and edits.keep_values,
        is_lossless=to == "webp" and facts.is_lossless,
        is_drawn=facts.is_drawn,
        otherwise=_if_opaque(facts, preset, to),
        may_be_png=preset.format == "keep" and _may_hold_drawings(facts),
        edits=edits,
        frames=facts.frames if is_animated else 1,
        keeps_gain_map=_keeps_gain_map(facts, preset, to),
        keeps_gamut=_keeps_gamut(facts, preset, edits, to, is_deep=is_deep) and not is_animated,
        is_deep=is_deep,
        is_region=preset.crop is not None,
    )


def _if_opaque(facts: Facts, preset: Preset, to: WebFormat) -> WebFormat | None:
    """Return JPEG for a PNG that was chosen only because the file may have transparency."""
    is_only_for_alpha = preset.format == "keep" and to == "png" and facts.format not in _KEPT
    return "jpeg" if is_only_for_alpha else None


def _keeps_gain_map(facts: Facts, preset: Preset, to: WebFormat) -> bool:
    """Return True for a JPEG of an image with a usable gain map, unless the preset says no.

    Two tones leave nothing to brighten.
    """
    is_possible = to == "jpeg" and facts.gain_map_pixels > 0 and not facts.has_alpha
    return is_possible and preset.hdr == "keep" and preset.tone != "bitonal"


def _keeps_gamut(
    facts: Facts, preset: Preset, edits: Edits, to: WebFormat, *, is_deep: bool
) -> bool:
    """Return True if colours beyond sRGB may stay, and need a profile to be shown.

    The colour of a background is sRGB, and so is the whole rendition then.
    """
    is_coloured = edits.tone == "colour" and edits.background is None
    has_codes = _keeps_codes(facts, to, is_deep=is_deep) and edits.keep_values
    is_wanted = preset.gamut == "keep" or is_deep
    return is_wanted and is_coloured and to != "gif" and not has_codes


def _keeps_codes(facts: Facts, to: WebFormat, *, is_deep: bool) -> bool:
    """Return True if the pixel values may stay, with the codes or gamma that explain them."""
    is_same_avif = to == facts.format == "avif" and not facts.has_profile
    is_coded = is_deep and facts.codes is not None
    return is_same_avif or is_coded or (to == "png" and facts.carries_gamma)


def _effort(facts: Facts, preset: Preset, to: WebFormat, pixels: int) -> int | None:
    """Return the preset's effort, or less for an AVIF that would exceed the time of an image."""
    is_tried_once = facts.bytes >= pixels and preset.target is None and preset.max_bytes is None
    is_fast = to != "avif" or (is_tried_once and pixels <= _MOST_PIXELS_OF_HIGHEST)
    return preset.effort if is_fast else preset.effort and min(preset.effort, _NEXT_EFFORT)


def _wanted(facts: Facts, preset: Preset, to: WebFormat) -> int:
    return preset.quality or default_quality(facts, to)


def _quality(
    facts: Facts, preset: Preset, fitted: Fitted, to: WebFormat, *, has_target: bool
) -> int:
    """Return the preset's quality, or the usual one, but no higher than that of the original.

    With a target it is the highest that may be tried.
    """
    wanted = HIGHEST_OF_TARGET if has_target else _wanted(facts, preset, to)
    if facts.quality is None:
        return wanted
    part, size = fitted.part.size, fitted.place.size
    shrinking = min(part.width / size.width, part.height / size.height)
    return min(wanted, highest_quality(facts.quality, shrinking, to))


def _may_hold_drawings(facts: Facts) -> bool:
    """Return True for the formats of icons and of scanned text in black and white."""
    return facts.format in ("bmp", "ico") or (facts.format == "tiff" and facts.mode == "1")


def default_quality(facts: Facts, to: WebFormat) -> int:
    """Return the quality for a preset that names none; drawings get a higher one in JPEG."""
    return DRAWN_JPEG_QUALITY if to == "jpeg" and facts.is_drawn else DEFAULT_QUALITIES[to]


def settle(plan: Plan, facts: Facts, *, is_opaque: bool) -> Plan:
    """Return the final plan once it is known whether any pixel is transparent."""
    if not is_opaque or plan.otherwise is None:
        return plan
    quality = HIGHEST_OF_TARGET if plan.target else default_quality(facts, plan.otherwise)
    return replace(plan, format=plan.otherwise, quality=quality, keep_alpha=False)


def choose_format(facts: Facts, preset: Preset) -> WebFormat:
    """Return the format that the preset names; `keep` is the original's if the web can show it.

    HEIC, TIFF, BMP, JPEG 2000, JPEG XL and ICO become JPEG, or PNG if they have transparency.
    Animated JPEG XL becomes WebP: too many browsers cannot show it yet.
    """
    if preset.format != "keep":
        return preset.format
    for kept in _KEPT:
        if facts.format == kept:
            return kept
    if facts.is_animated:
        return "webp"
    return "png" if facts.has_alpha else "jpeg"


def size_to_decode(facts: Facts, plans: Sequence[Plan]) -> Size:
    """Return the smallest size, as stored, that the decoder must produce to serve every plan."""
    return size_at(facts, plans, _SUPERSAMPLING)


def size_at(facts: Facts, plans: Sequence[Plan], samples: tuple[int, int]) -> Size:
    """Return the smallest size, as stored, with so many samples per output px for every plan.

    `samples` is a fraction. The size is at most that of the file.
    """
    width = max(_needed(plan.size.width, plan.crop.width, facts.width, samples) for plan in plans)
    height = max(
        _needed(plan.size.height, plan.crop.height, facts.height, samples) for plan in plans
    )
    size = Size(width, height)
    return size.swapped if facts.is_sideways else size


def size_to_draw_from(facts: Facts, plan: Plan) -> Size:
    """Return the smallest size, as stored, of another preset's image to draw this one from."""
    return size_at(facts, [plan], _SUPERSAMPLING_DRAWN)


def stored_size(facts: Facts) -> Size:
    """Return the size of the pixels in the file, before the orientation is applied."""
    shown = Size(facts.width, facts.height)
    return shown.swapped if facts.is_sideways else shown


def _needed(wanted: int, shown: int, whole: int, times: tuple[int, int]) -> int:
    """Return the length of a side at which `shown` of `whole` has `times` the wanted pixels."""
    return min(whole, -(-times[0] * wanted * whole // (times[1] * shown)))
