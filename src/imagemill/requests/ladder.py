"""The ladder: the few sizes and qualities that unsigned URLs can get.

The longer side of a box is snapped up to the ladder, and its shape to the nearest of `SHAPES`, so
that a picture in a usual shape keeps it exactly. Without a box, the largest size is the limit.
"""

from dataclasses import replace
from itertools import pairwise

from imagemill.preset import FITS, MAX_SIDE, OUTPUT_FORMATS, Preset
from imagemill.requests.settings import Settings

# Width and height of usual shapes, ascending: 40:21 is the preview of a link (1200 × 630 px).
SHAPES = (
    (1, 3), (3, 7), (1, 2), (21, 40), (9, 16), (2, 3), (3, 4), (4, 5), (1, 1),
    (5, 4), (4, 3), (3, 2), (16, 9), (40, 21), (2, 1), (7, 3), (3, 1),
)  # fmt: skip


def snapped(preset: Preset, settings: Settings) -> Preset:
    """Return the preset with its box and quality on the ladder."""
    width, height = _box(preset, settings.widths)
    return replace(
        preset,
        width=width,
        height=height,
        quality=_quality(preset.quality, settings.qualities),
    )


def variant_count(settings: Settings) -> int:
    """Return the most variants of one original that unsigned imgix URLs can ask for."""
    boxes = 2 * len(settings.widths) + len(settings.widths) * len(SHAPES) * len(FITS)
    # PNG has no quality.
    codings = (len(OUTPUT_FORMATS) - 1) * (len(settings.qualities) + 1) + 1
    return boxes * codings


def _box(preset: Preset, widths: tuple[int, ...]) -> tuple[int, int]:
    width, height = preset.width, preset.height
    if width == height == MAX_SIDE:
        return widths[-1], widths[-1]
    if height == MAX_SIDE:
        return snapped_side(width, widths), MAX_SIDE
    if width == MAX_SIDE:
        return MAX_SIDE, snapped_side(height, widths)
    across, down = _shape(width, height)
    longest = snapped_side(max(width, height), widths)
    if across >= down:
        return longest, _share(longest, down, across)
    return _share(longest, across, down), longest


def snapped_side(side: int, widths: tuple[int, ...]) -> int:
    """Return the next step of the ladder that is not below `side`; the last one at most."""
    return next((width for width in widths if width >= side), widths[-1])


def _shape(width: int, height: int) -> tuple[int, int]:
    """Return the nearest shape by ratio: two shapes meet at their geometric mean."""
    for this, following in pairwise(SHAPES):
        if width**2 * this[1] * following[1] <= height**2 * this[0] * following[0]:
            return this
    return SHAPES[-1]


def _share(side: int, part: int, whole: int) -> int:
    """Return side × part ÷ whole, rounded; halves are rounded up."""
    return max(1, (2 * side * part + whole) // (2 * whole))


def _quality(quality: int | None, qualities: tuple[int, ...]) -> int | None:
    if quality is None or not qualities:
        return None
    return min(qualities, key=lambda step: abs(step - quality))
