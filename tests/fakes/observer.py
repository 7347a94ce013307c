"""Observers that record, or fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.pipeline.telemetry import Attempt


@dataclass
class FakeObserver:
    """Implements `pipeline.telemetry.Observer` and records its calls."""

    tries: list[Attempt] = field(default_factory=list)

    def count(self, tries: Sequence[Attempt]) -> None:
        self.tries += tries


class BrokenObserver(FakeObserver):
    """Raises for every batch."""

    def count(self, tries: Sequence[Attempt]) -> None:
        raise ZeroDivisionError(len(tries))
