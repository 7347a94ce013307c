"""Observe: where the time of a try goes and what it moves, for logs, metrics and traces."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Literal, Protocol

from imagemill.domain.clock import Clock
from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.deps import Originals, PipelineDeps, Records, Renditions
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe import Recipe


class Stage(StrEnum):
    """A part of the work on an image."""

    DOWNLOAD = "download"
    """Asking the bucket of originals."""
    RENDER = "render"
    UPLOAD = "upload"
    """Asking the bucket of renditions."""
    RECORD = "record"
    """Asking the table."""


@dataclass(slots=True)
class AttemptMetrics:
    """What one try has taken so far: milliseconds by stage without waiting its turn, and bytes.

    `sandbox` says what became of the sandboxed decoder, as `Rendered.sandbox`; None without a
    image.
    """

    ms: dict[Stage, int] = field(default_factory=dict)
    bytes_in: int = 0
    bytes_out: int = 0
    renditions: int = 0
    sandbox: str | None = None


Status = Outcome | Literal["again", "failed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try at a task ended; `code` says why, where there is something to say.

    `again` comes again; `failed` as text came for the last time and goes to
    the dead-letter queue, while Outcome.FAILED is acknowledged.
    `queue_ms` is how long ago the message was sent when the try began.
    """

    status: Status
    code: str | None
    attempt: int
    queue_ms: int
    tally: AttemptMetrics


class Observer(Protocol):
    """Who is told how work goes."""

    def stage(self, stage: Stage) -> AbstractContextManager[object]:
        """Return what is entered while a stage lasts; several threads do so at once."""

    def count(self, tries: Sequence[Attempt]) -> None:
        """Take the tries of a batch into account."""


class NullObserver:
    """Implements `Observer`, and does not care."""

    def stage(self, stage: Stage) -> AbstractContextManager[object]:  # noqa: ARG002  # ditto
        """Return what does nothing."""
        return nullcontext()

    def count(self, tries: Sequence[Attempt]) -> None:
        """Do nothing."""


def observed(place: PipelineDeps, tally: AttemptMetrics, observer: Observer) -> PipelineDeps:
    """Return the workshop as one that keeps the tally and tells of its stages.

    Its clock decides what counts: the clock of `workflows.room` stands still for who waits.
    """
    timer = _Timer(tally, place.clock, observer)
    return replace(
        place,
        records=_Records(place.records, timer),
        originals=_Originals(place.originals, timer),
        renditions=_Renditions(place.renditions, timer),
        render=partial(_render, place.render, timer),
    )


@dataclass(frozen=True, slots=True)
class _Timer:
    tally: AttemptMetrics
    clock: Clock
    observer: Observer

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        began = self.clock.monotonic_ms()
        try:
            with self.observer.stage(stage):
                yield
        finally:
            taken = self.clock.monotonic_ms() - began
            self.tally.ms[stage] = self.tally.ms.get(stage, 0) + taken


def _render(
    render: Callable[[bytes, Recipe, Limits], Rendered],
    timer: _Timer,
    *job: *tuple[bytes, Recipe, Limits],
) -> Rendered:
    with timer.stage(Stage.RENDER):
        rendered = render(*job)
    timer.tally.sandbox = rendered.sandbox
    return rendered


@dataclass(frozen=True, slots=True)
class _Records:
    """Implements `workflows.workshop.Records`."""

    records: Records
    timer: _Timer

    def get(self, image_id: str) -> ImageRecord | None:
        with self.timer.stage(Stage.RECORD):
            return self.records.get(image_id)

    def put(self, record: ImageRecord) -> bool:
        with self.timer.stage(Stage.RECORD):
            return self.records.put(record)


@dataclass(frozen=True, slots=True)
class _Originals:
    """Implements `workflows.workshop.Originals`."""

    originals: Originals
    timer: _Timer

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = bool) -> bytes | None:
        with self.timer.stage(Stage.DOWNLOAD):
            data = self.originals.read(event, look)
        self.timer.tally.bytes_in += len(data or b"")
        return data

    def current(self, key: str) -> ObjectEvent | None:
        with self.timer.stage(Stage.DOWNLOAD):
            return self.originals.current(key)


@dataclass(frozen=True, slots=True)
class _Renditions:
    """Implements `workflows.workshop.Renditions`."""

    renditions: Renditions
    timer: _Timer

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        with self.timer.stage(Stage.UPLOAD):
            result = self.renditions.put(key, data, metadata, may_replace=may_replace)
        if result.placement in {Placement.CREATED, Placement.REPLACED}:
            self.timer.tally.bytes_out += len(data)
            self.timer.tally.renditions += 1
        return result

    def state(self, key: str) -> StoredState | None:
        with self.timer.stage(Stage.UPLOAD):
            return self.renditions.state(key)

    def read(self, key: str, state: StoredState) -> bytes | None:
        with self.timer.stage(Stage.UPLOAD):
            return self.renditions.read(key, state)

    def remove(self, key: str, up_to: Precedence) -> bool:
        with self.timer.stage(Stage.UPLOAD):
            return self.renditions.remove(key, up_to)
