"""Billed duration of ResizeImageFunction: a sum of terms fitted to measurements.

A batch first waits for S3 and DynamoDB while no rendering overlaps: its first file arrives, and its
last one is stored. Then it renders one image after the other while others are fetched and stored:

    ms = wait(megapixels) + images × work(megapixels, format, recipe)

Work is CPU time: the sum of the terms of an image (`work_terms`), each times its coefficient. The
wait is the sum of AWS's latencies. Both are in durations.json, which `python -m benchmarks.billed`
writes: the measurements, the coefficients fitted to them, and measurements of other recipes, which
the fit has not seen.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

from imagemill.dataclass import dataclass
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import Plan, WebFormat, make_plans
from imagemill.imaging.plane_sizes import is_fine, luma_samples
from imagemill.recipe import DEFAULT_RECIPE, Recipe

# Memory size, MB, with the CPU share of one whole core; "Configure Lambda function memory".
CORE_MB = 1_769
# Most messages in one invocation: BatchSize in template.yaml.
MOST_AT_ONCE = 10
Coded = Literal["jpeg", "png", "webp", "avif", "heic", "jxl", "tiff"]
# `ultrahdr` is a JPEG with a gain map, `raw` a camera raw file that is shown by its JPEG.
Format = Literal[Coded, "ultrahdr", "raw"]
FORMATS: tuple[Format, ...] = get_args(Format)
# Bytes per pixel of an original relative to those of a JPEG of a camera. Assumed: 26 MB of 24 MP.
_BYTES: Mapping[Format, float] = {"raw": 3.0}
_PIXELS = 1_000_000
# Width and height of an original relative to each other. Assumed: that of most cameras.
_RATIO = 4 / 3
# Pixels of which one pixel of a rendition is resampled, if the original has as many: of a decoded
# image, and of the planes of a JPEG.
_RESAMPLED_FROM, _DRAWN_FROM = 4, 16
# CPU time of choosing a quality for a score and encoding, in encodings of the usual effort:
# `python -m benchmarks.auto` measures it.
_SEARCHING: Mapping[WebFormat, float] = {"jpeg": 11, "webp": 5, "avif": 5.5, "jxl": 4}


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


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A quantity as a linear function of megapixels."""

    base: float
    slope: float

    def at(self, megapixels: float) -> float:
        """Return the quantity, at least 0."""
        return max(0.0, self.base + self.slope * megapixels)


@dataclass(frozen=True, slots=True)
class Batch:
    """Images of equal size and format in one invocation of a function with `memory_mb`."""

    megapixels: float
    format: Format = "jpeg"
    recipe: Recipe = DEFAULT_RECIPE
    images: int = 1
    memory_mb: int = CORE_MB


# CPU time of an encoder by effort, 0 to 6, relative to that without an effort.
Efforts = Mapping[WebFormat, Sequence[float]]


@dataclass(frozen=True, slots=True)
class DurationModel:
    """The coefficients of the terms, in ms, the costs of efforts, and the bytes of renditions."""

    wait: LinearFit
    coefficients: Mapping[str, float]
    efforts: Efforts
    bytes: Mapping[WebFormat, LinearFit]

    def work_ms(self, megapixels: float, kind: Format, recipe: Recipe) -> float:
        """Return the CPU time of one image, in ms; a term without a coefficient costs nothing."""
        terms = work_terms(megapixels, kind, recipe, self.efforts)
        return sum(self.coefficients.get(name, 0.0) * amount for name, amount in terms.items())

    def ms(self, batch: Batch) -> float:
        """Return the billed duration of a batch, in ms.

        With less than one core the work takes proportionally longer. With several whole cores as
        many images are rendered in parallel.
        """
        image = self.work_ms(batch.megapixels, batch.format, batch.recipe)
        cores = batch.memory_mb / CORE_MB
        rounds = math.ceil(batch.images / max(1, int(cores)))
        wait = self.wait.at(batch.megapixels * relative_bytes(batch.format))
        return wait + rounds * image / min(1.0, cores)

    def image_ms(self, batch: Batch) -> float:
        """Return the billed duration per image of a batch, in ms."""
        return self.ms(batch) / batch.images

    def renditions_bytes(self, megapixels: float, kind: Format, recipe: Recipe) -> float:
        """Return the bytes of all renditions of one image."""
        made = outputs(megapixels, kind, recipe)
        return sum(self.bytes[each.format].at(each.megapixels) for each in made)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: the CPU time of one image, in ms."""

    format: Format
    megapixels: float
    recipe: str
    ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The contents of durations.json: date, command, machine, input files and results.

    The model is fitted to `points`; `others` are measurements that it has not seen.
    """

    day: str
    command: str
    machine: str
    images: str
    points: tuple[Point, ...]
    others: tuple[Point, ...]
    model: DurationModel


def work_terms(
    megapixels: float, kind: Format, recipe: Recipe, efforts: Efforts
) -> dict[str, float]:
    """Return the amounts that the CPU time of an image depends on, by name: counts and megapixels.

    Reading and decoding depend on the original, drawing on the original and the renditions,
    encoding on the renditions.
    """
    made = outputs(megapixels, kind, recipe)
    coded = _coded(kind)
    terms = {f"read {kind}": 1.0, f"decode {coded}, MP": megapixels}
    if coded == "jpeg":
        planes, is_detailed = _planes(megapixels, recipe)
        terms["decode jpeg in detail, MP"] = megapixels * is_detailed
        terms["planes of jpeg, MP"] = planes
        terms["draw from planes, MP"] = sum(
            min(planes, _DRAWN_FROM * each.megapixels) for each in made
        )
        terms["gain maps, MP"] = sum(each.megapixels for each in made if each.has_gain_map)
    else:
        sampled = (min(megapixels, _RESAMPLED_FROM * each.megapixels) for each in made)
        terms["draw from pixels, MP"] = sum(sampled)
    for each in made:
        effort = 1.0 if each.effort is None else efforts[each.format][each.effort]
        effort *= _SEARCHING.get(each.format, 1) if each.is_searched else 1
        for name, amount in (
            (f"make {each.format}", 1.0),
            (f"encode {each.format}, MP", each.megapixels * effort),
        ):
            terms[name] = terms.get(name, 0.0) + amount
    return terms


def relative_bytes(kind: Format) -> float:
    """Return the bytes of an original relative to those of a JPEG of the same size."""
    return _BYTES.get(kind, 1.0)


@lru_cache(maxsize=1_000)
def outputs(megapixels: float, kind: Format, recipe: Recipe) -> tuple[Output, ...]:
    """Return the renditions of an original with the sides 4:3."""
    return tuple(_output(plan) for plan in make_plans(_facts(megapixels, kind), recipe))


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
    )


def _coded(kind: Format) -> Coded:
    match kind:
        case "ultrahdr" | "raw":
            return "jpeg"
        case _:
            return kind


@cache
def measured() -> Measured:
    """Read the measurements and the model that are part of the package."""
    facts = json.loads(files("imagemill.costs").joinpath("durations.json").read_text("utf-8"))
    return Measured(
        facts["measured"],
        facts["command"],
        facts["machine"],
        facts["images"],
        tuple(Point(**point) for point in facts["points"]),
        tuple(Point(**point) for point in facts["others"]),
        _model(facts),
    )


def duration_model() -> DurationModel:
    """Return the model fitted to the measurements of the package."""
    return measured().model


def _model(facts: dict[str, Any]) -> DurationModel:
    return DurationModel(
        LinearFit(**facts["wait"]),
        facts["coefficients"],
        facts["efforts"],
        {kind: LinearFit(**line) for kind, line in facts["bytes"].items()},
    )
