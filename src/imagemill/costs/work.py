"""The work that the CPU time of an image depends on: its terms, as counts and megapixels."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, get_args

from imagemill.dataclass import dataclass
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import Plan, WebFormat, make_plans
from imagemill.imaging.plane_sizes import is_fine, luma_samples
from imagemill.recipe import Recipe

Coded = Literal["jpeg", "png", "webp", "avif", "heic", "jxl", "tiff", "gif"]
# `ultrahdr` is a JPEG with a gain map, `raw` a camera raw file that is shown by its JPEG.
Format = Literal[Coded, "ultrahdr", "raw"]
FORMATS: tuple[Format, ...] = get_args(Format)
# Formats of which animations were measured.
MOVING: tuple[Format, ...] = ("gif", "webp", "avif")
# Bytes per pixel of an original relative to those of a JPEG of a camera. Assumed: 26 MB of 24 MP.
_BYTES: Mapping[Format, float] = {"raw": 3.0}
# The same for each frame of an animation: those of `benchmarks.billed`, a window over a photo.
_FRAME_BYTES: Mapping[Format, float] = {"gif": 2.2, "webp": 0.3, "avif": 0.02}
_PIXELS = 1_000_000
# Width and height of an original relative to each other. Assumed: that of most cameras.
_RATIO = 4 / 3
# Pixels of which one pixel of a rendition is resampled, if the original has as many: of a decoded
# image, and of the planes of a JPEG.
_RESAMPLED_FROM, _DRAWN_FROM = 4, 16
# CPU time of choosing a quality for a score and encoding, in encodings of the usual effort:
# `python -m benchmarks.auto` measures it.
_SEARCHING: Mapping[WebFormat, float] = {"jpeg": 6.3, "webp": 4.3, "avif": 3.7, "jxl": 3.4}


# CPU time of an encoder by effort, 0 to 6, relative to that without an effort.
Efforts = Mapping[WebFormat, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Output:
    """A rendition: its format, its size in megapixels, and the effort of its encoder.

    `is_searched` is True if its quality is chosen for a score.
    """

    format: WebFormat
    megapixels: float
    effort: int | None = None
    is_searched: bool = False
    has_gain_map: bool = False
    frames: int = 1


def work_terms(
    megapixels: float, kind: Format, recipe: Recipe, efforts: Efforts, frames: int = 1
) -> dict[str, float]:
    """Return the amounts that the CPU time of an image depends on, by name: counts and megapixels.

    Reading and decoding depend on the original, drawing on the original and the renditions,
    encoding on the renditions. Of an animation each frame counts, unless no rendition moves.
    """
    made = outputs(megapixels, kind, recipe, frames)
    terms = defaultdict[str, float](float, _reading(megapixels, kind, recipe, made))
    for each in made:
        effort = 1.0 if each.effort is None else efforts[each.format][each.effort]
        effort *= _SEARCHING.get(each.format, 1) if each.is_searched else 1
        moving = "moving " if each.frames > 1 else ""
        terms[f"make {moving}{each.format}"] += each.frames
        terms[f"encode {moving}{each.format}, MP"] += each.frames * each.megapixels * effort
    return dict(terms)


def _reading(
    megapixels: float, kind: Format, recipe: Recipe, made: Sequence[Output]
) -> Iterator[tuple[str, float]]:
    """Yield the terms of reading and decoding an original, and of drawing from it."""
    frames, coded = max(each.frames for each in made), _coded(kind)
    if frames > 1:
        sampled = sum(each.frames * _sampled(megapixels, each) for each in made)
        yield f"read moving {kind}", 1.0
        yield f"decode moving {kind}, MP", frames * megapixels
        yield "draw from frames, MP", sampled
        return
    yield f"read {kind}", 1.0
    yield f"decode {coded}, MP", megapixels
    if coded != "jpeg":
        yield "draw from pixels, MP", sum(_sampled(megapixels, each) for each in made)
        return
    planes, is_detailed = _planes(megapixels, recipe)
    yield "decode jpeg in detail, MP", megapixels * is_detailed
    yield "planes of jpeg, MP", planes
    drawn = (min(planes, _DRAWN_FROM * each.megapixels) for each in made)
    yield "draw from planes, MP", sum(drawn)
    yield "gain maps, MP", sum(each.megapixels for each in made if each.has_gain_map)


def _sampled(megapixels: float, made: Output) -> float:
    """Return the megapixels of decoded pixels that an image is resampled from."""
    return min(megapixels, _RESAMPLED_FROM * made.megapixels)


def relative_bytes(kind: Format, frames: int = 1) -> float:
    """Return the bytes of an original relative to those of a JPEG of the same size."""
    return frames * _FRAME_BYTES[kind] if frames > 1 else _BYTES.get(kind, 1.0)


@lru_cache(maxsize=1_000)
def outputs(megapixels: float, kind: Format, recipe: Recipe, frames: int = 1) -> tuple[Output, ...]:
    """Return the renditions of an original with the sides 4:3."""
    facts = replace(_facts(megapixels, kind), frames=frames)
    return tuple(map(_output, make_plans(facts, recipe)))


@lru_cache(maxsize=1_000)
def _planes(megapixels: float, recipe: Recipe) -> tuple[float, bool]:
    """Return the size of the luma plane of a JPEG, in megapixels, and if more is read for it."""
    facts = _facts(megapixels, "jpeg")
    plans = make_plans(facts, recipe)
    return luma_samples(facts, plans) / _PIXELS, is_fine(facts, plans)


def _facts(megapixels: float, kind: Format) -> Facts:
    width = math.sqrt(megapixels * _PIXELS * _RATIO)
    sides = max(1, round(width)), max(1, round(width / _RATIO))
    # Most cameras halve both sides of the chroma planes: 1.5 coefficients of two bytes per pixel.
    coded = _coded(kind)
    # The gain map of a phone has half the sides of its photo.
    gain_map_pixels = sides[0] * sides[1] // 4 if kind == "ultrahdr" else 0
    return Facts(coded, 0, *sides, coefficient_bytes=3, gain_map_pixels=gain_map_pixels)


def _output(plan: Plan) -> Output:
    megapixels = plan.final_size.width * plan.final_size.height / _PIXELS
    return Output(
        plan.format,
        megapixels,
        plan.effort,
        is_searched=plan.target is not None,
        has_gain_map=plan.keeps_gain_map,
        frames=plan.frames,
    )


def _coded(kind: Format) -> Coded:
    match kind:
        case "ultrahdr" | "raw":
            return "jpeg"
        case _:
            return kind
