"""Bytes and a recipe → renditions: probe, limits, plan, decode, draw, encode."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from PIL import Image

from imagemill.imaging import placeholder
from imagemill.imaging.allocator import keep_freed_memory
from imagemill.imaging.animation import Film, Frame, frames, has_poster
from imagemill.imaging.budget import estimate_memory
from imagemill.imaging.colour import Conversion
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.credit import Credit
from imagemill.imaging.draw import draw
from imagemill.imaging.drawn import Drawn, SandboxOutcome, draw_probed, layer_of
from imagemill.imaging.economy import Copy, encode_film_within, encode_within
from imagemill.imaging.facts import Facts
from imagemill.imaging.icc import from_codes
from imagemill.imaging.limits import (
    DEFAULT_LIMITS,
    Limits,
    check_cpu,
    check_frames,
    check_memory,
    may_animate,
)
from imagemill.imaging.plan import Plan, WebFormat, make_plans, settle
from imagemill.imaging.probing import Probed, open_probed
from imagemill.imaging.stamp import Stamp
from imagemill.imaging.strip import without_metadata
from imagemill.recipe import Recipe

CONTENT_TYPES: dict[WebFormat, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}

WARNINGS = ("truncated", "profile_ignored", "hdr", "first_frame_only")
"""Every code that `Rendered.warnings` may hold, in the order it holds them."""
_OPAQUE = ("L", "RGB")


@dataclass(frozen=True, slots=True)
class Rendition:
    """One output picture, encoded."""

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
    drawn = draw_probed(data, probed, plans, sandboxed=sandboxed)
    conversion, is_damaged = drawn.conversion, drawn.is_damaged
    films = _film(probed, plans, drawn) if not is_damaged else [None] * len(plans)
    stills = [_without_idle_alpha(still) for still in drawn.pictures]
    is_converted = conversion.transform is not None and not facts.carries_gamma
    copy = None if is_damaged or is_converted else partial(without_metadata, data, facts)
    stamp = _stamp(facts)
    renditions = tuple(
        _encode(settle(plan, facts, is_opaque=still.mode in _OPAQUE), still, film, stamp, copy)
        for plan, still, film in zip(plans, stills, films, strict=True)
    )
    sampled = _sampled(plans, stills, conversion)
    return Rendered(
        facts,
        renditions,
        _warnings(facts, plans, conversion, is_damaged=is_damaged, films=films),
        placeholder.thumbhash(sampled),
        placeholder.dominant_colour(sampled),
        drawn.sandbox,
    )


def _plans_within(facts: Facts, recipe: Recipe, limits: Limits) -> tuple[Plan, ...]:
    """Return the plans that the limits allow; raises TooManyFrames or OverBudget otherwise."""
    check_frames(facts, limits)
    plans = make_plans(facts, recipe, animate=may_animate(facts, limits))
    check_memory(estimate_memory(facts, plans), limits)
    check_cpu(estimate_cpu_s(facts, plans), limits)
    return plans


def _film(probed: Probed, plans: Sequence[Plan], drawn: Drawn) -> list[Film | None]:
    """Return the animation of each plan, None for those that stand still."""
    facts, picture = probed.facts, probed.picture
    is_posted = has_poster(picture)
    moving = [plan for plan in plans if plan.animate]
    films = [
        Film([], facts.loops, still if is_posted else None) if plan.animate else None
        for plan, still in zip(plans, drawn.pictures, strict=True)
    ]
    for frame in frames(picture, facts.frames if moving else 0):
        layer = layer_of(frame.pixels, facts, moving)
        pictures = draw(layer, facts, moving, drawn.conversion)
        for film, pixels in zip(filter(None, films), pictures, strict=True):
            film.frames.append(Frame(pixels, frame.duration_ms))
    return [film if film and len(film.frames) > 1 else None for film in films]


def _encode(
    plan: Plan,
    still: Image.Image,
    film: Film | None,
    stamp: Stamp,
    copy: Copy | None,
) -> Rendition:
    copy = copy if plan.may_copy else None
    if film is None:
        data = encode_within(still, plan, stamp, copy)
    else:
        data = encode_film_within(film, plan, stamp, copy)
    return Rendition(plan.preset, data, plan.size.width, plan.size.height, plan.format)


def _without_idle_alpha(pixels: Image.Image) -> Image.Image:
    """Return the pixels without an alpha channel that is opaque everywhere."""
    if pixels.mode in _OPAQUE or pixels.getchannel("A").getextrema() != (255, 255):
        return pixels
    return pixels.convert("L" if pixels.mode == "LA" else "RGB")


def _stamp(facts: Facts) -> Stamp:
    codes = facts.codes if facts.codes and from_codes(*facts.codes) else None
    gamma = facts.gamma if facts.carries_gamma else None
    return Stamp(Credit(facts.artist, facts.copyright).exif(), gamma, codes)


def _sampled(
    plans: Sequence[Plan], stills: Sequence[Image.Image], conversion: Conversion
) -> Image.Image:
    """Return the pixels for placeholder and colour, from the smallest picture, in sRGB."""
    plan, still = min(zip(plans, stills, strict=True), key=lambda pair: prod(pair[1].size))
    sampled = placeholder.sample(still)
    return conversion.apply(sampled).convert("RGBA") if plan.keeps_codes else sampled


def _warnings(
    facts: Facts,
    plans: Sequence[Plan],
    conversion: Conversion,
    *,
    is_damaged: bool,
    films: Sequence[Film | None],
) -> tuple[str, ...]:
    found = []
    if is_damaged or any(film and len(film.frames) < facts.frames for film in films):
        found.append("truncated")
    if conversion.warning:
        found.append(conversion.warning)
    if facts.is_hdr:
        found.append("hdr")
    if facts.frames > 1 and not all(plan.animate for plan in plans):
        found.append("first_frame_only")
    return tuple(found)
