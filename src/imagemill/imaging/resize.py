"""Resize decoded pixels to one small sRGB image for each plan, turned as that says."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.colour import Conversion
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.modes import to_straight
from imagemill.imaging.orientation import as_stored, combine
from imagemill.imaging.plan import Plan, size_to_draw_from, stored_size
from imagemill.imaging.plane_sizes import takes_samples
from imagemill.imaging.resample import Layer, turn_upright
from imagemill.imaging.sampled_image import SampledImage
from imagemill.imaging.still import Still

# What an image depends on: part, size, turn, and whether its values or its gamut stay.
_Key = tuple[Box, Size, int, bool, bool]


class Source(Protocol):
    """The image as stored, at some scale: pixels in Pillow, or planes in the sandbox."""

    @property
    def width(self) -> float:
        """Width of the whole image in the source's own pixels, possibly a fraction."""

    @property
    def height(self) -> float:
        """Height of the whole image in the source's own pixels, possibly a fraction."""

    @property
    def part(self) -> Box:
        """The part of the original that the source shows, px."""

    def cost_ns(self, original: Size, part: Box, size: Size) -> float:
        """Return the CPU time that `resize` takes, ns."""

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:
        """Return `part`, in px of `original`, at `size` px by LANCZOS."""

    def draw_samples(
        self, part: Box, size: Size, orientation: int, *, has_narrow: bool
    ) -> Samples | None:
        """Return `part` as the samples of an upright JPEG; None if the source has pixels.

        With `has_narrow` in the narrow range as well, for a WebP.
        """


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of the original, px, at a size, px, from a source where the whole has `least` px."""

    part: Box
    size: Size
    least: Size


def resize(
    source: Source,
    facts: Facts,
    plans: Sequence[Plan],
    conversion: Conversion,
    *,
    sandboxed: bool = False,
) -> tuple[Still, ...]:
    """Return an image for each plan, in order, all from one decode: `source`.

    A smaller image is drawn from a larger one already made if that shows all of it, has a third
    more pixels on each side, and is faster to draw from. Plans of the same part and size share an
    image. `sandboxed` allows to resize in the sandbox.
    """
    narrow = frozenset(_key(plan) for plan in plans if plan.format == "webp")
    drawing = _Drawing(facts, conversion, sandboxed, [source], [], narrow)
    made: dict[_Key, Still] = {}
    for plan in sorted(plans, key=_drawing_order):
        if _key(plan) not in made:
            made[_key(plan)] = drawing.draw(plan)
    return tuple(made[_key(plan)] for plan in plans)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The images made so far from one decode, as sources of smaller ones."""

    facts: Facts
    conversion: Conversion
    sandboxed: bool
    sources: list[Source]
    sampled: list[SampledImage]
    narrow: frozenset[_Key]
    """The images that become a WebP, whose samples have the narrow range."""

    def draw(self, plan: Plan) -> Still:
        """Return the image of a plan, which becomes a source for others.

        Orientation and colour come last, on the few pixels that are left.
        """
        facts, original = self.facts, stored_size(self.facts)
        wanted = wanted_of(facts, plan)
        chosen = cheapest_that_serves(self.sources, original, wanted)
        conversion = self.conversion.of(plan)
        if _is_sampled(plan, conversion) and (samples := self._samples(chosen, plan, wanted)):
            if plan.edits.turn == 1:
                self.sampled.append(SampledImage(samples, plan.crop))
            return samples
        pixels = chosen.resize(original, wanted.part, wanted.size)
        self.sources.append(_as_layer(pixels, original, wanted.part, sandboxed=self.sandboxed))
        upright = turn_upright(to_straight(pixels), turn_of(facts, plan))
        converted = upright if plan.keeps_codes else conversion.apply(upright)
        # Drops the original's metadata.
        converted.info.clear()
        return converted

    def _samples(self, source: Source, plan: Plan, wanted: Wanted) -> Samples | None:
        """Return the samples of a JPEG from the smallest samples that serve, else from `source`.

        None if these are pixels.
        """
        shown = Size(self.facts.width, self.facts.height)
        least = wanted.least.swapped if self.facts.is_sideways else wanted.least
        has_narrow = _key(plan) in self.narrow
        upright = self.sampled if plan.edits.turn == 1 else ()
        serving = (image for image in upright if image.serves(plan.crop, shown, least))
        if nearest := min(serving, key=lambda image: image.area, default=None):
            return nearest.resize(plan.crop, plan.size, has_narrow=has_narrow)
        turn = turn_of(self.facts, plan)
        return source.draw_samples(wanted.part, wanted.size, turn, has_narrow=has_narrow)


def cheapest_that_serves(sources: Sequence[Source], original: Size, wanted: Wanted) -> Source:
    """Return the fastest source that has the pixels wanted; `sources[0]` has all and the most."""
    serving = [source for source in sources if _serves(source, wanted)]
    return min(
        serving,
        key=lambda source: source.cost_ns(original, wanted.part, wanted.size),
        default=sources[0],
    )


def _serves(source: Source, wanted: Wanted) -> bool:
    least = wanted.least
    is_fine = source.width >= least.width and source.height >= least.height
    return is_fine and source.part.contains(wanted.part)


def wanted_of(facts: Facts, plan: Plan) -> Wanted:
    """Return the part of the image as stored that a plan shows, and its size."""
    part = as_stored(plan.crop, Size(facts.width, facts.height), facts.orientation)
    size = plan.size.swapped if facts.is_sideways else plan.size
    return Wanted(part, size, size_to_draw_from(facts, plan))


def turn_of(facts: Facts, plan: Plan) -> int:
    """Return the orientation from the pixels as stored to those of the plan."""
    return combine(facts.orientation, plan.edits.turn)


def _as_layer(pixels: Image.Image, original: Size, part: Box, *, sandboxed: bool) -> Layer:
    """Return an image of a part of the original as a source for smaller ones."""
    width = pixels.width * original.width / part.width
    height = pixels.height * original.height / part.height
    return Layer(pixels, width, height, part, sandboxed)


def _is_sampled(plan: Plan, conversion: Conversion) -> bool:
    """Return True if chroma is subsampled by the encoder, and no colour has to be converted."""
    return takes_samples(plan) and conversion.transform is None


def _drawing_order(plan: Plan) -> tuple[int, bool]:
    """Large images first; of one size pixels first, which every format can be made from."""
    return -plan.size.width * plan.size.height, takes_samples(plan)


def _key(plan: Plan) -> _Key:
    return plan.crop, plan.size, plan.edits.turn, plan.keeps_codes, plan.keeps_gamut
