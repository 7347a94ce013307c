"""Encode an image at the quality that reaches a score of SSIMULACRA 2, measured in the sandbox."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.encode import encode
from imagemill.imaging.encode_jpeg import flatten, make_samples
from imagemill.imaging.fastjpeg import Refused, Samples, Scorer, is_available
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan
from imagemill.imaging.quality import SCORED_PIXELS
from imagemill.imaging.still import Still, to_pixels
from imagemill.imaging.target_quality import (
    Attempt,
    Found,
    first_quality,
    search,
    typical_quality,
)

# A sample of a large image has rows from so many places, and multiples of the blocks of all
# encoders.
_LEAST_PLACES, _PLACES, _BLOCK = 4, 8, 64
# JPEG, and formats whose attempts take so long that it is worth a fifth of that to begin with the
# score of a JPEG.
_SCORED_AS_JPEG = ("jpeg", "avif", "jxl")
# Memory of the decoder of JPEG XL, bytes per pixel and fixed.
_JXL_PER_PIXEL, _JXL_FIXED = 200, 64 << 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """The plan with its quality, the image as it is encoded, and the file if it has a target."""

    plan: Plan
    still: Still
    data: bytes | None = None


def choose_qualities(
    stills: Sequence[Still], plans: Sequence[Plan], tags: Sequence[OutputTags], *, sandboxed: bool
) -> tuple[tuple[Plan, ...], tuple[Still, ...], tuple[bytes | None, ...]]:
    """Return plans with their final quality, the images as they are encoded, and files if any."""
    inputs = zip(stills, plans, tags, strict=True)
    chosen = [choose_quality(*each, sandboxed=sandboxed) for each in inputs]
    return (
        tuple(each.plan for each in chosen),
        tuple(each.still for each in chosen),
        tuple(each.data for each in chosen),
    )


def choose_quality(still: Still, plan: Plan, tags: OutputTags, *, sandboxed: bool) -> Chosen:
    """Return the plan with the quality that reaches `plan.target`, and the file.

    Where the sandbox is not available the quality is the usual one for the target. A JPEG keeps all
    its colour if the target cannot be reached with half of it. PNG, GIF and plans without a target
    stay as they are.
    """
    if plan.target is None or plan.format in ("png", "gif"):
        return Chosen(plan, still)
    usual = replace(plan, quality=min(plan.quality, typical_quality(plan.format, plan.target)))
    if not sandboxed or not is_available():
        return Chosen(usual, still, encode(still, usual, usual.quality, tags))
    pixels = to_pixels(still)
    # Not enough memory in the sandbox.
    with suppress(Refused):
        return _measured(pixels, plan, tags)
    return Chosen(usual, still, encode(still, usual, usual.quality, tags, sandboxed=True))


def _measured(pixels: Image.Image, plan: Plan, tags: OutputTags) -> Chosen:
    """Search with an image, or a sample of a large one."""
    sample = _sample(pixels, SCORED_PIXELS[plan.format])
    attempts = _Attempts(sample, plan, tags)
    found = attempts.search()
    if found.is_short and attempts.keep_colour():
        found = attempts.search()
    attempts.close()
    final = replace(attempts.plan, quality=found.quality)
    if sample is pixels and found.data is not None:
        return Chosen(final, pixels, found.data)
    still: Still = pixels
    if final.format == "jpeg":
        still = attempts.samples if sample is pixels else make_samples(pixels, final)
    return Chosen(final, still, encode(still, final, final.quality, tags, sandboxed=True))


class _Attempts:
    """Measures the scores of an image at different qualities. All methods raise Refused.

    `samples` are those of the image as JPEG, or pixels where they are of no use or need too much
    memory.
    """

    def __init__(self, pixels: Image.Image, plan: Plan, tags: OutputTags) -> None:
        """Take the pixels; alpha is compared on white."""
        self._pixels, self.plan, self._tags = pixels, plan, tags
        flat = flatten(pixels).convert("RGB")
        # Made before the scorer takes the thread's sandbox, so that no other one is needed.
        is_useful = plan.format in _SCORED_AS_JPEG
        self.samples: Still = make_samples(pixels, plan) if is_useful else pixels
        with pixel_bytes(flat) as reference:
            self._scorer = Scorer(flat.size, reference)
        self._add_samples()

    def search(self) -> Found:
        """Return the quality that reaches the target of the plan, or the nearest allowed."""
        plan, target = self.plan, self.plan.target or 0
        return search(plan.format, target, plan.quality, self._measure, self._first(target))

    def keep_colour(self) -> bool:
        """Continue with a JPEG in all its colour; False if it has that, or for other formats."""
        if self.plan.format != "jpeg" or self.plan.is_drawn:
            return False
        self.plan = replace(self.plan, is_drawn=True)
        self.samples = make_samples(self._pixels, self.plan)
        self._add_samples()
        return True

    def close(self) -> None:
        """Give the sandbox back; call it only if no call failed."""
        self._scorer.close()

    def _add_samples(self) -> None:
        if isinstance(self.samples, Samples):
            self._scorer.add_samples(self.samples)

    def _first(self, target: int) -> int | None:
        """Return the quality to begin with, by the score of a JPEG; None if that is no help."""
        if self.plan.format == "jpeg" or not isinstance(self.samples, Samples):
            return None
        usual = typical_quality("jpeg", target)
        as_jpeg = Attempt(usual, self._scorer.score_jpeg(usual))
        return first_quality(self.plan.format, target, as_jpeg)

    def _measure(self, quality: int) -> Attempt:
        """Encode and compare; a JPEG is not coded for that."""
        if self.plan.format == "jpeg" and isinstance(self.samples, Samples):
            return Attempt(quality, self._scorer.score_jpeg(quality))
        data = encode(self._pixels, self.plan, quality, self._tags, sandboxed=True)
        after = flatten(_decoded(data, self.plan)).convert("RGB")
        with pixel_bytes(after) as made:
            return Attempt(quality, self._scorer.score(made), data)


def _sample(pixels: Image.Image, most: int) -> Image.Image:
    """Return rows from evenly spread places of a large image, one below the other.

    An image of at most `most` pixels is returned itself; the sample has hardly more.
    """
    width, height = pixels.size
    places = min(_PLACES, max(_LEAST_PLACES, most // (width * _BLOCK)))
    rows = max(_BLOCK, most // width // places // _BLOCK * _BLOCK)
    if width * height <= most or rows * places >= height:
        return pixels
    sample = Image.new(pixels.mode, (width, rows * places))
    for place in range(places):
        top = place * (height - rows) // (places - 1)
        sample.paste(pixels.crop((0, top, width, top + rows)), (0, place * rows))
    return sample


def _decoded(data: bytes, plan: Plan) -> Image.Image:
    if plan.format != "jxl":
        return Image.open(BytesIO(data))
    # Imported here because the sandbox is loaded where JPEG XL is read or made only.
    from imagemill.imaging.jxl.decoder import JxlDecoder  # noqa: PLC0415

    size = plan.final_size
    decoder = JxlDecoder(data, _JXL_FIXED + _JXL_PER_PIXEL * size.area)
    frame, header = decoder.next_frame(), decoder.header
    if frame is None:
        raise Refused("corrupt")
    return Image.frombytes(header.mode, (header.width, header.height), frame.pixels)
