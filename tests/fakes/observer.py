"""Observers of the pipeline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from imagemill.pipeline.telemetry import Attempt, Stage


@dataclass
class FakeObserver:
    """Implements `workflows.observe.Observer` and records its calls."""

    stages: list[Stage] = field(default_factory=list)
    tries: list[Attempt] = field(default_factory=list)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        self.stages.append(stage)
        yield

    def count(self, tries: Sequence[Attempt]) -> None:
        self.tries += tries


class BrokenObserver(FakeObserver):
    """Fails on every count."""

    def count(self, tries: Sequence[Attempt]) -> None:
        raise ZeroDivisionError(len(tries))
