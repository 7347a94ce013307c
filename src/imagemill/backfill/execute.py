"""Execute a backfill: queue the images that a survey found, and stop before the budget is spent.

The state machine lists the originals and sends a message for each to the queue. Images that only
records and renditions show to be wrong are sent from here. A run with a budget has a permission
that ends soon and is renewed at every check, so that it stops when the client is gone.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from imagemill.backfill.due import BY_LISTING, DueImage, Reason
from imagemill.backfill.estimate import BackfillPlan, EstimateInputs, cost_of
from imagemill.dataclass import dataclass
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.clock import Clock
from imagemill.domain.reconciliation import Reconciliation, to_message
from imagemill.domain.record import SETTLED, ImageRecord, precedence_of
from imagemill.domain.rendition_metadata import StoredState, of_deletion
from imagemill.domain.stores import RecordBatchReader, RenditionRemovals

# Time for which a run with a budget continues after the last check, s.
PERMISSION_S = 60
# Time between two checks of the progress, s.
CHECK_INTERVAL_S = 1.0
# Least and largest number of images left that one check reads the records of. Work is roughly in
# their order, so a check reads twice as many as the last one has found done.
_LEAST_RECORDS = 50
_MOST_RECORDS = 5_000
# Messages that the state machine may send before it notices that its permission has ended.
_MAX_OVERRUN_MESSAGES = 500
# Successive checks without any message in the queue after which the rest counts as failed.
_IDLE_CHECKS = 5
# Messages that may wait for each worker: they last for about two seconds, and the state machine
# looks at the queue every second.
_BACKLOG_A_WORKER = 20
_FOREVER = "9999-12-31T23:59:59.000Z"
_LONG_AGO = "1970-01-01T00:00:00.000Z"


class Runs(Protocol):
    """The executions of the state machine, and their permissions."""

    def permit(self, run: BackfillRun, open_until: str, now_s: int) -> None:
        """Permit a run to continue until a time, and store its spending."""

    def start(self, run: BackfillRun, prefix: str, backlog: int) -> None:
        """Queue every original with the prefix while fewer than `backlog` messages wait."""

    def is_sending(self, run: BackfillRun) -> bool:
        """Return whether the run's execution still sends messages."""

    def stop(self, run: BackfillRun) -> None:
        """Stop the run's execution, if it is running."""


class WorkQueue(Protocol):
    """The queue of the resize function."""

    def send(self, messages: Sequence[str]) -> None:
        """Send messages."""

    def depth(self) -> tuple[int, int]:
        """Return the approximate numbers of visible messages, and of those in flight or delayed."""


@dataclass(frozen=True, slots=True)
class BackfillDeps:
    """The dependencies of a backfill."""

    runs: Runs
    queue: WorkQueue
    records: RecordBatchReader
    renditions: RenditionRemovals
    clock: Clock
    pause: Callable[[float], None]
    inputs: EstimateInputs

    @property
    def backlog(self) -> int:
        """Most messages that may wait in the queue; new uploads wait behind them."""
        return _BACKLOG_A_WORKER * self.inputs.concurrency


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run: numbers of images done and left, and dollars spent or committed.

    `end` is empty while the run continues, then `done`, `budget`, or `left`: the queue is empty,
    and some images have failed.
    """

    done: int
    left: int
    spent: float
    end: str = ""


@dataclass(slots=True)
class RunState:
    """The state of a run; `fixed` are the dollars for looking, whether work is found or not."""

    plan: BackfillPlan
    fixed: float
    left: deque[DueImage]
    to_send: deque[DueImage]
    ended: int = 0
    dollars: float = 0.0
    idle: int = 0
    window: int = _LEAST_RECORDS
    """Number of images left that the next check reads the records of."""
    read_idle: int = 0
    """Images left that were read since the queue is empty."""
    expected: float = 0.0
    """Estimated cost of the images that are done, dollars."""

    def end(self, dollars: float, expected: float) -> None:
        """Count one image that is done."""
        self.ended += 1
        self.idle = 0
        self.dollars += dollars
        self.expected += expected

    def committed(self, in_flight: int, inputs: EstimateInputs) -> float:
        """Return the dollars spent, and the expected cost of the images that may be in flight."""
        pace = max(1.0, self.dollars / self.expected if self.expected else 1.0)
        coming = sum(cost_of(due, due.ms, inputs) for due in islice(self.left, in_flight))
        return self.fixed + self.dollars + pace * coming


def begin(run: BackfillRun, plan: BackfillPlan, deps: BackfillDeps) -> None:
    """Start a run; `follow` sends the messages that do not come from the listing."""
    permit(run, deps)
    if plan.listed:
        deps.runs.start(run, plan.prefix, deps.backlog)


def follow(run: BackfillRun, plan: BackfillPlan, deps: BackfillDeps) -> Iterator[Progress]:
    """Yield the progress of a run at every check until it ends; leaving early stops nothing.

    Raises TransientFault when a store fails.
    """
    state = _new_state(plan, deps.inputs)
    while True:
        _send_some(state, run, deps)
        _count(state, deps)
        spent, end = _check(state, run, deps)
        if end == "budget":
            halt(replace(run, spent=spent), deps)
        yield Progress(state.ended, len(state.left), spent, end)
        if end:
            return
        deps.pause(CHECK_INTERVAL_S)


def permit(run: BackfillRun, deps: BackfillDeps) -> None:
    """Store the run as the latest one, and permit it: for a minute if it has a budget."""
    deps.runs.permit(run, _open_until(run, deps.clock), deps.clock.now_s())


def halt(run: BackfillRun, deps: BackfillDeps) -> None:
    """Send no more messages to the queue; the messages in it are still processed."""
    deps.runs.permit(run, _LONG_AGO, deps.clock.now_s())
    deps.runs.stop(run)


def must_stop(committed: float, spent_before: float, budget: float | None) -> bool:
    """Return whether more messages in the queue could exceed the budget, in dollars."""
    return budget is not None and spent_before + committed > budget


def _new_state(plan: BackfillPlan, inputs: EstimateInputs) -> RunState:
    images = sum(cost_of(due, due.ms, inputs) for due in plan.due)
    return RunState(
        plan=plan,
        fixed=plan.bill.total - images,
        left=deque(plan.due),
        to_send=deque(due for due in plan.due if due.why not in BY_LISTING),
    )


def _send_some(state: RunState, run: BackfillRun, deps: BackfillDeps) -> None:
    """Send messages that do not come from the listing, up to the backlog.

    Variants of an image whose key is not known are removed here, because a message names the key.
    """
    if not state.to_send:
        return
    waiting, _ = deps.queue.depth()
    some = list(islice(state.to_send, max(0, deps.backlog - waiting)))
    for due in some:
        if not due.key:
            _remove(due, deps)
    known = [due for due in some if due.key]
    tasks = (Reconciliation(due.key, run.concerns, renditions=due.renditions) for due in known)
    deps.queue.send([to_message(task) for task in tasks])
    for _ in some:
        state.to_send.popleft()


def _remove(due: DueImage, deps: BackfillDeps) -> None:
    """Remove the variants of an image without a record, as a deletion after the variant would."""
    for key in due.renditions:
        state = deps.renditions.state(key)
        if state and not state.is_removed:
            deps.renditions.remove(key, of_deletion(state.precedence.sequencer))


def _count(state: RunState, deps: BackfillDeps) -> None:
    """Remove finished images from those left, and count them.

    While the queue is empty, others are read at each check: those in front may have failed.
    """
    is_idle = state.idle > 0
    size = min(_MOST_RECORDS if is_idle else state.window, len(state.left))
    window = [state.left.popleft() for _ in range(size)]
    records = deps.records.get_many(list({due.id for due in window}))
    left = []
    for due in window:
        if _is_done(due, records, deps):
            dollars = cost_of(due, _measured(due, records), deps.inputs)
            state.end(dollars, cost_of(due, due.ms, deps.inputs))
        else:
            left.append(due)
    state.window = min(_MOST_RECORDS, max(_LEAST_RECORDS, 2 * (size - len(left))))
    if is_idle:
        state.left.extend(left)
        state.read_idle += len(left)
    else:
        state.left.extendleft(reversed(left))


def _check(state: RunState, run: BackfillRun, deps: BackfillDeps) -> tuple[float, str]:
    """Renew the permission; return the dollars spent or committed, and any reason to stop."""
    is_sending = deps.runs.is_sending(run)
    under_way = sum(deps.queue.depth())
    in_flight = min(len(state.left), under_way + (_MAX_OVERRUN_MESSAGES if is_sending else 0))
    committed = state.committed(in_flight, deps.inputs)
    spent = run.spent + committed
    if not state.left and not is_sending:
        deps.runs.permit(replace(run, spent=spent), _LONG_AGO, deps.clock.now_s())
        return spent, "done"
    if must_stop(committed, run.spent, run.budget):
        return spent, "budget"
    state.idle = 0 if is_sending or under_way or state.to_send else state.idle + 1
    if state.idle <= 1:
        state.read_idle = 0
    if state.idle >= _IDLE_CHECKS and state.read_idle >= len(state.left):
        return spent, "left"
    if run.budget is not None:
        permit(replace(run, spent=spent), deps)
    return spent, ""


def _is_done(due: DueImage, records: Mapping[str, ImageRecord], deps: BackfillDeps) -> bool:
    """Return whether an image needs no more work; a failed one may still be tried again."""
    record = records.get(due.id)
    if due.why in {Reason.STRAY, Reason.OUTDATED, Reason.ORPHANED}:
        listed = {made.key for made in record.renditions.values()} if record else set()
        unlisted = (key for key in due.renditions if key not in listed)
        states = map(deps.renditions.state, unlisted)
        renewed_by = None if due.why is Reason.STRAY else record
        return all(_is_gone_or_renewed(state, renewed_by) for state in states)
    if due.why is Reason.GONE:
        return record is None or record.status == "deleted"
    return record is not None and record.revision > due.revision and record.status in SETTLED


def _is_gone_or_renewed(state: StoredState | None, record: ImageRecord | None) -> bool:
    """Return whether a rendition was removed, or is a variant of this record's version by now."""
    if state is None or state.is_removed:
        return True
    return record is not None and state.precedence == precedence_of(record)


def _measured(due: DueImage, records: Mapping[str, ImageRecord]) -> float:
    """Return the processing time of an image from its record, ms."""
    record = records.get(due.id)
    if due.why in BY_LISTING and record and record.processing_ms is not None:
        return record.processing_ms
    return due.ms


def _open_until(run: BackfillRun, clock: Clock) -> str:
    if run.budget is None:
        return _FOREVER
    end = datetime.fromtimestamp(clock.now_s() + PERMISSION_S, UTC)
    return end.strftime("%Y-%m-%dT%H:%M:%S.000Z")
