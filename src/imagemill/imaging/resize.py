"""Resize decoded pixels to one small, upright sRGB image for each plan."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from imagemill.imaging.colour import Conversion
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.modes import to_straight
from imagemill.imaging.plan import Box, Plan, Size, as_stored, size_to_draw_from, stored_size
from imagemill.imaging.resample import Layer, turn_upright
from imagemill.imaging.still import Still


class Source(Protocol):
    """The whole image as stored, at some scale: pixels in Pillow, or planes in the sandbox."""

    @property
    def width(self) -> float:
        """Width in its own pixels, possibly a fraction."""

    @property
    def height(self) -> float:
        """Height in its own pixels, possibly a fraction."""

    @property
    def cost(self) -> float:
        """Time of drawing from it, as the number of Layer pixels that take the same time."""

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:
        """Return `part`, in px of `original`, at `size` px by LANCZOS."""

    def draw_samples(self, part: Box, size: Size, orientation: int) -> Samples | None:
        """Return `part` as the samples of an upright JPEG; None if the source has pixels."""


def resize(
    source: Source, facts: Facts, plans: Sequence[Plan], conversion: Conversion
) -> tuple[Still, ...]:
    """Return an image for each plan, in order, all from one decode: `source`.

    A smaller image is drawn from a larger one already made if that has a third more pixels on each
    side and is faster to draw from. Orientation and colour come last, on the few pixels that are
    left.
    """
    shown, stored = Size(facts.width, facts.height), stored_size(facts)
    sources = [source]
    images: dict[int, Still] = {}
    for index in sorted(range(len(plans)), key=lambda index: -_area(plans[index])):
        plan = plans[index]
        part = as_stored(plan.crop, shown, facts.orientation)
        size = plan.size.swapped if facts.is_sideways else plan.size
        nearest = cheapest_that_serves(sources, size_to_draw_from(facts, plan))
        if _is_sampled(plan, conversion) and (
            samples := nearest.draw_samples(part, size, facts.orientation)
        ):
            images[index] = samples
            continue
        pixels = nearest.resize(stored, part, size)
        if plan.crop.width == facts.width and plan.crop.height == facts.height:
            sources.append(Layer(pixels, pixels.width, pixels.height))
        upright = turn_upright(to_straight(pixels), facts.orientation)
        converted = upright if plan.keeps_codes else conversion.apply(upright)
        # Drops the original's metadata.
        converted.info.clear()
        images[index] = converted
    return tuple(images[index] for index in range(len(plans)))


def cheapest_that_serves(sources: Sequence[Source], needed: Size) -> Source:
    """Return the fastest source that has the pixels needed; `sources[0]` has the most."""
    serving = [
        source
        for source in sources
        if source.width >= needed.width and source.height >= needed.height
    ]
    return min(serving, key=lambda source: source.cost, default=sources[0])


def _is_sampled(plan: Plan, conversion: Conversion) -> bool:
    """Return True if a JPEG with subsampled chroma is made, and no colour has to be converted."""
    return plan.format == "jpeg" and not plan.is_drawn and conversion.transform is None


def _area(plan: Plan) -> int:
    return plan.size.width * plan.size.height
