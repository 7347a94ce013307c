"""Turn facts and presets into plans: every decision about a rendition, in integers, no pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from imagemill.imaging.facts import Facts
from imagemill.recipe import Preset, Recipe

WebFormat = Literal["jpeg", "png", "webp", "gif", "avif"]

# Largest side of each format, px: of the file format, or of the libraries that read it.
MAX_SIDES: dict[WebFormat, int] = {
    "jpeg": 65_500,
    "png": 1_000_000,
    "webp": 16_383,
    "gif": 65_535,
    "avif": 65_535,
}
# Encoder qualities if the preset names none.
DEFAULT_QUALITIES: dict[WebFormat, int] = {
    "jpeg": 82,
    "png": 100,
    "webp": 80,
    "gif": 100,
    "avif": 62,
}
# Formats that `keep` keeps, and formats that can be animated.
_KEPT: tuple[WebFormat, ...] = ("jpeg", "png", "webp", "gif", "avif")
_ANIMATED: tuple[WebFormat, ...] = ("gif", "webp", "png")
# Quality of drawings that become JPEG: their edges ring at lower qualities.
DRAWN_JPEG_QUALITY = 92
# Lowest qualities tried to save bytes. Both look alike: AVIF's scale is another.
_LOWEST_QUALITY, _LOWEST_AVIF_QUALITY = 40, 25
# Formats whose images are lossless, or nearly.
_WITHOUT_LOSS = frozenset(("png", "gif", "bmp", "tiff", "ico"))
# Decoded pixels per output pixel on each side: below two a scaled decode is visibly softer.
_SUPERSAMPLING = (2, 1)
# The same for drawing from another preset's image, which has been resampled well already.
_SUPERSAMPLING_DRAWN = (4, 3)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height, px."""

    width: int
    height: int

    @property
    def swapped(self) -> "Size":
        """Height and width exchanged."""
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

    def contains(self, other: "Box") -> bool:
        """Return True if no part of `other` lies outside."""
        is_within_sides = self.left <= other.left and self.right >= other.right
        return is_within_sides and self.top <= other.top and self.bottom >= other.bottom


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
    effort: int | None = None
    """Effort of the encoder, 0 to 6; None is the default of the format."""
    most_bytes: int = 0
    """Bytes of the original."""
    lowest_quality: int = 1
    """Lowest quality that may be tried to stay within `most_bytes`."""
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
    """JPEG is only our default for a format that may hold drawings: PNG if that suits it."""

    @property
    def is_shrunk(self) -> bool:
        """True if the rendition has fewer pixels than the part of the original that it shows."""
        return self.size != Size(self.crop.width, self.crop.height)


def make_plans(facts: Facts, recipe: Recipe, *, animate: bool = True) -> tuple[Plan, ...]:
    """Plan every rendition of `recipe`, in order; without `animate` the first frame is shown."""
    return tuple(make_plan(facts, preset, animate=animate) for preset in recipe.presets)


def make_plan(facts: Facts, preset: Preset, *, animate: bool = True) -> Plan:
    """Plan one rendition."""
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
        effort=preset.effort,
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
    """Return the lowest quality to try: the usual one, or less for an original of low quality."""
    usual = _LOWEST_AVIF_QUALITY if to == "avif" else _LOWEST_QUALITY
    if facts.quality is None:
        return usual
    return max(1, min(usual, facts.quality * 3 // 4))


def default_quality(facts: Facts, to: WebFormat) -> int:
    """Return the quality for a preset that names none; drawings get a higher one in JPEG."""
    return DRAWN_JPEG_QUALITY if to == "jpeg" and facts.is_drawn else DEFAULT_QUALITIES[to]


def settle(plan: Plan, facts: Facts, *, is_opaque: bool) -> Plan:
    """Return the final plan once it is known whether any pixel is transparent."""
    if not is_opaque or plan.otherwise is None:
        return plan
    quality = default_quality(facts, plan.otherwise)
    return replace(plan, format=plan.otherwise, quality=quality, keep_alpha=False)


def choose_format(facts: Facts, preset: Preset) -> WebFormat:
    """Return the format that the preset names; `keep` is the original's if the web can show it.

    HEIC, TIFF, BMP, JPEG 2000 and ICO become JPEG, or PNG if they have transparency.
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

    An image smaller than the box is cropped to the ratio too, but not enlarged. Of an odd remainder
    the extra px stays on the right and at the bottom.
    """
    width, height = size.width, size.height
    if width * box.height > height * box.width:
        width = max(1, divide_rounded(height * box.width, box.height))
    else:
        height = max(1, divide_rounded(width * box.height, box.width))
    left, top = (size.width - width) // 2, (size.height - height) // 2
    return Box(left, top, left + width, top + height)


def size_to_decode(facts: Facts, plans: Sequence[Plan]) -> Size:
    """Return the smallest size, as stored, that the decoder must produce to serve every plan."""
    return _needed_of(facts, plans, _SUPERSAMPLING)


def size_at(facts: Facts, plans: Sequence[Plan], samples: tuple[int, int]) -> Size:
    """Return the smallest size, as stored, with so many samples per output px for every plan.

    `samples` is a fraction. The size is at most that of the file.
    """
    return _needed_of(facts, plans, samples)


def size_to_draw_from(facts: Facts, plan: Plan) -> Size:
    """Return the smallest size, as stored, of another preset's image to draw this one from."""
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
    """Return the length of a side at which `shown` of `whole` has `times` the wanted pixels."""
    return min(whole, -(-times[0] * wanted * whole // (times[1] * shown)))


def as_stored(crop: Box, displayed: Size, orientation: int) -> Box:
    """Return the position of a box of the displayed image in the stored image."""
    left, top, right, bottom = crop.left, crop.top, crop.right, crop.bottom
    if orientation in (2, 3, 6, 7):
        left, right = displayed.width - right, displayed.width - left
    if orientation in (3, 4, 7, 8):
        top, bottom = displayed.height - bottom, displayed.height - top
    if orientation >= 5:  # noqa: PLR2004 - EXIF 2.32: rows and columns change places
        return Box(top, left, bottom, right)
    return Box(left, top, right, bottom)
