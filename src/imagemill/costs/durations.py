"""Billed duration of ResizeImageFunction: straight lines fitted to measurements.

A batch first waits for S3 and DynamoDB while no rendering overlaps: its first file arrives, and its
last one is stored. Then it renders one image after the other while others are fetched and stored:

    ms = wait(megapixels) + images × (work(megapixels) + (presets - 1) × preset_ms)

Work is measured CPU time; the wait is the sum of AWS's latencies. Both are in durations.json, which
`python -m benchmarks.billed` writes.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import linear_regression, mean
from typing import Literal, get_args

# Memory size, MB, with the CPU share of one whole core; "Configure Lambda function memory".
CORE_MB = 1_769
# Most messages in one invocation: BatchSize in template.yaml.
MOST_AT_ONCE = 10
Format = Literal["jpeg", "png", "webp", "avif", "heic"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: the CPU time of one image, in ms."""

    format: Format
    megapixels: float
    presets: int
    ms: float


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A duration in ms as a linear function of megapixels."""

    base: float
    slope: float

    def at(self, megapixels: float) -> float:
        """Return the duration in ms, at least 0."""
        return max(0.0, self.base + self.slope * megapixels)


@dataclass(frozen=True, slots=True)
class Batch:
    """Images of equal size and format in one invocation of a function with `memory_mb`."""

    megapixels: float
    format: Format = "jpeg"
    presets: int = 1
    images: int = 1
    memory_mb: int = CORE_MB


@dataclass(frozen=True, slots=True)
class DurationModel:
    """The fitted lines; `preset_ms` is the work per image for each preset after the first."""

    wait: LinearFit
    work: Mapping[Format, LinearFit]
    preset_ms: float

    def ms(self, batch: Batch) -> float:
        """Return the billed duration of a batch, in ms.

        With less than one core the work takes proportionally longer. With several whole cores as
        many images are rendered in parallel.
        """
        image = self.work[batch.format].at(batch.megapixels)
        image += self.preset_ms * (batch.presets - 1)
        cores = batch.memory_mb / CORE_MB
        rounds = math.ceil(batch.images / max(1, int(cores)))
        return self.wait.at(batch.megapixels) + rounds * image / min(1.0, cores)

    def image_ms(self, batch: Batch) -> float:
        """Return the billed duration per image of a batch, in ms."""
        return self.ms(batch) / batch.images


@dataclass(frozen=True, slots=True)
class Measured:
    """The contents of durations.json: date, command, machine, input files and results."""

    day: str
    command: str
    machine: str
    images: str
    wait: LinearFit
    points: tuple[Point, ...]


def fitted(wait: LinearFit, points: Iterable[Point]) -> DurationModel:
    """Fit the lines to some points; each format needs two or more sizes with one preset.

    `preset_ms` is the mean over the points with more presets.
    """
    known = {(p.format, p.megapixels, p.presets): p.ms for p in points}
    work = {kind: _line(_sizes(known, kind)) for kind in {kind for kind, *_ in known}}
    further = [
        (ms - known[kind, size, 1]) / (presets - 1)
        for (kind, size, presets), ms in known.items()
        if presets > 1
    ]
    return DurationModel(wait, work, max(0.0, mean(further)))


@cache
def measured() -> Measured:
    """Read the measurements that are part of the package."""
    facts = json.loads(files("imagemill.costs").joinpath("durations.json").read_text("utf-8"))
    return Measured(
        facts["measured"],
        facts["command"],
        facts["machine"],
        facts["images"],
        LinearFit(**facts["wait"]),
        tuple(Point(**point) for point in facts["points"]),
    )


@cache
def duration_model() -> DurationModel:
    """Return the lines fitted to the measurements of the package."""
    return fitted(measured().wait, measured().points)


def _sizes(known: Mapping[tuple[Format, float, int], float], kind: Format) -> dict[float, float]:
    return {size: ms for (name, size, presets), ms in known.items() if (name, presets) == (kind, 1)}


def _line(values: Mapping[float, float]) -> LinearFit:
    found = linear_regression(list(values), list(values.values()))
    return LinearFit(found.intercept, found.slope)
