"""Estimate the CPU time that rendering takes, from the header, before any pixel is decoded.

The figures are nanoseconds on one core, measured for each decoder and encoder on photos and noise
on an AMD EPYC of a cloud (encoding AVIF: on an Intel Xeon), plus a quarter. Decoding time is the
sum over pixels and compressed bytes: noise takes longer than a drawing of the same size.
"""

from collections.abc import Sequence
from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.errors import OverBudget
from imagemill.imaging.decode import scale_to_decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.icc import from_codes
from imagemill.imaging.limits import Limits, check_cpu, check_memory
from imagemill.imaging.memory import decoded_pixels, estimate_memory
from imagemill.imaging.modes import RESAMPLED
from imagemill.imaging.plan import Plan, WebFormat, size_to_decode, stored_size
from imagemill.imaging.plane_sizes import is_fine, luma_samples
from imagemill.imaging.quality import MOST_SCORES, SCORED_PIXELS, max_attempts
from imagemill.imaging.regions import part_to_decode
from imagemill.imaging.sniff import Kind


@dataclass(frozen=True, slots=True)
class DecodingCost:
    """CPU time of one decoder, ns, per pixel of the image and per byte of the file."""

    pixel: int
    byte: int


# By format. Progressive JPEG, JPEG and PNG in the sandbox, lossless WebP and WebP decoded by
# libwebp's animation decoder differ.
DECODING: dict[Kind, DecodingCost] = {
    "jpeg": DecodingCost(pixel=8, byte=18),
    "png": DecodingCost(pixel=30, byte=10),
    "webp": DecodingCost(pixel=8, byte=120),
    "gif": DecodingCost(pixel=30, byte=10),
    "avif": DecodingCost(pixel=25, byte=130),
    "heic": DecodingCost(pixel=20, byte=240),
    "tiff": DecodingCost(pixel=10, byte=18),
    "bmp": DecodingCost(pixel=5, byte=1),
    "ico": DecodingCost(pixel=30, byte=10),
    "jp2": DecodingCost(pixel=40, byte=240),
    "jxl": DecodingCost(pixel=150, byte=250),
}
PROGRESSIVE_JPEG = DecodingCost(pixel=12, byte=60)
SANDBOXED_PNG = DecodingCost(pixel=14, byte=13)
COMPOSED_WEBP = DecodingCost(pixel=25, byte=110)
# In the sandbox: to one or two samples on the side of a block, to more, and to more of a
# progressive file, of which then all scans are read.
SANDBOXED_JPEG = DecodingCost(pixel=1, byte=7)
FINELY_SANDBOXED_JPEG = DecodingCost(pixel=3, byte=12)
FINELY_SANDBOXED_PROGRESSIVE_JPEG = DecodingCost(pixel=8, byte=42)
# Resizing in the sandbox, ns per luma sample and per pixel of the result.
_SANDBOX_SAMPLE, _SANDBOX_PIXEL = 4, 5
LOSSLESS_WEBP = DecodingCost(pixel=30, byte=15)
# Encoding one still image, ns per pixel.
ENCODING: dict[WebFormat, int] = {
    "jpeg": 40,
    "png": 300,
    "webp": 300,
    "gif": 1_700,
    "avif": 270,
    "jxl": 160,
}
# A JPEG with all its colour, ns per pixel.
FULL_COLOUR_JPEG_ENCODING = 80
# The same for a preset that names an effort, 0 to 6; GIF has none.
ENCODING_BY_EFFORT: dict[WebFormat, tuple[int, ...]] = {
    "jpeg": (40, 40, 40, 40, 40, 40, 80),
    "png": (300, 300, 500, 750, 900, 1_200, 1_400),
    "webp": (200, 250, 300, 520, 520, 550, 1_200),
    "avif": (190, 190, 470, 1_000, 1_700, 1_700, 7_000),
    "jxl": (160, 160, 160, 160, 740, 740, 1_400),
}
# In addition, ns per pixel, if the original was lossless and a lossless file is tried.
LOSSLESS_WEBP_ENCODING, LOSSLESS_JXL_ENCODING = 900, 400
# In addition, ns per pixel, if a PNG may exceed its lossless original by so little that it is
# compressed harder, and the most bytes per pixel of a PNG in all colours.
_PACKING, _MAX_PNG_BYTES_PER_PIXEL = 1_300, 3
# Measuring a score, ns per pixel, without decoding. Reading the reference takes about as much.
_SCORING = 40
# Encoding an animation, ns per pixel of each frame.
ANIMATION_ENCODING: dict[WebFormat, int] = {
    "png": 550,
    "webp": 200,
    "gif": 90,
    "avif": 350,
    "jxl": 200,
}
# The same for AVIF with an effort: slower speeds than 7 are not used for frames.
_AVIF_FRAMES = (350, 350, 350, 450, 450, 450, 450)
# Factor for frames with transparency, as a fraction.
_WITH_ALPHA = (3, 2)
# ns per pixel from which the colours of an animated GIF are chosen, and the most such pixels: of
# all frames together, or of each frame if there are many.
_CHOOSING, _CHOSEN_FROM, _CHOSEN_FROM_FRAME = 3_000, 500_000, 2_048
# Further attempts at lower quality for an animation that must not grow and is not a copy.
_LOWER_QUALITIES = 4
# A lossy rendition hardly ever has more bytes per pixel: an original above that is never exceeded.
_MAX_BYTES_PER_PIXEL = 1
# ns per decoded pixel: averaged directly, converted to another mode first, or composed with
# transparency and converted.
_RESAMPLING, _CONVERTING, _COMPOSING = 4, 14, 34
# In addition, ns per pixel of an original that is decoded with 16 bits: opaque or not.
_DEEP = (180, 280)
# In addition, ns per pixel of a rendition, resized in the sandbox.
_RESIZING = 16
# ns per pixel: background, padding and tone together, blur, and sharpening.
_EDITING, _BLURRING, _SHARPENING = 40, 80, 115
# Drawing and encoding a gain map, ns per pixel of its rendition.
_GAIN_MAP_DRAWING = 40
# Fixed time of one animation frame that is read, composed and encoded, and of one that is left out.
_FRAME_NS, _UNSHOWN_FRAME_NS = 600_000, 200_000
# Fixed time of one image: start, placeholder, dominant colour, profile.
_FIXED_NS = 100_000_000


def check_costs(
    facts: Facts, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool = False
) -> None:
    """Raise OverBudget if the estimated memory or CPU time exceeds the limits.

    `sandboxed` is for a JPEG or PNG decoded in the sandbox.
    """
    check_memory(estimate_memory(facts, plans, sandboxed=sandboxed), limits)
    check_cpu(estimate_cpu_s(facts, plans, sandboxed=sandboxed), limits)


def check_costs_of_gain_map(
    facts: Facts, plans: tuple[Plan, ...], limits: Limits, *, sandboxed: bool
) -> tuple[Plan, ...]:
    """Return the plans, without gain maps if they are too expensive; raise OverBudget otherwise."""
    try:
        check_costs(facts, plans, limits, sandboxed=sandboxed)
    except OverBudget:
        without = tuple(replace(plan, keeps_gain_map=False) for plan in plans)
        if without == plans:
            raise
        check_costs(facts, without, limits, sandboxed=sandboxed)
        return without
    return plans


def estimate_cpu_s(facts: Facts, plans: Sequence[Plan], *, sandboxed: bool = False) -> float:
    """Return the expected CPU time of rendering these plans, seconds.

    `sandboxed` is for a JPEG or PNG decoded in the sandbox.
    """
    decoding = _sandboxed(facts, plans) if sandboxed else _decoding(facts, plans)
    ns = decoding + sum(_encoding(plan, facts) + _editing(plan) for plan in plans)
    ns += _FIXED_NS + _gain_map(facts, plans)
    ns += _DEEP[facts.has_alpha] * facts.width * facts.height * any(p.is_deep for p in plans)
    return ns / 1e9 + facts.extra_cpu_s


def _gain_map(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the time of decoding the gain map and of drawing and encoding it, ns."""
    kept = sum(plan.size.area for plan in plans if plan.keeps_gain_map)
    if not kept:
        return 0
    cost = DECODING[facts.format]
    decoding = cost.pixel * facts.gain_map_pixels + cost.byte * facts.gain_map_bytes
    return decoding + _GAIN_MAP_DRAWING * kept


def _sandboxed(facts: Facts, plans: Sequence[Plan]) -> float:
    if facts.format == "png":
        return SANDBOXED_PNG.pixel * facts.width * facts.height + SANDBOXED_PNG.byte * facts.bytes
    drawn = sum(plan.size.area for plan in plans)
    resizing = len(plans) * _SANDBOX_SAMPLE * luma_samples(facts, plans) + _SANDBOX_PIXEL * drawn
    return _sandboxed_jpeg(facts, plans) + resizing


def _sandboxed_jpeg(facts: Facts, plans: Sequence[Plan]) -> float:
    """Return the time of decoding; outside of regions coefficients of a baseline file are skipped.

    A region's rows below are not counted out: it may lie at the bottom.
    """
    pixels = facts.width * facts.height
    if not is_fine(facts, plans):
        return SANDBOXED_JPEG.pixel * pixels + SANDBOXED_JPEG.byte * facts.bytes
    if facts.is_progressive:
        cost = FINELY_SANDBOXED_PROGRESSIVE_JPEG
        return cost.pixel * pixels + cost.byte * facts.bytes
    share = part_to_decode(facts, plans).size.area / pixels
    coarse, fine = SANDBOXED_JPEG, FINELY_SANDBOXED_JPEG
    per_pixel = coarse.pixel + share * (fine.pixel - coarse.pixel)
    return per_pixel * pixels + (coarse.byte + share * (fine.byte - coarse.byte)) * facts.bytes


def _decoding(facts: Facts, plans: Sequence[Plan]) -> float:
    shown = max(plan.frames for plan in plans)
    resizing = _RESIZING * sum(plan.size.area for plan in plans)
    cost, pixels = _decoder(facts), facts.width * facts.height
    of_bytes = cost.byte * facts.bytes
    if facts.format == "jp2":
        wanted = size_to_decode(facts, plans)
        scale = scale_to_decode(stored_size(facts), wanted, facts.max_reduction)
        pixels //= scale**2
        # The finest resolutions are skipped; they hold most of the bytes.
        of_bytes //= scale
    per_pixel = _resampling(facts, is_animated=shown > 1)
    drawing = per_pixel * decoded_pixels(facts, plans) + resizing + _FRAME_NS
    if shown > 1:
        pixels = facts.coded_pixels or facts.frames * pixels
        of_bytes += (facts.frames - shown) * _UNSHOWN_FRAME_NS
    passes = 1 + _LOWER_QUALITIES * sum(map(_may_grow, plans))
    return passes * (cost.pixel * pixels + shown * drawing + of_bytes)


def _resampling(facts: Facts, *, is_animated: bool) -> int:
    if is_animated:
        # The canvas is RGBA, or RGB if no frame leaves anything transparent.
        return _COMPOSING if facts.has_alpha else _RESAMPLING
    is_direct = facts.mode in RESAMPLED and not facts.has_alpha
    return _RESAMPLING if is_direct else _CONVERTING


def _decoder(facts: Facts) -> DecodingCost:
    if facts.format == "jpeg" and facts.is_progressive:
        return PROGRESSIVE_JPEG
    if facts.is_lossless:
        return LOSSLESS_WEBP
    is_composed = facts.format == "webp" and not facts.decoder_bytes
    return COMPOSED_WEBP if is_composed else DECODING[facts.format]


def _encoding(plan: Plan, facts: Facts) -> int:
    pixels = plan.final_size.area
    if plan.animate:
        attempts = 1 + _LOWER_QUALITIES * _may_grow(plan)
        return attempts * _encoding_animation(plan, facts, plan.frames * pixels)
    lossless = LOSSLESS_WEBP_ENCODING if plan.is_lossless else 0
    if plan.format == "jxl" and plan.was_lossless:
        lossless = LOSSLESS_JXL_ENCODING
    if plan.format == "png":
        may_exceed = facts.bytes < pixels * _MAX_PNG_BYTES_PER_PIXEL and not plan.may_copy
        is_packed = may_exceed and plan.was_lossless
        return pixels * (_encoding_ns(plan) + _PACKING * is_packed)
    is_low = plan.most_bytes < pixels * _MAX_BYTES_PER_PIXEL
    may_exceed = is_low and (plan.has_budget or not plan.may_copy)
    attempts = 1 + max_attempts(pixels, has_budget=plan.has_budget) * (
        may_exceed and plan.format != "gif"
    )
    return pixels * (attempts * _encoding_ns(plan) + lossless) + _searching(plan)


def _searching(plan: Plan) -> int:
    """Return the most time that choosing a quality for a score takes, ns."""
    if plan.target is None or plan.format == "gif":
        return 0
    # A JPEG is not coded meanwhile, and searched again with all its colour.
    coding = 0 if plan.format == "jpeg" else _encoding_ns(plan) + DECODING[plan.format].pixel
    pixels = min(plan.final_size.area, SCORED_PIXELS[plan.format])
    return pixels * (MOST_SCORES * (coding + 2 * _SCORING) + 2 * _SCORING)


def _may_grow(plan: Plan) -> bool:
    """Return True if an animation may be decoded and encoded again at lower quality."""
    is_lossy = plan.format in ("webp", "avif")
    return plan.animate and plan.must_not_grow and not plan.may_copy and is_lossy


def _editing(plan: Plan) -> int:
    """Return the time of changing all frames besides cropping and resizing, ns."""
    edits = plan.edits
    if edits.keep_values:
        return 0
    per_pixel = _EDITING + _BLURRING * (edits.blur > 0) + _SHARPENING * (edits.sharpen > 0)
    return plan.frames * plan.final_size.area * per_pixel


def _encoding_ns(plan: Plan) -> int:
    """Return the time of encoding one pixel of a still image, ns."""
    by_effort = ENCODING_BY_EFFORT.get(plan.format)
    once = ENCODING[plan.format] if plan.effort is None or not by_effort else by_effort[plan.effort]
    is_full_colour = plan.format == "jpeg" and plan.is_drawn
    return max(once, FULL_COLOUR_JPEG_ENCODING) if is_full_colour else once


def _encoding_animation(plan: Plan, facts: Facts, pixels: int) -> int:
    """Return the time for all frames, ns; a copy of the original takes none."""
    is_converted = facts.has_profile or bool(facts.codes and from_codes(*facts.codes))
    if plan.may_copy and facts.is_plainly_composed and not facts.is_cut and not is_converted:
        return 0
    times, of = _WITH_ALPHA if facts.has_alpha else (1, 1)
    chosen_from = max(_CHOSEN_FROM, _CHOSEN_FROM_FRAME * plan.frames)
    choosing = _CHOOSING * min(pixels, chosen_from) if plan.format == "gif" else 0
    return pixels * _frame_ns(plan) * times // of + choosing


def _frame_ns(plan: Plan) -> int:
    """Return the time of encoding one pixel of a frame, ns."""
    if plan.format == "avif" and plan.effort is not None:
        return _AVIF_FRAMES[plan.effort]
    return ANIMATION_ENCODING[plan.format] * _encoding_ns(plan) // ENCODING[plan.format]
