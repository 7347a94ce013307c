"""Observers that record, or fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.pipeline.telemetry import Attempt


@dataclass
class FakeObserver:
    """Implements `pipeline.telemetry.Observer` and records its calls."""

    attempts: list[Attempt] = field(default_factory=list)

    def publish(self, attempts: Sequence[Attempt]) -> None:
        self.attempts += attempts


class BrokenObserver(FakeObserver):
    """Raises for every batch."""

    def publish(self, attempts: Sequence[Attempt]) -> None:
        raise ZeroDivisionError(len(attempts))
