"""A stack in memory for tests of backfills; each pause processes messages of the queue."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fakes.cloud import NOON, FakeRecordTable, ready_record
from imagemill.backfill.estimate import EstimateInputs
from imagemill.backfill.execute import BackfillDeps
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.ignored import KeyFilter
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import Listed, StoredObject
from imagemill.domain.record import EngineLimits, ImageRecord
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

NOON_S = 1_777_896_000
RECIPE = Recipe.parse("500")
RULES = RecipeRules.plain(RECIPE)
# Originals of a page, as in S3.
PAGE = 1_000


@dataclass
class FakeScan:
    """Implements `backfill.survey.StackScan`."""

    table: FakeRecordTable
    listed: dict[str, Listed] = field(default_factory=dict)
    stored: dict[str, StoredObject] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    """Originals created after the listing."""
    made_for: dict[str, Precedence] = field(default_factory=dict)
    """The precedences of variants."""

    def originals(self, prefix: str) -> Iterator[list[Listed]]:
        found = [self.listed[key] for key in sorted(self.listed) if key.startswith(prefix)]
        for start in range(0, len(found), PAGE):
            yield found[start : start + PAGE]

    def records_of(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        return {image: self.table.items[image] for image in ids if image in self.table.items}

    def records(self) -> Iterator[list[ImageRecord]]:
        yield list(self.table.items.values())

    def renditions(self) -> Iterator[list[StoredObject]]:
        yield list(self.stored.values())

    def precedences(self, keys: Sequence[str]) -> dict[str, Precedence]:
        return {key: self.made_for[key] for key in keys if key in self.made_for}

    def has_original(self, key: str) -> bool:
        return key in self.listed or key in self.late


@dataclass
class FakeRuns:
    """Implements `backfill.execute.Runs`."""

    when_started: Callable[[str], None]
    last: BackfillRun | None = None
    sending: bool = False
    log: list[str] = field(default_factory=list)
    permissions: list[str] = field(default_factory=list)

    def latest(self) -> BackfillRun | None:
        return self.last

    def permit(self, run: BackfillRun, open_until: str, now_s: int) -> None:
        assert now_s
        self.last = run
        self.permissions.append(open_until)

    def start(self, run: BackfillRun, prefix: str, backlog: int) -> None:
        self.log.append(f"start {run.name[:8]} {prefix!r} {backlog}")
        self.sending = True
        self.when_started(prefix)

    def is_sending(self, run: BackfillRun) -> bool:
        return self.sending and self.last is not None and self.last.name == run.name

    def stop(self, run: BackfillRun) -> None:
        self.log.append(f"stop {run.name[:8]}")
        self.sending = False


@dataclass
class FakeBackfillStack:
    """Implements `cli.cloud.BackfillClient` and every dependency of its `BackfillDeps`."""

    table: FakeRecordTable = field(default_factory=FakeRecordTable)
    recipes: RecipeRules = RULES
    engine: EngineLimits | None = None
    keys: KeyFilter | None = None
    waiting: deque[str] = field(default_factory=deque)
    sent: list[str] = field(default_factory=list)
    takes_ms: int = 42
    is_broken: bool = False
    """Whether processing fails."""
    broken: frozenset[str] = frozenset()
    """Keys whose processing fails."""
    at_once: int = 1
    """Messages that a pause processes."""
    interrupt: bool = False
    """Whether the first pause raises KeyboardInterrupt."""
    interrupt_after: int | None = None
    """Number of messages after which the next request to the queue raises KeyboardInterrupt."""
    now_s_: int = NOON_S

    def __post_init__(self) -> None:
        self.scan = FakeScan(self.table)
        self.runs = FakeRuns(self._feed)
        self.deps = BackfillDeps(
            self.runs,
            self,
            self.table,
            self,
            self,
            self._work,
            EstimateInputs(concurrency=2, memory_mb=DEFAULT_MEMORY_MB),
        )

    def add_original(self, key: str, size: int = 300_000) -> None:
        """Store an original without a record."""
        self.scan.listed[key] = Listed(key, size, "etag of v1", NOON_S)

    def add_image(self, key: str, recipe: str = RECIPE.hash) -> ImageRecord:
        """Store an original with its record and its rendition."""
        self.add_original(key)
        record = self.table.add(replace(ready_record(key), recipe=recipe))
        for made in record.renditions.values():
            self.scan.stored[made.key] = StoredObject(made.key, made.bytes)
        return record

    # methods of the queue, the processed bucket and the clock

    def send(self, messages: Sequence[str]) -> None:
        self.sent += messages
        facts = [json.loads(message) for message in messages]
        keys = [fact["Key"] for fact in facts if not fact["Renditions"]]
        self.waiting.extend(key for key in keys if key in self.scan.listed)

    def depth(self) -> tuple[int, int]:
        if self.interrupt_after is not None and len(self.sent) >= self.interrupt_after:
            raise KeyboardInterrupt
        return len(self.waiting), 0

    def state(self, key: str) -> StoredState | None:
        is_there = key in self.scan.stored and not self.sent
        return StoredState("e", Precedence("01"), 1) if is_there else None

    def remove(self, key: str, up_to: Precedence) -> bool:
        assert up_to > self.scan.made_for[key]
        return self.scan.stored.pop(key, None) is not None

    def now(self) -> str:
        return NOON

    def now_s(self) -> int:
        return self.now_s_

    def monotonic_ms(self) -> int:
        return 0

    def _feed(self, prefix: str) -> None:
        self.waiting.extend(key for key in self.scan.listed if key.startswith(prefix))

    def _work(self, _: float) -> None:
        """Process messages, and end the run when none is left."""
        if self.interrupt:
            raise KeyboardInterrupt
        if self.is_broken:
            self.waiting.clear()
        for _ in range(min(self.at_once, len(self.waiting))):
            key = self.waiting.popleft()
            if key not in self.broken:
                self._make(key)
        self.runs.sending = bool(self.waiting)

    def _make(self, key: str) -> None:
        before = self.table.items.get(image_id(key))
        made = replace(
            ready_record(key), recipe=self.recipes.recipe_of(key).hash, processing_ms=self.takes_ms
        )
        self.table.add(replace(made, revision=before.revision + 1 if before else 1))
