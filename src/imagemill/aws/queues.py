"""The queue of events and its dead letters.

SQS tells the MD5 of each body that it takes or hands out. One that differs was damaged on the way,
which raises StoreUnavailable, as an answer does that lacks a part.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import ResponseInvalid, required, translated
from imagemill.domain.dead_letter import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_STORE = "the dead-letter queue"
_QUEUE = "the queue"
_COUNTS: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_HIDDEN_S = 60
"""How long a letter is nobody else's while it is looked at."""
_AT_ONCE = 10


class DeadLetterQueue:
    """Implements `workflows.redrive.Mailbox`."""

    def __init__(self, client: "SQSClient", dead_letters_url: str, queue_url: str) -> None:
        self._client = client
        self._dead_letters_url = dead_letters_url
        self._queue_url = queue_url

    def letters(self) -> Iterator[DeadLetter]:
        """Yield every letter once; those that are neither redriven nor put back reappear later."""
        seen: set[str] = set()
        while fresh := [m for m in self._receive() if m["MessageId"] not in seen]:
            seen.update(message["MessageId"] for message in fresh)
            with translated(_STORE):
                letters = [_letter(message) for message in fresh]
            yield from letters

    def put_back(self, dead_letter: DeadLetter) -> None:
        """Let others see a letter again at once."""
        with translated(_STORE):
            self._client.change_message_visibility(
                QueueUrl=self._dead_letters_url,
                ReceiptHandle=dead_letter.receipt,
                VisibilityTimeout=0,
            )

    def redrive(self, dead_letter: DeadLetter) -> None:
        """Send a letter through the queue once more.

        It leaves the dead letters last: cut off in between, it is delivered twice, never lost.
        """
        with translated(_STORE):
            sent = self._client.send_message(QueueUrl=self._queue_url, MessageBody=dead_letter.body)
            _check_md5(dead_letter.body, sent.get("MD5OfMessageBody"))
            self._client.delete_message(
                QueueUrl=self._dead_letters_url, ReceiptHandle=dead_letter.receipt
            )

    def _receive(self) -> "list[MessageTypeDef]":
        with translated(_STORE):
            answer = self._client.receive_message(
                QueueUrl=self._dead_letters_url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=_HIDDEN_S,
                WaitTimeSeconds=1,
            )
        return answer.get("Messages", [])


def _letter(message: "MessageTypeDef") -> DeadLetter:
    body: str = required(message, "Body", _STORE)
    _check_md5(body, message.get("MD5OfBody"))
    return DeadLetter(message["MessageId"], required(message, "ReceiptHandle", _STORE), body)


def _check_md5(body: str, told: str | None) -> None:
    if told != hashlib.md5(body.encode(), usedforsecurity=False).hexdigest():
        raise ResponseInvalid("a message does not match its MD5")


class WorkQueue:
    """Implements `workflows.backfill.WorkQueue`: the queue that the resizer works from."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, messages: Sequence[str]) -> None:
        """Send messages; raises StoreUnavailable if one is not taken, others may be then."""
        for start in range(0, len(messages), _AT_ONCE):
            some = messages[start : start + _AT_ONCE]
            with translated(_QUEUE):
                answer = self._client.send_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)],
                )
                taken = {one["Id"]: one for one in answer.get("Successful", [])}
                if len(taken) < len(some):
                    raise ResponseInvalid("it did not take every message")
                for number, body in enumerate(some):
                    _check_md5(body, taken[str(number)].get("MD5OfMessageBody"))

    def depth(self) -> tuple[int, int]:
        """Return about how many messages wait, and how many are being worked on or will be."""
        with translated(_QUEUE):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._queue_url, AttributeNames=[*_COUNTS]
            )
            found = required(answer, "Attributes", _QUEUE)
            waiting, *others = (int(required(found, name, _QUEUE)) for name in _COUNTS)
        return waiting, sum(others)
