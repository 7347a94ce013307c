"""Batch: several messages come in together; one that fails takes no neighbour with it."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from imagemill.domain.event import ObjectEvent
from imagemill.domain.notification import UNREADABLE, MalformedNotification, Task, parse_message
from imagemill.domain.record import ImageRecord
from imagemill.errors import ImagemillError, TransientFault
from imagemill.pipeline.concurrency import ConcurrencyLimiter
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import (
    Attempt,
    AttemptMetrics,
    NullObserver,
    Observer,
    Status,
    observed,
)

_log = logging.getLogger(__name__)
_NOBODY = NullObserver()
_MOST_FAULTS = 5
"""Malformed records of one message that its line in the log names."""
_WITH_ERROR = {Outcome.REJECTED, Outcome.FAILED}


class Bus(Protocol):
    """Where final states are announced."""

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Tell of these records, and return the ids of those that the bus did not take."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the queue; `attempt` counts its deliveries from 1.

    `queue_ms` is how long ago it was sent.
    """

    id: str
    body: str
    attempt: int = 1
    queue_ms: int = 0


@dataclass(slots=True)
class _Report:
    """How a delivery went, and which final states it has come to."""

    delivery: Delivery
    done: bool = False
    final: list[ImageRecord] = field(default_factory=list)
    tries: list[Attempt] = field(default_factory=list)


def work(
    deliveries: Sequence[Delivery],
    deps: PipelineDeps,
    bus: Bus,
    room: ConcurrencyLimiter,
    observer: Observer = _NOBODY,
) -> list[str]:
    """Attend to every message; return the ids of those that must come again.

    The messages are worked side by side, so that some are downloaded, stored or recorded while
    others are rendered. What becomes final is announced before a message is done with: one whose
    announcement was not taken comes again.
    """
    attended = partial(_attended, deps=deps, room=room, observer=observer)
    with ThreadPoolExecutor(max(1, len(deliveries))) as pool:
        reports = list(pool.map(attended, deliveries))
    final = [record for report in reports for record in report.final]
    unheard = _announced(final, bus) if final else frozenset()
    _count([one for report in reports for one in report.tries], observer)
    return [report.delivery.id for report in reports if not _is_done(report, unheard)]


def _attended(
    delivery: Delivery, deps: PipelineDeps, room: ConcurrencyLimiter, observer: Observer
) -> _Report:
    report = _Report(delivery)
    _log.debug("taken", extra={"message_id": delivery.id, "body": delivery.body})
    try:
        message = parse_message(delivery.body, deps.bucket)
        # A list, not a generator: a record that fails must not keep the next ones from their try.
        ended = [_try(task, report, deps, room, observer) for task in message.tasks]
        if message.faults:
            raise MalformedNotification("; ".join(message.faults[:_MOST_FAULTS]))  # noqa: TRY301
        report.done = all(ended)
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one message
        report.tries.append(_ended(report, "again", UNREADABLE, AttemptMetrics()))
        _log.error("unreadable", extra={"message_id": delivery.id, "why": str(fault)})
    return report


def _try(
    task: Task, report: _Report, deps: PipelineDeps, room: ConcurrencyLimiter, observer: Observer
) -> bool:
    """Attend to one task and write one line of it; tell whether it came to an end."""
    tally = AttemptMetrics()
    try:
        with room.place(replace(deps, announce=report.final.append)) as place:
            shown = observed(place, tally, observer)
            outcome = handle_task(task, shown, report.delivery.attempt)
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one task
        tried = _in_vain(report, deps, fault, tally)
        known = isinstance(fault, ImagemillError)
        facts = _facts(task, tried) | {"message_id": report.delivery.id, "why": str(fault)}
        _log.error("in vain", extra=facts, exc_info=None if known else fault)
    else:
        tried = _ended(report, outcome, _why(outcome, report), tally)
        _log.info("attended", extra=_facts(task, tried))
    report.tries.append(tried)
    return isinstance(tried.status, Outcome)


def _in_vain(
    report: _Report, deps: PipelineDeps, fault: Exception, tally: AttemptMetrics
) -> Attempt:
    """Return a try that is to come again, or has for the last time: then the record says why."""
    given_up = [record.error for record in report.final if record.status == "failed"]
    if report.delivery.attempt > deps.max_attempts and given_up and given_up[-1]:
        return _ended(report, "failed", given_up[-1].code, tally)
    code = fault.code if isinstance(fault, ImagemillError) else ImagemillError.code
    return _ended(report, "again", code, tally)


def _why(outcome: Outcome, report: _Report) -> str | None:
    error = report.final[-1].error if report.final and outcome in _WITH_ERROR else None
    return error.code if error else None


def _ended(report: _Report, status: Status, code: str | None, tally: AttemptMetrics) -> Attempt:
    return Attempt(status, code, report.delivery.attempt, report.delivery.queue_ms, tally)


def _facts(task: Task, tried: Attempt) -> dict[str, object]:
    """Return the fields of the line; what there is nothing to say of is left out."""
    tally = tried.tally
    facts = {
        "id": task.id,
        "version": task.version_id if isinstance(task, ObjectEvent) else None,
        "status": tried.status,
        "code": tried.code,
        "attempt": tried.attempt,
        "queue_ms": tried.queue_ms,
        **{f"{stage}_ms": ms for stage, ms in tally.ms.items()},
        "bytes_in": tally.bytes_in or None,
        "bytes_out": tally.bytes_out or None,
        "sandbox": tally.sandbox,
    }
    return {name: fact for name, fact in facts.items() if fact not in {None, ""}}


def _count(tries: Sequence[Attempt], observer: Observer) -> None:
    """Count; an image does not come again because it could not be counted."""
    try:
        observer.count(tries)
    except Exception:  # noqa: BLE001  # whatever it is, the work is done
        _log.exception("%s tries could not be counted", len(tries))


def _announced(final: Sequence[ImageRecord], bus: Bus) -> frozenset[str]:
    """Announce final states; return the ids of those that nobody may have heard of."""
    try:
        return bus.announce(final)
    except TransientFault:
        _log.exception("%s final states could not be announced", len(final))
        return frozenset(record.id for record in final)


def _is_done(report: _Report, unheard: frozenset[str]) -> bool:
    return report.done and unheard.isdisjoint(record.id for record in report.final)
