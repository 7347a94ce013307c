"""How long the resizer is billed for: lines through what was measured, kept in durations.json.

A batch begins with a wait that nothing overlaps, for its first file to come and its last to go;
then it works, image after image, while others are fetched and stored:

    ms = wait(megapixels) + images × (work(megapixels) + presets beyond the first × preset)

The lines are straight. The work is CPU time that was measured, the wait the sum of AWS's latencies;
`python -m benchmarks.billed` does both anew.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import linear_regression, mean
from typing import Literal, get_args

CORE_MB = 1_769
"""Memory size that comes with one whole core; source: "Configure Lambda function memory"."""
MOST_AT_ONCE = 10
"""Messages that an invocation takes at most, as template.yaml says."""
Format = Literal["jpeg", "png", "webp", "avif", "heic"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Point:
    """Work on an image, as measured: CPU time in ms."""

    format: Format
    megapixels: float
    presets: int
    ms: float


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A straight line over megapixels, in ms."""

    base: float
    slope: float

    def at(self, megapixels: float) -> float:
        """Return its height, never below nothing."""
        return max(0.0, self.base + self.slope * megapixels)


@dataclass(frozen=True, slots=True)
class Batch:
    """Images that are alike and share an invocation of a function of so many MB."""

    megapixels: float
    format: Format = "jpeg"
    presets: int = 1
    images: int = 1
    memory_mb: int = CORE_MB


@dataclass(frozen=True, slots=True)
class DurationModel:
    """What the measurements come down to; `preset_ms` is an image's for each further preset."""

    wait: LinearFit
    work: Mapping[Format, LinearFit]
    preset_ms: float

    def ms(self, batch: Batch) -> float:
        """Return what a batch is billed for, ms.

        A function with less than a core works that much longer. One with several renders as many
        images at once as it has whole ones.
        """
        image = self.work[batch.format].at(batch.megapixels)
        image += self.preset_ms * (batch.presets - 1)
        cores = batch.memory_mb / CORE_MB
        rounds = math.ceil(batch.images / max(1, int(cores)))
        return self.wait.at(batch.megapixels) + rounds * image / min(1.0, cores)

    def image_ms(self, batch: Batch) -> float:
        """Return an image's share of its batch, ms."""
        return self.ms(batch) / batch.images


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements: the day, how to repeat them, on what, of what, and what came out."""

    day: str
    command: str
    machine: str
    images: str
    wait: LinearFit
    points: tuple[Point, ...]


def fitted(wait: LinearFit, points: Iterable[Point]) -> DurationModel:
    """Return the lines through some points: each format in two sizes or more with one preset.

    What a further preset takes is the mean over those points that have more.
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
    """Return what was measured last, as the package has it."""
    facts = json.loads(files("imagemill.costs").joinpath("durations.json").read_text("utf-8"))
    return Measured(
        facts["measured"],
        facts["command"],
        facts["machine"],
        facts["pictures"],
        LinearFit(**facts["wait"]),
        tuple(Point(**point) for point in facts["points"]),
    )


@cache
def tempo() -> DurationModel:
    """Return the lines through what was measured last."""
    return fitted(measured().wait, measured().points)


def _sizes(known: Mapping[tuple[Format, float, int], float], kind: Format) -> dict[float, float]:
    return {size: ms for (name, size, presets), ms in known.items() if (name, presets) == (kind, 1)}


def _line(values: Mapping[float, float]) -> LinearFit:
    found = linear_regression(list(values), list(values.values()))
    return LinearFit(found.intercept, found.slope)
