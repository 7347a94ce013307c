"""Handle a batch of queue messages in parallel; a message that fails does not affect the others."""

import logging
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from functools import partial
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.event import ObjectEvent
from imagemill.domain.notification import UNREADABLE, MalformedNotification, Task, parse_message
from imagemill.domain.record import ImageRecord
from imagemill.errors import Crashed, ImagemillError, TransientFault
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import (
    Attempt,
    AttemptMetrics,
    NullObserver,
    Observer,
    StageTimer,
    Status,
)

_log = logging.getLogger(__name__)
_NULL_OBSERVER = NullObserver()
# Most malformed records of one message that its log line quotes.
_MOST_FAULTS = 5
# Seconds until a message is delivered again after a temporary error of AWS, by attempt. Errors such
# as SlowDown last for seconds. The last attempts wait for the queue's own timeout: an outage of
# minutes does not use them up.
_RETRY_S = {1: 5, 2: 60}
# Part of that time by which it differs from message to message, so that they do not return at once.
_SPREAD = 0.5
_WITH_ERROR = {Outcome.REJECTED, Outcome.FAILED}


class Bus(Protocol):
    """The event bus."""

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Publish an event for each record; return the ids of those that the bus rejected."""


class Retries(Protocol):
    """Sets when failed messages are delivered again."""

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        """Have messages delivered again after some seconds; the keys are receipt handles."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a queue message; `attempt` counts its deliveries from 1.

    `queue_ms` is the age of the message, ms. `receipt` identifies this delivery for the queue.
    """

    id: str
    body: str
    attempt: int = 1
    queue_ms: int = 0
    receipt: str = ""


@dataclass(slots=True)
class _Report:
    """How a delivery ended, and the final states that records have reached by it."""

    delivery: Delivery
    done: bool = False
    is_temporary: bool = False
    """A task failed because of a temporary error of AWS."""
    final: list[ImageRecord] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)


def process_batch(
    deliveries: Sequence[Delivery],
    deps: PipelineDeps,
    bus: Bus,
    observer: Observer = _NULL_OBSERVER,
    retries: Retries | None = None,
) -> list[str]:
    """Handle every message; return the ids of those that the queue has to deliver again.

    Each message has a thread, so that some files are downloaded, stored or recorded while others
    are rendered. Completion events are published before messages are acknowledged: if EventBridge
    rejects an event, its message is delivered again.
    """
    process = partial(_process_message, deps=deps)
    with ThreadPoolExecutor(max(1, len(deliveries))) as pool:
        reports = list(pool.map(process, deliveries))
    final = [record for report in reports for record in report.final]
    unpublished = _publish_events(final, bus) if final else frozenset()
    _publish_metrics([one for report in reports for one in report.attempts], observer)
    failed = [report for report in reports if not _is_done(report, unpublished)]
    if retries:
        _hasten(failed, retries)
    return [report.delivery.id for report in failed]


def _process_message(delivery: Delivery, deps: PipelineDeps) -> _Report:
    report = _Report(delivery)
    _log.debug("message received", extra={"message_id": delivery.id, "body": delivery.body})
    try:
        message = parse_message(delivery.body, deps.bucket, deps.accepts)
        are_done = True
        for task in message.tasks:
            are_done &= _process_task(task, report, deps)
        if message.faults:
            raise MalformedNotification("; ".join(message.faults[:_MOST_FAULTS]))  # noqa: TRY301
        report.done = are_done
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one message
        report.attempts.append(_ended(report, "again", UNREADABLE, AttemptMetrics()))
        _log.error("message unreadable", extra={"message_id": delivery.id, "why": str(fault)})
    return report


def _process_task(task: Task, report: _Report, deps: PipelineDeps) -> bool:
    """Handle one task and write one log line; return whether the task is done."""
    timer = StageTimer(deps.clock)
    try:
        own = replace(deps, announce=report.final.append)
        outcome = handle_task(task, own, report.delivery.attempt, timer)
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one task
        attempt = _failed(report, deps, fault, timer.metrics)
        report.is_temporary |= isinstance(fault, TransientFault) and not isinstance(fault, Crashed)
        is_known = isinstance(fault, ImagemillError)
        fields = _log_fields(task, attempt) | {"message_id": report.delivery.id, "why": str(fault)}
        _log.error("task failed", extra=fields, exc_info=None if is_known else fault)
    else:
        attempt = _ended(report, outcome, _code(outcome, report), timer.metrics)
        _log_end(outcome, _log_fields(task, attempt))
    report.attempts.append(attempt)
    return isinstance(attempt.status, Outcome)


def _log_end(outcome: Outcome, fields: dict[str, object]) -> None:
    match outcome:
        case Outcome.REJECTED:
            _log.info("task rejected", extra=fields)
        case Outcome.FAILED:
            _log.info("task failed", extra=fields)
        case _:
            _log.info("task processed", extra=fields)


def _failed(
    report: _Report, deps: PipelineDeps, fault: Exception, metrics: AttemptMetrics
) -> Attempt:
    """Return a failed attempt: to be delivered again, or the last one, as the record says then."""
    given_up = [record.error for record in report.final if record.status == "failed"]
    if report.delivery.attempt > deps.max_attempts and given_up and given_up[-1]:
        return _ended(report, "failed", given_up[-1].code, metrics)
    code = fault.code if isinstance(fault, ImagemillError) else ImagemillError.code
    return _ended(report, "again", code, metrics)


def _code(outcome: Outcome, report: _Report) -> str | None:
    error = report.final[-1].error if report.final and outcome in _WITH_ERROR else None
    return error.code if error else None


def _ended(report: _Report, status: Status, code: str | None, metrics: AttemptMetrics) -> Attempt:
    return Attempt(status, code, report.delivery.attempt, report.delivery.queue_ms, metrics)


def _log_fields(task: Task, attempt: Attempt) -> dict[str, object]:
    """Return the fields of the log line; those without a value are left out."""
    metrics = attempt.metrics
    fields = {
        "id": task.id,
        "version": task.version_id if isinstance(task, ObjectEvent) else None,
        "status": attempt.status,
        "code": attempt.code,
        "attempt": attempt.attempt,
        "queue_ms": attempt.queue_ms,
        **{f"{stage}_ms": ms for stage, ms in metrics.ms.items()},
        "bytes_in": metrics.bytes_in or None,
        "bytes_out": metrics.bytes_out or None,
        "sandbox": metrics.sandbox,
    }
    return {name: value for name, value in fields.items() if value not in {None, ""}}


def _publish_metrics(attempts: Sequence[Attempt], observer: Observer) -> None:
    """Publish metrics; a failure is only logged, since the tasks themselves are done."""
    try:
        observer.publish(attempts)
    except Exception:  # noqa: BLE001  # of any kind: see above
        _log.exception("metrics not published", extra={"tasks": len(attempts)})


def _hasten(failed: Sequence[_Report], retries: Retries) -> None:
    """Have messages with a temporary error delivered again soon; failures are only logged."""
    delays_s = {
        report.delivery.receipt: round(_RETRY_S[report.delivery.attempt] * _spread())
        for report in failed
        if report.is_temporary and report.delivery.attempt in _RETRY_S and report.delivery.receipt
    }
    if not delays_s:
        return
    try:
        retries.retry_after(delays_s)
    except TransientFault:
        _log.warning("retries not hastened", extra={"messages": len(delays_s)}, exc_info=True)


def _spread() -> float:
    return random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311  # not for security


def _publish_events(final: Sequence[ImageRecord], bus: Bus) -> frozenset[str]:
    """Publish completion events; return the ids of records with a missing event."""
    try:
        return bus.announce(final)
    except TransientFault:
        _log.exception("completion events not published", extra={"images": len(final)})
        return frozenset(record.id for record in final)


def _is_done(report: _Report, unpublished: frozenset[str]) -> bool:
    return report.done and unpublished.isdisjoint(record.id for record in report.final)
