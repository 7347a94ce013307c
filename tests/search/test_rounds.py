"""Every task ends within a few rounds, from every state of record, renditions and original."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import pytest
from fakes.decisions import MINE, NOW_S, RECIPE
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions

from imagemill.domain.event import ObjectEvent
from imagemill.domain.notification import Task
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import FINAL, ImageRecord, precedence_of
from imagemill.domain.rendition_metadata import Precedence, RenditionMetadata, StoredState
from imagemill.errors import ImagemillError, Throttled
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.facts import is_late
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe_rules import RecipeRules
from search.domain import CURRENT, EVENTS, RECONCILIATIONS, RECORDS, STATES
from search.world import render_in_words

# Most times that a task reads the record while no other worker writes. A reconciliation takes
# three rounds at most; each reads it once, and once more to yield to a higher precedence.
MOST_READS = 6
CONTENTS = {"v1": b"good one", "other": b"bad"}


@dataclass
class Bench:
    """Stores in one state of the domain."""

    record: ImageRecord | None
    state: StoredState | None
    current: ObjectEvent | None
    records: FakeRecords = field(default_factory=FakeRecords)
    originals: FakeOriginals = field(default_factory=FakeOriginals)
    renditions: FakeRenditions = field(default_factory=FakeRenditions)

    def __post_init__(self) -> None:
        if self.record:
            self.records.items[self.record.id] = self.record
        if self.current:
            data = CONTENTS[self.current.version_id]
            self.originals.versions[self.current.key, self.current.version_id] = data
            self.originals.heads[self.current.key] = self.current
        if self.state and self.state.is_removed:
            self.renditions.markers[MINE] = self.state.precedence
        elif self.state:
            metadata = RenditionMetadata(self.state.precedence, "image/jpeg", "inline")
            self.renditions.objects[MINE] = (b"stored", metadata)

    @property
    def deps(self) -> PipelineDeps:
        deps = fake_deps(self.originals, self.records, self.renditions)
        return replace(deps, recipes=RecipeRules.plain(RECIPE), render=render_in_words)

    def handle(self, task: Task) -> Outcome | ImagemillError:
        """Handle a task as its first delivery; return the error if it raises one."""
        self.records.calls.clear()
        try:
            return handle_task(task, self.deps)
        except ImagemillError as fault:
            return fault

    @property
    def has_newer(self) -> bool:
        """Whether a rendition of a newer event or deployment stands there, and no record of it."""
        newest = precedence_of(self.record) if self.record else Precedence("")
        return self.state is not None and self.state.precedence > newest

    @property
    def snapshot(self) -> tuple[dict[str, ImageRecord], set[str]]:
        """The records, and the keys that hold a rendition."""
        return dict(self.records.items), set(self.renditions.objects)


TASKS: list[Task] = [*EVENTS, *RECONCILIATIONS]
# Tasks that need not be handled twice; a rejected image is tried again as often as it is asked.
REPEATABLE: list[Task] = [
    *EVENTS,
    *(task for task in RECONCILIATIONS if Concern.REJECTED not in task.concerns),
]


def benches(task: Task) -> Iterator[Bench]:
    """Yield every state of record, rendition and original in which the task decides by itself.

    Without a record, a late event is replaced by a look at the bucket.
    """
    is_late_event = isinstance(task, ObjectEvent) and is_late(task, NOW_S)
    for record, state, current in product(RECORDS, STATES, CURRENT):
        if record or not is_late_event:
            yield Bench(record, state, current)


@pytest.mark.parametrize("number", range(len(TASKS)))
def test_a_task_ends_within_three_rounds_or_waits_for_another_worker(number: int) -> None:
    task = TASKS[number]

    ends = [(bench, bench.handle(task)) for bench in benches(task)]

    late = [bench for bench, _ in ends if bench.records.calls.count("get") > MOST_READS]
    faults = [(bench, end) for bench, end in ends if not isinstance(end, Outcome)]
    odd = [(b, end) for b, end in faults if not (isinstance(end, Throttled) and b.has_newer)]
    assert (late[:1], odd[:1]) == ([], [])


@pytest.mark.parametrize("number", range(len(REPEATABLE)))
def test_a_task_that_is_handled_again_changes_nothing(number: int) -> None:
    task = REPEATABLE[number]
    changed = []

    for bench in benches(task):
        revision = bench.record.revision if bench.record else 0
        if isinstance(bench.handle(task), ImagemillError):
            continue
        if isinstance(task, Reconciliation) and Concern.REQUESTED in task.concerns:
            # A request names the revision that its caller saw. If the record is lost, its successor
            # begins with the first one, and deliveries make the image again until it is passed.
            for _ in range(task.revision - revision):
                bench.handle(task)
        before = bench.snapshot
        bench.handle(task)
        if bench.snapshot != before:
            changed.append((bench, before))

    assert changed[:1] == []


@pytest.mark.parametrize("number", range(len(EVENTS)))
def test_an_event_leaves_no_older_record(number: int) -> None:
    event = EVENTS[number]
    older = []

    for bench in benches(event):
        before = bench.record.sequencer if bench.record else ""
        if bench.handle(event) in {Outcome.READY, Outcome.REJECTED, Outcome.DELETED}:
            [after] = bench.records.items.values()
            if after.sequencer < max(before, event.sequencer) or after.status not in FINAL:
                older.append(bench)

    assert older[:1] == []
