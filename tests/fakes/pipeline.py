"""The pipeline over fakes, with its calls and announcements."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fakes.events import created
from fakes.images import jpeg
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions
from imagemill.domain.deployment import Deployment
from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import ImageRecord, Status
from imagemill.errors import OriginalArchived, StoreUnavailable
from imagemill.imaging import Rendered
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe_rules import RecipeRules


@dataclass
class RacedRecords(FakeRecords):
    """A table where another worker writes before the next write."""

    before_put: Callable[[], None] | None = None
    statuses: list[Status] = field(default_factory=list)
    """The status of each record written, in order."""

    def put(self, record: ImageRecord) -> bool:
        act, self.before_put = self.before_put, None
        if act:
            act()
        was_written = super().put(record)
        self.statuses += [record.status] if was_written else []
        return was_written


class Pipeline:
    """The pipeline over fakes, with its calls and announcements."""

    def __init__(self, recipe: str = "p=20") -> None:
        self.records = RacedRecords()
        self.originals = FakeOriginals()
        self.renditions = FakeRenditions()
        self.announced: list[ImageRecord] = []
        deps = fake_deps(self.originals, self.records, self.renditions, recipe)
        self.deps = replace(deps, announce=self.announced.append)

    def put(self, event: ObjectEvent, data: bytes | None = None, attempt: int = 1) -> Outcome:
        return handle_task(self.originals.add(event, data or jpeg()), self.deps, attempt)

    def clear_logs(self) -> None:
        for seen in (
            self.records.calls,
            self.records.statuses,
            self.renditions.calls,
            self.announced,
        ):
            seen.clear()

    @property
    def record(self) -> ImageRecord:
        return self.records.items[created().id]


class ArchivedOriginals(FakeOriginals):
    """A bucket in which every object is archived."""

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        del event, check
        raise OriginalArchived("restore it")


def deployed(deps: PipelineDeps, recipe: str) -> PipelineDeps:
    """Return dependencies of a later deployment with another recipe."""
    later = Deployment(since=1)
    return replace(deps, recipes=RecipeRules.parse(recipe), deployment=lambda: later)


def killed(*_: object) -> Rendered:
    """Stop as a function that has reached its timeout."""
    raise KeyboardInterrupt


def unavailable(*_: object) -> Rendered:
    """Fail as a store that is not available."""
    raise StoreUnavailable("no answer")
