"""Measurements of one attempt at a task: the time of each stage and the bytes it moved."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from enum import StrEnum
from typing import Literal, Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.pipeline.outcome import Outcome


class Stage(StrEnum):
    """A stage of handling a task."""

    DOWNLOAD = "download"
    """Calls to the bucket of originals."""
    RENDER = "render"
    UPLOAD = "upload"
    """Calls to the bucket of renditions."""
    RECORD = "record"
    """Calls to the table of records."""


@dataclass(slots=True)
class AttemptMetrics:
    """Measurements of one attempt so far: milliseconds by stage, without waiting, and bytes.

    `sandbox` and `compiled` are those of `Rendered`; None and 0 if nothing was rendered.
    """

    ms: dict[Stage, int] = field(default_factory=dict)
    bytes_in: int = 0
    bytes_out: int = 0
    renditions: int = 0
    sandbox: str | None = None
    compiled: int = 0


@dataclass(slots=True)
class StageTimer:
    """Measures one attempt at a task; the time that it waits for a slot does not count."""

    clock: Clock
    metrics: AttemptMetrics = field(default_factory=AttemptMetrics)
    waited_ms: int = 0

    def busy_ms(self) -> int:
        """Return the clock's milliseconds without those spent in `waiting`."""
        return self.clock.monotonic_ms() - self.waited_ms

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Add the time that the block takes to a stage, also if it raises."""
        began = self.busy_ms()
        try:
            yield
        finally:
            self.metrics.ms[stage] = self.metrics.ms.get(stage, 0) + self.busy_ms() - began

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Leave the time that the block takes out of every measurement."""
        began = self.clock.monotonic_ms()
        yield
        self.waited_ms += self.clock.monotonic_ms() - began


Status = Outcome | Literal["again", "failed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt at a task ended; `code` is the error code, if there is one.

    Status `again`: the queue delivers the task again. Status "failed": it was the last delivery,
    and the message goes to the dead-letter queue; a task with Outcome.FAILED is acknowledged.
    `queue_ms` is the age of the message when the attempt began, ms.
    """

    status: Status
    code: str | None
    attempt: int
    queue_ms: int
    metrics: AttemptMetrics


class Observer(Protocol):
    """Publishes metrics."""

    def publish(self, attempts: Sequence[Attempt]) -> None:
        """Publish the metrics of a batch."""


class NullObserver:
    """Observer that does nothing."""

    def publish(self, attempts: Sequence[Attempt]) -> None:
        """Do nothing."""
