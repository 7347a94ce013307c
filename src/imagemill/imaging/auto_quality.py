"""Encode an image at the quality that reaches a score of SSIMULACRA 2, measured in the sandbox."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.encode import encode
from imagemill.imaging.encode_jpeg import flatten, make_samples
from imagemill.imaging.fastjpeg import Refused, is_available, score
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan
from imagemill.imaging.quality import SCORED_PIXELS
from imagemill.imaging.still import Still, to_pixels
from imagemill.imaging.target_quality import search, typical_quality

# A sample of a large image has rows from so many places, which are multiples of the blocks of all
# encoders.
_PLACES, _BLOCK = 8, 64
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
        chosen, is_short = _measured(pixels, plan, tags)
        if is_short and plan.format == "jpeg" and not plan.is_drawn:
            chosen, _ = _measured(pixels, replace(plan, is_drawn=True), tags)
        return chosen
    return Chosen(usual, still, encode(still, usual, usual.quality, tags, sandboxed=True))


def _measured(pixels: Image.Image, plan: Plan, tags: OutputTags) -> tuple[Chosen, bool]:
    """Search with an image, or a sample of a large one; True if the target is out of reach."""
    whole = make_samples(pixels, plan) if plan.format == "jpeg" else pixels
    sample = _sample(pixels)
    tried = whole
    if sample is not pixels:
        tried = make_samples(sample, plan) if plan.format == "jpeg" else sample
    found = search(
        plan.format,
        plan.target or 0,
        plan.quality,
        lambda quality: encode(tried, plan, quality, tags, sandboxed=True),
        _scorer(sample, plan),
    )
    data = found.data
    if tried is not whole:
        data = encode(whole, plan, found.quality, tags, sandboxed=True)
    return Chosen(replace(plan, quality=found.quality), whole, data), found.is_short


def _sample(pixels: Image.Image) -> Image.Image:
    """Return rows from evenly spread places of a large image, one below the other."""
    width, height = pixels.size
    rows = SCORED_PIXELS // width // _PLACES // _BLOCK * _BLOCK or _BLOCK
    if width * height <= SCORED_PIXELS or rows * _PLACES >= height:
        return pixels
    sample = Image.new(pixels.mode, (width, rows * _PLACES))
    for place in range(_PLACES):
        top = place * (height - rows) // (_PLACES - 1)
        sample.paste(pixels.crop((0, top, width, top + rows)), (0, place * rows))
    return sample


def _scorer(reference: Image.Image, plan: Plan) -> Callable[[bytes], float]:
    """Return a function that scores a file; alpha is compared on a white background."""
    before = flatten(reference).convert("RGB")

    def score_of(data: bytes) -> float:
        after = flatten(_decoded(data, plan)).convert("RGB")
        with pixel_bytes(before) as first, pixel_bytes(after) as second:
            return score(before.size, first, second)

    return score_of


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
