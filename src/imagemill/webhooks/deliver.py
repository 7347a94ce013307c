"""Deliver completion events as webhooks: sign each, send it, and choose when it is sent again."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.errors import ImagemillError
from imagemill.webhooks.signatures import SIGNATURE_HEADER, sign

_log = logging.getLogger(__name__)
# The fields of an EventBridge event that are sent. The account's number stays in the account.
_FIELDS = ("id", "detail-type", "source", "time", "detail")
_HEADERS = {"Content-Type": "application/json", "User-Agent": "imagemill"}
# Seconds until the next attempt, by the number of the failed one. After the eighth, 21 hours after
# the first, the queue moves the message to the dead letters at once: its maxReceiveCount is 8.
RETRY_S = (10, 60, 300, 1_800, 7_200, 21_600, 43_200)


class Post(Protocol):
    """Sends a request."""

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a body to the receiver; raises WebhookFailed."""


class Retries(Protocol):
    """Sets when messages are delivered again."""

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        """Have messages delivered again after some seconds; the keys are receipt handles."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One delivery of a queue message with an event; `attempt` counts its deliveries from 1."""

    message_id: str
    body: str
    attempt: int
    receipt: str


@dataclass(frozen=True, slots=True)
class DeliverDeps:
    """The dependencies of the delivery; `now` returns the time in epoch seconds."""

    post: Post
    secrets: Callable[[], Sequence[str]]
    retries: Retries
    now: Callable[[], float]


def deliver(events: Sequence[QueuedEvent], deps: DeliverDeps) -> list[str]:
    """Send every event, in parallel; return the ids of the messages that are to be sent again."""
    with ThreadPoolExecutor(max(1, len(events))) as pool:
        are_sent = list(pool.map(partial(_send, deps=deps), events))
    failed = [event for event, is_sent in zip(events, are_sent, strict=True) if not is_sent]
    _put_off(failed, deps.retries)
    return [event.message_id for event in failed]


def delay_s(attempt: int) -> int:
    """Return the seconds between a failed attempt and the next one."""
    return RETRY_S[attempt - 1] if attempt <= len(RETRY_S) else 0


def webhook_body(message: str) -> bytes:
    """Return the body of the webhook for a queue message with an event of EventBridge."""
    event = json.loads(message)
    sent = {name: event[name] for name in _FIELDS}
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()


def _send(event: QueuedEvent, deps: DeliverDeps) -> bool:
    """Send one event; return whether the receiver took it."""
    facts = {"message_id": event.message_id, "attempt": event.attempt}
    try:
        body = webhook_body(event.body)
        signature = sign(body, deps.secrets(), int(deps.now()))
        deps.post(body, _HEADERS | {SIGNATURE_HEADER: signature})
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one message
        is_known = isinstance(fault, ImagemillError)
        why = {"why": str(fault)} if is_known else {}
        _log.warning("webhook failed", extra=facts | why, exc_info=None if is_known else fault)
        return False
    _log.debug("webhook sent", extra=facts)
    return True


def _put_off(failed: Sequence[QueuedEvent], retries: Retries) -> None:
    """Have failed messages delivered later; if SQS does not answer, the queue's timeout counts."""
    if not failed:
        return
    try:
        retries.retry_after({event.receipt: delay_s(event.attempt) for event in failed})
    except ImagemillError:
        _log.warning("retries not put off", extra={"messages": len(failed)}, exc_info=True)
