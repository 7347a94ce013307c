"""Backfill: have done what a survey found, see it through, and stop before the budget is spent.

What the list of originals leads to is fed to the queue by the state machine; what only records and
renditions lead to is sent from here. A run with a budget goes on only as long as somebody keeps
count: its permission ends soon, and is renewed at every look.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from imagemill.backfill.estimate import BackfillPlan, EstimateInputs, cost_of
from imagemill.backfill.survey import BY_LISTING, DueImage, Reason
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.clock import Clock
from imagemill.domain.reconciliation import Reconciliation, to_message
from imagemill.domain.record import SETTLED, ImageRecord
from imagemill.domain.rendition_metadata import StoredState

PERMISSION_S = 60
"""How long a run with a budget goes on by itself when nobody keeps count any more."""
LOOK_EVERY_S = 1.0
_WINDOW = 500
"""Of what is left, so much is looked at each time; it is worked on about in order."""
_FEEDING = 500
"""Messages that the state machine may send before it sees that it should stop."""
_IDLE_LOOKS = 5
"""So often nothing may be under way before what is left is given up."""
_FOREVER = "9999-12-31T23:59:59.000Z"
_LONG_AGO = "1970-01-01T00:00:00.000Z"


class Runs(Protocol):
    """The state machine's executions, and what they may do."""

    def permit(self, run: BackfillRun, open_until: str, now_s: int) -> None:
        """Let a run go on until then, and note what it spent."""

    def start(self, run: BackfillRun, prefix: str, backlog: int) -> None:
        """Feed the queue with every original under the prefix while less than `backlog` waits."""

    def is_feeding(self, run: BackfillRun) -> bool:
        """Tell whether the run's execution goes on."""

    def stop(self, run: BackfillRun) -> None:
        """End the run's execution, if it has one that goes on."""


class WorkQueue(Protocol):
    """The queue that the resizer works from."""

    def send(self, messages: Sequence[str]) -> None:
        """Send messages."""

    def depth(self) -> tuple[int, int]:
        """Return about how many messages wait, and how many are being worked on or will be."""


class RecordReader(Protocol):
    """The table of records, read many at a time."""

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records there are, by id."""


class Renditions(Protocol):
    """The processed bucket, as far as it is asked what stands there."""

    def state(self, key: str) -> StoredState | None:
        """Return what stands under the key; None if nothing does."""


@dataclass(frozen=True, slots=True)
class BackfillDeps:
    """Everything that a backfill needs."""

    runs: Runs
    queue: WorkQueue
    records: RecordReader
    renditions: Renditions
    clock: Clock
    pause: Callable[[float], None]
    terms: EstimateInputs

    @property
    def backlog(self) -> int:
        """Messages that may wait in the queue; uploads that come meanwhile wait behind them."""
        return 10 * self.terms.concurrency


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: images done and left, dollars, and why it stops, empty while it goes on.

    `end` is `done`, `budget`, or `left` when nothing is under way any more and something failed.
    """

    done: int
    left: int
    spent: float
    end: str = ""


@dataclass(slots=True)
class RunState:
    """What a run has done so far; `fixed` dollars are spent on looking, whatever is found."""

    plan: BackfillPlan
    fixed: float
    left: deque[DueImage]
    to_send: deque[DueImage]
    ended: int = 0
    dollars: float = 0.0
    idle: int = 0
    expected: float = 0.0
    """What was estimated for those that ended."""

    def end(self, dollars: float, expected: float) -> None:
        """Count one that is done."""
        self.ended += 1
        self.idle = 0
        self.dollars += dollars
        self.expected += expected

    def committed(self, in_flight: int, terms: EstimateInputs) -> float:
        """Return what is spent, and what the next ones will cost, which may be in flight."""
        pace = max(1.0, self.dollars / self.expected if self.expected else 1.0)
        coming = sum(cost_of(due, due.ms, terms) for due in islice(self.left, in_flight))
        return self.fixed + self.dollars + pace * coming


def begin(run: BackfillRun, plan: BackfillPlan, site: BackfillDeps) -> None:
    """Start a run; what is to be sent from here follows."""
    site.runs.permit(run, _open_until(run, site.clock), site.clock.now_s())
    if plan.fed:
        site.runs.start(run, plan.prefix, site.backlog)


def follow(run: BackfillRun, plan: BackfillPlan, site: BackfillDeps) -> Iterator[Progress]:
    """Yield how far a run is, look by look, until it ends; leaving early stops nothing.

    Raises TransientFault when a store fails.
    """
    tally = _new_tally(plan, site.terms)
    while True:
        _send_some(tally, run, site)
        _count(tally, site)
        spent, end = _look(tally, run, site)
        if end == "budget":
            halt(replace(run, spent=spent), site)
        yield Progress(tally.ended, len(tally.left), spent, end)
        if end:
            return
        site.pause(LOOK_EVERY_S)


def halt(run: BackfillRun, site: BackfillDeps) -> None:
    """Stop feeding the queue; what is in it is still worked on."""
    site.runs.permit(run, _LONG_AGO, site.clock.now_s())
    site.runs.stop(run)


def must_stop(committed: float, spent_before: float, budget: float | None) -> bool:
    """Tell whether letting more into the queue could spend more than the budget, in dollars."""
    return budget is not None and spent_before + committed > budget


def _new_tally(plan: BackfillPlan, terms: EstimateInputs) -> RunState:
    images = sum(cost_of(due, due.ms, terms) for due in plan.due)
    return RunState(
        plan=plan,
        fixed=plan.bill.total - images,
        left=deque(plan.due),
        to_send=deque(due for due in plan.due if due.why not in BY_LISTING),
    )


def _send_some(tally: RunState, run: BackfillRun, site: BackfillDeps) -> None:
    """Send what the state machine knows nothing of, as far as there is room in the queue."""
    if not tally.to_send:
        return
    waiting, _ = site.queue.depth()
    some = list(islice(tally.to_send, max(0, site.backlog - waiting)))
    tasks = (Reconciliation(due.key, run.concerns, renditions=due.renditions) for due in some)
    site.queue.send([to_message(task) for task in tasks])
    for _ in some:
        tally.to_send.popleft()


def _count(tally: RunState, site: BackfillDeps) -> None:
    """Take away from what is left what is done."""
    window = [tally.left.popleft() for _ in range(min(_WINDOW, len(tally.left)))]
    records = site.records.get_many(list({due.id for due in window}))
    left = []
    for due in window:
        if _is_done(due, records, site):
            dollars = cost_of(due, _measured(due, records), site.terms)
            tally.end(dollars, cost_of(due, due.ms, site.terms))
        else:
            left.append(due)
    tally.left.extendleft(reversed(left))


def _look(tally: RunState, run: BackfillRun, site: BackfillDeps) -> tuple[float, str]:
    """Renew the permission; return what is spent and committed, and why to stop, if so."""
    feeding = site.runs.is_feeding(run)
    under_way = sum(site.queue.depth())
    in_flight = min(len(tally.left), under_way + (_FEEDING if feeding else 0))
    committed = tally.committed(in_flight, site.terms)
    spent = run.spent + committed
    if not tally.left and not feeding:
        site.runs.permit(replace(run, spent=spent), _LONG_AGO, site.clock.now_s())
        return spent, "done"
    if must_stop(committed, run.spent, run.budget):
        return spent, "budget"
    tally.idle = 0 if feeding or under_way or tally.to_send else tally.idle + 1
    if tally.idle >= _IDLE_LOOKS:
        return spent, "left"
    if run.budget is not None:
        now = replace(run, spent=spent)
        site.runs.permit(now, _open_until(run, site.clock), site.clock.now_s())
    return spent, ""


def _is_done(due: DueImage, records: Mapping[str, ImageRecord], site: BackfillDeps) -> bool:
    """Tell whether an image needs no work any more; one that failed may still be tried again."""
    record = records.get(due.id)
    if due.why is Reason.STRAY:
        listed = {made.key for made in record.renditions.values()} if record else set()
        unlisted = (key for key in due.renditions if key not in listed)
        states = map(site.renditions.state, unlisted)
        return all(state is None or state.is_removed for state in states)
    if due.why is Reason.GONE:
        return record is None or record.status == "deleted"
    return record is not None and record.revision > due.revision and record.status in SETTLED


def _measured(due: DueImage, records: Mapping[str, ImageRecord]) -> float:
    """Return what an image took by its record (ms)."""
    record = records.get(due.id)
    if due.why in BY_LISTING and record and record.processing_ms is not None:
        return record.processing_ms
    return due.ms


def _open_until(run: BackfillRun, clock: Clock) -> str:
    if run.budget is None:
        return _FOREVER
    end = datetime.fromtimestamp(clock.now_s() + PERMISSION_S, UTC)
    return end.strftime("%Y-%m-%dT%H:%M:%S.000Z")
