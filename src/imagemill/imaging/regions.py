"""The part of an image that its decoder has to produce, if every preset shows a region of it."""

from collections.abc import Sequence

from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.orientation import as_stored
from imagemill.imaging.plan import Plan, stored_size

# px at which a decoded part begins and ends: whole MCUs of at most 32 px, and whole samples of
# planes that are reduced to an eighth and halved three times, so that a region is drawn from the
# same samples as from the whole image.
_GRID = 256
# Reach of the filters beyond a region, in px of the rendition and in px of the original: of three
# lobes, of chroma that is half as fine, and of its interpolation.
_REACH, _LEAST_REACH = 8, 64


def part_to_decode(facts: Facts, plans: Sequence[Plan]) -> Box:
    """Return the part of the stored image that all plans need; all of it unless all are regions."""
    stored = stored_size(facts)
    if not all(plan.is_region for plan in plans):
        return Box(0, 0, stored.width, stored.height)
    boxes = [_reached(facts, plan) for plan in plans]
    return Box(
        _before(min(box.left for box in boxes)),
        _before(min(box.top for box in boxes)),
        _after(max(box.right for box in boxes), stored.width),
        _after(max(box.bottom for box in boxes), stored.height),
    )


def _reached(facts: Facts, plan: Plan) -> Box:
    """Return the part of the stored image that the filter reads for a plan, or more."""
    box = as_stored(plan.crop, Size(facts.width, facts.height), facts.orientation)
    across = -(-plan.crop.width // plan.size.width)
    down = -(-plan.crop.height // plan.size.height)
    reach = _LEAST_REACH + _REACH * max(across, down)
    return Box(box.left - reach, box.top - reach, box.right + reach, box.bottom + reach)


def _before(position: int) -> int:
    return max(0, position // _GRID * _GRID)


def _after(position: int, most: int) -> int:
    return min(most, -(-position // _GRID) * _GRID)
