"""Sizes and boxes in whole pixels: the part of an image that is shown, and how large it becomes."""

from imagemill.dataclass import dataclass
from imagemill.preset import COMPASS, MAX_SIDE, PERCENT, Crop, Point, Preset

# Options have four decimals: positions and percentages are computed in ten-thousandths.
_UNITS = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height, px."""

    width: int
    height: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.width * self.height

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

    @property
    def size(self) -> Size:
        """Width and height, px."""
        return Size(self.width, self.height)

    def contains(self, other: "Box") -> bool:
        """Return True if no part of `other` lies outside."""
        is_within_sides = self.left <= other.left and self.right >= other.right
        return is_within_sides and self.top <= other.top and self.bottom >= other.bottom


@dataclass(frozen=True, slots=True)
class Fitted:
    """The part of the upright original that is shown, and its size and place in the rendition.

    `canvas` is the size with padding, and `place` the part's box in it: all of it without padding.
    """

    part: Box
    canvas: Size
    place: Box


def fit(whole: Size, preset: Preset, longest: int) -> Fitted:
    """Return the geometry of a preset before mirroring and rotation; no side exceeds `longest` px.

    Nothing is enlarged. A box that leaves a side free is fitted as by `inside`.
    """
    box = Size(min(preset.width, longest), min(preset.height, longest))
    fit = preset.fit if max(preset.width, preset.height) < MAX_SIDE else "inside"
    part = crop_part(whole, preset)
    if fit == "cover":
        part = _crop_to_box(part, box, _focus_within(part, whole, preset))
    most = _scaled(part.size, preset.scale)
    if fit == "cover":
        size = fit_cover(most, box)
    elif fit == "exact":
        size = fit_inside(box, most)
    else:
        size = most if most == fit_inside(most, box) else fit_inside(part.size, box)
    place = preset.focus or COMPASS["centre"]
    return _padded(part, size, box if fit == "pad" else size, place)


def crop_part(whole: Size, preset: Preset) -> Box:
    """Return the part of the upright original that the preset's crop names; else all of it.

    It is cut at the edges of the image; a part that lies outside is moved to the nearest edge.
    """
    crop, focus = preset.crop, _focus(preset)
    if crop is None:
        return Box(0, 0, whole.width, whole.height)
    if crop.unit == "square":
        side = min(whole.width, whole.height)
        return _around(Size(side, side), whole, focus)
    if crop.left is None:
        width = _edge(crop, crop.width, whole.width)
        height = _edge(crop, crop.height, whole.height)
        return _around(Size(width, height), whole, focus)
    left, right = _edges(crop, crop.left, crop.width, whole.width)
    top, bottom = _edges(crop, crop.top or 0, crop.height, whole.height)
    return Box(left, top, right, bottom)


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


def crop_to_ratio(size: Size, box: Size, focus: Point = (0.5, 0.5)) -> Box:
    """Return the largest part of `size` with the ratio of `box`, as near to the focus as possible.

    An image smaller than the box is cropped to the ratio too, but not enlarged. Of an odd remainder
    the extra px stays on the right and at the bottom.
    """
    width, height = size.width, size.height
    if width * box.height > height * box.width:
        width = max(1, divide_rounded(height * box.width, box.height))
    else:
        height = max(1, divide_rounded(width * box.height, box.width))
    return _around(Size(width, height), size, focus)


def divide_rounded(dividend: int, divisor: int) -> int:
    """Divide, rounding to the nearest integer and halves up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _crop_to_box(part: Box, box: Size, focus: Point) -> Box:
    inner = crop_to_ratio(part.size, box, focus)
    left, top = part.left + inner.left, part.top + inner.top
    return Box(left, top, left + inner.width, top + inner.height)


def _focus(preset: Preset) -> Point:
    """Return the point that places a crop without a place of its own."""
    return preset.focus or preset.around or COMPASS["centre"]


def _focus_within(part: Box, whole: Size, preset: Preset) -> Point:
    """Return the focus as a point of the part.

    The focus of a preset whose crop has a place is a point of the part already. Otherwise it is a
    point of the original, as that of an image always is.
    """
    across, down = _focus(preset)
    is_placed = preset.crop is not None and preset.crop.left is not None
    if preset.crop is None or (is_placed and (preset.focus or not preset.around)):
        return across, down
    return (
        min(1.0, max(0.0, (across * whole.width - part.left) / part.width)),
        min(1.0, max(0.0, (down * whole.height - part.top) / part.height)),
    )


def _scaled(size: Size, percent: float | None) -> Size:
    """Return the size at that percentage, rounded, at least 1 px."""
    if percent is None:
        return size
    units, of = round(percent * _UNITS), PERCENT * _UNITS
    width, height = (divide_rounded(side * units, of) for side in (size.width, size.height))
    return Size(max(1, width), max(1, height))


def _padded(part: Box, size: Size, canvas: Size, focus: Point) -> Fitted:
    """Return the geometry with `size` placed in a canvas: at 0 on the left, at 1 on the right."""
    across, down = (round(share * _UNITS) for share in focus)
    left = across * (canvas.width - size.width) // _UNITS
    top = down * (canvas.height - size.height) // _UNITS
    return Fitted(part, canvas, Box(left, top, left + size.width, top + size.height))


def _around(part: Size, whole: Size, focus: Point) -> Box:
    """Return a part of `whole` whose middle is as near to the focus as possible."""
    left, right = _span_around(part.width, whole.width, focus[0])
    top, bottom = _span_around(part.height, whole.height, focus[1])
    return Box(left, top, right, bottom)


def _span_around(length: int, whole: int, focus: float) -> tuple[int, int]:
    length = max(1, min(length, whole))
    start = (2 * round(focus * _UNITS) * whole - _UNITS * length) // (2 * _UNITS)
    start = max(0, min(start, whole - length))
    return start, start + length


def _edges(crop: Crop, start: float, length: float, whole: int) -> tuple[int, int]:
    """Return first px and end of a crop with a place, along one side of `whole` px."""
    first = _edge(crop, start, whole)
    end = max(first + 1, _edge(crop, start + length, whole))
    if first >= whole:
        first, end = max(0, whole - (end - first)), whole
    return first, min(end, whole)


def _edge(crop: Crop, position: float, whole: int) -> int:
    """Return a position in a crop's unit, along a side of `whole` px, as the nearest px."""
    units = round(position * _UNITS)
    if crop.unit == "percent":
        return divide_rounded(units * whole, PERCENT * _UNITS)
    return divide_rounded(units, _UNITS)
