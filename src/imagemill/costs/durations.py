"""Billed duration of ResizeImageFunction: a sum of terms fitted to measurements.

A batch first waits for S3 and DynamoDB while no rendering overlaps: its first file arrives, and its
last one is stored. Then it renders one image after the other while others are fetched and stored:

    ms = wait(megapixels) + images × work(megapixels, frames, format, recipe)

Work is CPU time: the sum of the terms of an image (`work.work_terms`), each times its coefficient.
The wait is the sum of AWS's latencies. Both are in durations.json, which `python -m
benchmarks.billed` writes: the measurements, the coefficients fitted to them, and measurements of
other recipes, which the fit has not seen.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from importlib.resources import files
from typing import Any

from imagemill.costs.work import Efforts, Format, Output, outputs, relative_bytes, work_terms
from imagemill.dataclass import dataclass
from imagemill.imaging.plan import WebFormat
from imagemill.recipe import DEFAULT_RECIPE, Recipe

# Memory size, MB, with the CPU share of one whole core; "Configure Lambda function memory".
CORE_MB = 1_769
# Most messages in one invocation: BatchSize in template.yaml.
MOST_AT_ONCE = 10


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
    frames: int = 1


@dataclass(frozen=True, slots=True)
class DurationModel:
    """The coefficients of the terms, in ms, the costs of efforts, and the bytes of renditions."""

    wait: LinearFit
    coefficients: Mapping[str, float]
    efforts: Efforts
    bytes: Mapping[WebFormat, LinearFit]
    frame_bytes: Mapping[WebFormat, LinearFit] = field(default_factory=dict)
    """Bytes of each frame of an animation."""

    def work_ms(self, megapixels: float, kind: Format, recipe: Recipe, frames: int = 1) -> float:
        """Return the CPU time of one image, in ms; a term without a coefficient costs nothing."""
        terms = work_terms(megapixels, kind, recipe, self.efforts, frames)
        return sum(self.coefficients.get(name, 0.0) * amount for name, amount in terms.items())

    def ms(self, batch: Batch) -> float:
        """Return the billed duration of a batch, in ms.

        With less than one core the work takes proportionally longer. With several whole cores as
        many images are rendered in parallel.
        """
        image = self.work_ms(batch.megapixels, batch.format, batch.recipe, batch.frames)
        cores = batch.memory_mb / CORE_MB
        rounds = math.ceil(batch.images / max(1, int(cores)))
        wait = self.wait.at(batch.megapixels * relative_bytes(batch.format, batch.frames))
        return wait + rounds * image / min(1.0, cores)

    def image_ms(self, batch: Batch) -> float:
        """Return the billed duration per image of a batch, in ms."""
        return self.ms(batch) / batch.images

    def renditions_bytes(
        self, megapixels: float, kind: Format, recipe: Recipe, frames: int = 1
    ) -> float:
        """Return the bytes of all renditions of one image."""
        return sum(map(self._bytes, outputs(megapixels, kind, recipe, frames)))

    def _bytes(self, made: Output) -> float:
        if made.frames == 1:
            return self.bytes[made.format].at(made.megapixels)
        return made.frames * self.frame_bytes[made.format].at(made.megapixels)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: the CPU time of one image, in ms."""

    format: Format
    megapixels: float
    recipe: str
    ms: float
    frames: int = 1


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
        _lines(facts["bytes"]),
        _lines(facts["frame_bytes"]),
    )


def _lines(facts: dict[WebFormat, dict[str, float]]) -> dict[WebFormat, LinearFit]:
    return {kind: LinearFit(**line) for kind, line in facts.items()}
