"""Bytes and a recipe → renditions: probe, limits, plan, decode, draw, encode."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from PIL import Image

from imagemill.imaging import placeholder
from imagemill.imaging.animation import Animating, Animations
from imagemill.imaging.colour import Conversion
from imagemill.imaging.copyright import Credit
from imagemill.imaging.costs import check_costs, estimate_cpu_s
from imagemill.imaging.decode_and_resize import decode_and_resize
from imagemill.imaging.drawing import suited
from imagemill.imaging.facts import Facts
from imagemill.imaging.fit_bytes import PACKET_BYTES, Copy, fit_bytes
from imagemill.imaging.icc import from_codes
from imagemill.imaging.limits import DEFAULT_LIMITS, Limits, fits_animated, may_animate
from imagemill.imaging.malloc import keep_freed_memory
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan, WebFormat, make_plans, settle
from imagemill.imaging.probing import open_probed
from imagemill.imaging.sandboxed_jpeg import SandboxOutcome, fits_sandbox
from imagemill.imaging.strip_metadata import without_metadata
from imagemill.recipe import Recipe

CONTENT_TYPES: dict[WebFormat, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}

WARNINGS = ("truncated", "profile_ignored", "hdr", "first_frame_only", "larger_than_original")
"""Every code that `Rendered.warnings` may hold, in the order it holds them."""
_OPAQUE = ("L", "RGB")


@dataclass(frozen=True, slots=True)
class Rendition:
    """One output image, encoded."""

    preset: str
    data: bytes
    width: int
    height: int
    format: WebFormat

    @property
    def content_type(self) -> str:
        """The media type of `data`."""
        return CONTENT_TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Rendered:
    """All that was made of one original; renditions in the order of the recipe."""

    facts: Facts
    renditions: tuple[Rendition, ...]
    warnings: tuple[str, ...]
    """Stable codes, of `WARNINGS`."""
    placeholder: str
    """ThumbHash, base64 text."""
    colour: str
    """Dominant colour, `#rrggbb`."""
    sandbox: SandboxOutcome = "not_asked"
    """Whether the sandbox drew it, was not asked, or why it refused and a library did instead."""


def render(
    data: bytes, recipe: Recipe, limits: Limits = DEFAULT_LIMITS, *, sandboxed: bool = True
) -> Rendered:
    """Make every rendition of `recipe` from one decode of `data`.

    Where wasmtime is installed a JPEG is decoded in a sandbox, unless `sandboxed` is false or it
    wants what only a library can. The same bytes, recipe and library versions give the same bytes;
    safe to call from several threads. Raises only subclasses of ImageRejected, whatever `data` may
    be.
    """
    keep_freed_memory()
    probed = open_probed(data, limits)
    facts = probed.facts
    plans = _plans_within(facts, recipe, limits)
    check_costs(facts, plans, limits, sandboxed=sandboxed and fits_sandbox(probed, plans))
    drawn = decode_and_resize(data, probed, plans, limits, sandboxed=sandboxed)
    conversion, is_damaged = drawn.conversion, drawn.is_damaged
    stills = [_without_idle_alpha(still) for still in drawn.images]
    is_converted = conversion.transform is not None and not facts.carries_gamma
    copy = None if is_damaged or is_converted else partial(without_metadata, data, facts)
    stamp = _stamp(facts)
    animations = _animations(Animating(data, probed, drawn, stamp, copy), plans)
    encode = partial(_encode, stamp=stamp, copy=copy, is_plain=facts.is_plainly_composed)
    renditions = tuple(
        encode(_settled(plan, facts, still, stamp), still, file)
        for plan, still, file in zip(plans, stills, animations.files, strict=True)
    )
    sampled = _sampled(plans, stills, conversion)
    is_damaged = is_damaged or animations.is_damaged
    warnings = _warnings(facts, plans, conversion, is_damaged=is_damaged)
    if "truncated" not in warnings:  # the bytes that are missing would count
        warnings = (*warnings, *_size_warnings(facts, renditions))
    return Rendered(
        facts,
        renditions,
        warnings,
        placeholder.thumbhash(sampled),
        placeholder.dominant_colour(sampled),
        drawn.sandbox,
    )


def _plans_within(facts: Facts, recipe: Recipe, limits: Limits) -> tuple[Plan, ...]:
    """Return the plans; an animation over the limits is shown by its first frame."""
    plans = make_plans(facts, recipe, animate=may_animate(facts, limits))
    memory, cpu_s = estimate_memory(facts, plans), estimate_cpu_s(facts, plans)
    if facts.is_animated and not fits_animated(memory, cpu_s, limits):
        return make_plans(facts, recipe, animate=False)
    return plans


def _animations(job: Animating, plans: Sequence[Plan]) -> Animations:
    """Return the encoded animations; none where the first image is damaged already."""
    if job.drawn.is_damaged or not any(plan.animate for plan in plans):
        return Animations((None,) * len(plans))
    from imagemill.imaging.animating import animate  # noqa: PLC0415 - loaded for animations only

    return animate(job, plans)


def _settled(plan: Plan, facts: Facts, still: Image.Image, stamp: OutputTags) -> Plan:
    """Return the plan with the format that suits the pixels."""
    return suited(settle(plan, facts, is_opaque=still.mode in _OPAQUE), still, stamp)


def _encode(  # noqa: PLR0913 - three of them are the same for every plan
    plan: Plan,
    still: Image.Image,
    animation: bytes | None,
    *,
    stamp: OutputTags,
    copy: Copy | None,
    is_plain: bool,
) -> Rendition:
    """Return the animation of a plan, or its still image.

    A copy of a GIF that not every viewer composes alike is the last resort against growth.
    """
    copy = copy if plan.may_copy else None
    data = animation or fit_bytes(still, plan, stamp, copy if is_plain else None)
    if plan.must_not_grow and len(data) > plan.most_bytes and copy:
        data = min(data, copy(stamp) or data, key=len)
    return Rendition(plan.preset, data, plan.size.width, plan.size.height, plan.format)


def _without_idle_alpha(pixels: Image.Image) -> Image.Image:
    """Return the pixels without an alpha channel that is opaque everywhere."""
    if pixels.mode in _OPAQUE or pixels.getchannel("A").getextrema() != (255, 255):
        return pixels
    return pixels.convert("L" if pixels.mode == "LA" else "RGB")


def _stamp(facts: Facts) -> OutputTags:
    codes = facts.codes if facts.codes and from_codes(*facts.codes) else None
    gamma = facts.gamma if facts.carries_gamma else None
    return OutputTags(Credit(facts.artist, facts.copyright).exif(), gamma, codes)


def _sampled(
    plans: Sequence[Plan], stills: Sequence[Image.Image], conversion: Conversion
) -> Image.Image:
    """Return the pixels for placeholder and colour, from the smallest image, in sRGB."""
    plan, still = min(zip(plans, stills, strict=True), key=lambda pair: prod(pair[1].size))
    sampled = placeholder.sample(still)
    return conversion.apply(sampled).convert("RGBA") if plan.keeps_codes else sampled


def _size_warnings(facts: Facts, renditions: Sequence[Rendition]) -> list[str]:
    found = []
    most = max(facts.bytes, PACKET_BYTES)
    if any(len(rendition.data) > most for rendition in renditions):
        found.append("larger_than_original")
    return found


def _warnings(
    facts: Facts,
    plans: Sequence[Plan],
    conversion: Conversion,
    *,
    is_damaged: bool,
) -> tuple[str, ...]:
    found = []
    if is_damaged or facts.is_cut:
        found.append("truncated")
    if conversion.warning:
        found.append(conversion.warning)
    if facts.is_hdr:
        found.append("hdr")
    if facts.frames > 1 and not all(plan.animate for plan in plans):
        found.append("first_frame_only")
    return tuple(found)
