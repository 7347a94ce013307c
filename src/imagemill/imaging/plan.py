"""Facts and a preset become a Plan: integers only, every decision, no pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from imagemill.imaging.facts import Facts
from imagemill.recipe import Preset, Recipe

WebFormat = Literal["jpeg", "png", "webp", "gif", "avif"]

MAX_SIDES: dict[WebFormat, int] = {
    "jpeg": 65_500,
    "png": 1_000_000,
    "webp": 16_383,
    "gif": 65_535,
    "avif": 65_535,
}
DEFAULT_QUALITIES: dict[WebFormat, int] = {
    "jpeg": 82,
    "png": 100,
    "webp": 80,
    "gif": 100,
    "avif": 62,
}
_KEPT: tuple[WebFormat, ...] = ("jpeg", "png", "webp", "gif", "avif")
_ANIMATED: tuple[WebFormat, ...] = ("gif", "webp", "png")
DRAWN_JPEG_QUALITY = 92
# Of equal looks: AVIF counts differently.
_LOWEST_QUALITY, _LOWEST_AVIF_QUALITY = 40, 25
_WITHOUT_LOSS = frozenset(("png", "gif", "bmp", "tiff", "ico"))
# Pixels kept for each that is wanted: below two a scaled decode is visibly softer.
_SUPERSAMPLING = (2, 1)
# The same of an image that was itself resampled well, as those of larger presets were.
_SUPERSAMPLING_DRAWN = (4, 3)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height, px."""

    width: int
    height: int

    @property
    def swapped(self) -> "Size":
        """The same, lying on its side."""
        return Size(self.height, self.width)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, px; right and bottom lie outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width, px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height, px."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided about one rendition; sizes and boxes are as displayed."""

    preset: str
    crop: Box
    """The part of the original that is shown."""
    size: Size
    format: WebFormat
    quality: int
    keep_alpha: bool
    animate: bool
    must_not_grow: bool
    """All of the original's pixels in a format of our choice: no more bytes than the original."""
    may_copy: bool
    """The original's own pixel data will do, once its metadata is gone."""
    most_bytes: int = 0
    """The original's."""
    lowest_quality: int = 1
    """For the sake of `most_bytes`: no lower one is tried."""
    was_lossless: bool = False
    """The original is of a format without loss, or nearly: PNG, GIF, BMP, TIFF, ICO."""
    keeps_codes: bool = False
    """The numbers stay and the file says how to show them: AVIF that remains AVIF by its codes, PNG
    that remains PNG by its gamma."""
    is_lossless: bool = False
    """The original was: the same is tried, and kept where it is the smaller."""
    is_drawn: bool = False
    """The original has a palette: one is tried again, and colour is not thinned out."""
    otherwise: "WebFormat | None" = None
    """The format, where all of the image turns out opaque."""
    may_be_png: bool = False
    """JPEG is our own choice for a format that may hold a drawing: PNG where that suits it."""

    @property
    def is_shrunk(self) -> bool:
        """Whether it has fewer pixels than the part of the original that it shows."""
        return self.size != Size(self.crop.width, self.crop.height)


def make_plans(facts: Facts, recipe: Recipe, *, animate: bool = True) -> tuple[Plan, ...]:
    """Decide every rendition of `recipe`, in its order; `animate` False shows the first frame."""
    return tuple(make_plan(facts, preset, animate=animate) for preset in recipe.presets)


def make_plan(facts: Facts, preset: Preset, *, animate: bool = True) -> Plan:
    """Decide one rendition."""
    whole = Size(facts.width, facts.height)
    to = choose_format(facts, preset)
    longest = MAX_SIDES[to]
    box = Size(min(preset.width, longest), min(preset.height, longest))
    crop = (
        crop_to_ratio(whole, box) if preset.fit == "cover" else Box(0, 0, facts.width, facts.height)
    )
    shown = Size(crop.width, crop.height)
    size = fit_inside(shown, box) if preset.fit == "inside" else fit_cover(shown, box)
    is_opaque_jpeg = preset.format == "keep" and to == "png" and facts.format not in _KEPT
    is_animated = animate and facts.is_animated and to in _ANIMATED
    must_not_grow = size == whole and (preset.format == "keep" or to == facts.format)
    return Plan(
        preset=preset.name,
        crop=crop,
        size=size,
        format=to,
        quality=preset.quality or default_quality(facts, to),
        keep_alpha=facts.has_alpha and to != "jpeg",
        animate=is_animated,
        must_not_grow=must_not_grow,
        may_copy=must_not_grow and to == facts.format and is_animated == facts.is_animated,
        most_bytes=facts.bytes,
        lowest_quality=_lowest_quality(facts, to),
        was_lossless=facts.is_lossless or facts.format in _WITHOUT_LOSS,
        keeps_codes=(to == facts.format == "avif" and not facts.has_profile)
        or (to == "png" and facts.carries_gamma),
        is_lossless=to == "webp" and facts.is_lossless,
        is_drawn=facts.is_drawn,
        otherwise="jpeg" if is_opaque_jpeg else None,
        may_be_png=preset.format == "keep" and facts.format in ("bmp", "ico"),
    )


def _lowest_quality(facts: Facts, to: WebFormat) -> int:
    """Return how far quality may be lowered: below the usual only where the original's is low."""
    usual = _LOWEST_AVIF_QUALITY if to == "avif" else _LOWEST_QUALITY
    if facts.quality is None:
        return usual
    return max(1, min(usual, facts.quality * 3 // 4))


def default_quality(facts: Facts, to: WebFormat) -> int:
    """Return the quality nobody asked for: higher for drawings, whose edges ring in JPEG."""
    return DRAWN_JPEG_QUALITY if to == "jpeg" and facts.is_drawn else DEFAULT_QUALITIES[to]


def settle(plan: Plan, facts: Facts, *, is_opaque: bool) -> Plan:
    """Return the plan once it is known whether any of the image is clear."""
    if not is_opaque or plan.otherwise is None:
        return plan
    quality = default_quality(facts, plan.otherwise)
    return replace(plan, format=plan.otherwise, quality=quality, keep_alpha=False)


def choose_format(facts: Facts, preset: Preset) -> WebFormat:
    """Return the format asked for; `keep` is the original's where the web can show it.

    HEIC, TIFF, BMP, JPEG 2000 and ICO become JPEG, or PNG when they have transparency.
    """
    if preset.format != "keep":
        return preset.format
    for kept in _KEPT:
        if facts.format == kept:
            return kept
    return "png" if facts.has_alpha else "jpeg"


def fit_inside(size: Size, box: Size) -> Size:
    """Shrink `size` until it lies inside `box`, never enlarging.

    The limiting side is met exactly, the other is rounded to the nearest px, halves up, and is
    never less than 1: 1200 × 800 in 400 × 400 is 400 × 267.
    """
    if size.width <= box.width and size.height <= box.height:
        return size
    if size.width * box.height >= size.height * box.width:
        return Size(box.width, max(1, divide_rounded(size.height * box.width, size.width)))
    return Size(max(1, divide_rounded(size.width * box.height, size.height)), box.height)


def fit_cover(shown: Size, box: Size) -> Size:
    """Shrink a part already cropped to the ratio of `box` until it is `box`; never enlarge it."""
    return box if shown.width >= box.width and shown.height >= box.height else shown


def crop_to_ratio(size: Size, box: Size) -> Box:
    """Return the largest centred part of `size` with the ratio of `box`.

    An image smaller than the box is cropped to the ratio too, and stays as small as it is. Odd
    remainders leave the extra px on the right and at the bottom.
    """
    width, height = size.width, size.height
    if width * box.height > height * box.width:
        width = max(1, divide_rounded(height * box.width, box.height))
    else:
        height = max(1, divide_rounded(width * box.height, box.width))
    left, top = (size.width - width) // 2, (size.height - height) // 2
    return Box(left, top, left + width, top + height)


def size_to_decode(facts: Facts, plans: Sequence[Plan]) -> Size:
    """Return the least size, as stored, that the decoder must give to serve every plan."""
    return _needed_of(facts, plans, _SUPERSAMPLING)


def size_to_draw_from(facts: Facts, plan: Plan) -> Size:
    """Return the least size, as stored, of an image of another preset to draw this one from."""
    return _needed_of(facts, [plan], _SUPERSAMPLING_DRAWN)


def stored_size(facts: Facts) -> Size:
    """Return the size of the pixels in the file, before the orientation is applied."""
    shown = Size(facts.width, facts.height)
    return shown.swapped if facts.is_sideways else shown


def divide_rounded(dividend: int, divisor: int) -> int:
    """Divide, rounding to the nearest integer and halves up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _needed_of(facts: Facts, plans: Sequence[Plan], times: tuple[int, int]) -> Size:
    width = max(_needed(plan.size.width, plan.crop.width, facts.width, times) for plan in plans)
    height = max(_needed(plan.size.height, plan.crop.height, facts.height, times) for plan in plans)
    size = Size(width, height)
    return size.swapped if facts.is_sideways else size


def _needed(wanted: int, shown: int, whole: int, times: tuple[int, int]) -> int:
    """Return how long a side must be so that `shown` of `whole` has so many times the pixels."""
    return min(whole, -(-times[0] * wanted * whole // (times[1] * shown)))


def as_stored(crop: Box, displayed: Size, orientation: int) -> Box:
    """Return where a box of the image as displayed lies among the rows as stored."""
    left, top, right, bottom = crop.left, crop.top, crop.right, crop.bottom
    if orientation in (2, 3, 6, 7):
        left, right = displayed.width - right, displayed.width - left
    if orientation in (3, 4, 7, 8):
        top, bottom = displayed.height - bottom, displayed.height - top
    if orientation >= 5:  # noqa: PLR2004 - EXIF 2.32: rows and columns change places
        return Box(top, left, bottom, right)
    return Box(left, top, right, bottom)
