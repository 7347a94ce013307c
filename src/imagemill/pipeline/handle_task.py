"""Handle a task: gather facts, decide, apply, until nothing is left to do.

There is no lock and no table of seen events. Every write is conditional and carries the precedence
of its event, so that a task may be repeated, reordered or cut off anywhere.
"""

import logging
from dataclasses import replace
from functools import partial

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.notification import Task
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import EngineLimits, Fault
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import ImagemillError, Throttled, TransientFault
from imagemill.pipeline.actions import Action, Finish, LookInstead
from imagemill.pipeline.apply import Applier
from imagemill.pipeline.decide import decide, reads_for
from imagemill.pipeline.decide_look import is_complete
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.endings import failure
from imagemill.pipeline.facts import Facts, Rules
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import Stage, StageTimer
from imagemill.version import VERSION

# Most times that facts are gathered for one task, each because another writer was faster.
MAX_ROUNDS = 8
_log = logging.getLogger(__name__)


def handle_task(
    task: Task, deps: PipelineDeps, attempt: int = 1, timer: StageTimer | None = None
) -> Outcome:
    """Bring record and renditions to the state that the task asks for.

    `attempt` counts deliveries from 1. Events without a sequencer, those of lifecycle rules, only
    name an object to look at. Any exception leaves the task to be delivered again; after the last
    attempt the record says `failed` and why.
    """
    if isinstance(task, ObjectEvent) and task.sequencer == OLDEST:
        task = Reconciliation(task.key, frozenset({Concern.MISSING}))
    applier = Applier(deps, _rules(deps), attempt, timer or StageTimer(deps.clock))
    try:
        return _run_rounds(task, applier)
    except Exception as fault:
        if attempt >= deps.max_attempts:
            _record_failure(_reason(fault), applier)
        raise


def _run_rounds(task: Task, applier: Applier) -> Outcome:
    """Gather, decide and apply until the task is done.

    A reconciliation that has changed something is decided again, until there is nothing to change.
    """
    if isinstance(task, ObjectEvent):
        task = _with_chosen_rule(task, applier)
    done: Outcome | None = None
    former: Action | None = None
    for _ in range(MAX_ROUNDS):
        if done and _is_complete(task, applier):
            return done
        facts = _gather(task, applier, has_acted=done is not None)
        action = decide(task, facts, applier.rules)
        if isinstance(action, LookInstead):
            task = action.task
            continue
        outcome = applier.apply(action, facts)
        if outcome is None:
            continue
        if isinstance(task, ObjectEvent) or outcome is Outcome.FAILED:
            return outcome
        if isinstance(action, Finish):
            return done or outcome
        if action == former and Concern.MISSING not in task.concerns:
            # The bytes of the recorded version are gone, and bringing in others was not asked for.
            return outcome
        done, former = outcome, action
    raise Throttled(f"the image was changed by others {MAX_ROUNDS} times in a row")


def _is_complete(task: Task, applier: Applier) -> bool:
    """Return whether this worker has made the first record, of the original that is there now."""
    if not isinstance(task, Reconciliation) or applier.first is None:
        return False
    clock = applier.deps.clock
    with applier.timer.stage(Stage.DOWNLOAD):
        current = applier.deps.originals.current(task.key)
    return is_complete(task, Facts(applier.first, clock.now_s(), clock.now(), current=current))


def _with_chosen_rule(event: ObjectEvent, applier: Applier) -> ObjectEvent:
    """Return a creation event with the rule that its upload chose, if there are any to choose."""
    deps = applier.deps
    can_choose = deps.recipes.names and not deps.recipes.is_ignored(event.key)
    if event.change is not Change.CREATED or not can_choose:
        return event
    # A failure of the last attempt is recorded for this event.
    applier.event = event
    with applier.timer.stage(Stage.DOWNLOAD):
        return deps.originals.with_choices(event)


def _gather(task: Task, applier: Applier, *, has_acted: bool) -> Facts:
    """Read the record, then the states of rendition keys, and the original's state at last.

    The metadata of the event's version never change.
    """
    deps, timer = applier.deps, applier.timer
    with timer.stage(Stage.RECORD):
        record = deps.records.get(task.id)
    now_s = deps.clock.now_s()
    read = partial(reads_for, record=record, rules=applier.rules, now_s=now_s, has_acted=has_acted)
    reads = read(task)
    stored, current, event = {}, None, None
    if reads.choices and isinstance(task, ObjectEvent):
        with timer.stage(Stage.DOWNLOAD):
            found = deps.originals.with_choices(task)
        event = replace(task, focus=found.focus, packs=found.packs)
        reads = read(event) if event.packs else reads
    for key in sorted(reads.stored):
        with timer.stage(Stage.UPLOAD):
            stored[key] = deps.renditions.state(key)
    if reads.current:
        with timer.stage(Stage.DOWNLOAD):
            current = deps.originals.current(task.key)
    return Facts(
        record=record,
        now_s=now_s,
        now=deps.clock.now(),
        attempt=applier.attempt,
        has_stored=applier.has_stored,
        has_acted=has_acted,
        stored=stored,
        current=current,
        event=event,
    )


def _record_failure(why: Fault, applier: Applier) -> None:
    """Record and announce that the last attempt failed; a store that fails is only logged."""
    event = applier.event
    if event is None:
        return
    try:
        facts = _gather(event, applier, has_acted=False)
        write = failure(event, why, facts, applier.rules)
        if write:
            applier.apply(write, facts)
    except TransientFault:
        _log.exception("failure not recorded", extra={"id": event.id})


def _rules(deps: PipelineDeps) -> Rules:
    limits = deps.limits
    engine = EngineLimits(
        VERSION,
        limits.max_bytes,
        limits.max_pixels,
        limits.max_frames,
        limits.max_memory_bytes,
        int(limits.camera_raw),
    )
    return Rules(deps.recipes, deps.deployment(), engine, deps.max_attempts, deps.archives)


def _reason(fault: Exception) -> Fault:
    if isinstance(fault, ImagemillError):
        return Fault(fault.code, str(fault))
    return Fault(ImagemillError.code, type(fault).__name__)
