"""The queue of events and its dead-letter queue.

SQS sends the MD5 of each body that it receives or delivers. A body that differs was damaged on the
way. This and an incomplete response raise StoreUnavailable.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import required, translated
from imagemill.aws.light.errors import InvalidResponse
from imagemill.domain.dead_letter import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

    from imagemill.aws.message_clients import Message, QueueClient, SenderClient

_STORE = "the dead-letter queue"
_QUEUE = "the queue"
_COUNTS: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
# Seconds for which a dead letter is hidden from other receivers while it is looked at.
_HIDDEN_S = 60
# Messages of one request. Source: SQS API reference.
_AT_ONCE = 10


class DeadLetterQueue:
    """Implements `operations.dead_letters.DeadLetterQueue`."""

    def __init__(self, client: "QueueClient", dead_letters_url: str, queue_url: str) -> None:
        self._client = client
        self._dead_letters_url = dead_letters_url
        self._queue_url = queue_url

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Yield every dead letter once, and hide it from other receivers for a minute."""
        seen: set[str] = set()
        while fresh := [m for m in self._receive() if m["MessageId"] not in seen]:
            seen.update(message["MessageId"] for message in fresh)
            with translated(_STORE):
                dead_letters = [_dead_letter(message) for message in fresh]
            yield from dead_letters

    def put_back(self, dead_letter: DeadLetter) -> None:
        """Make a dead letter visible to other receivers at once."""
        with translated(_STORE):
            self._client.change_message_visibility(
                QueueUrl=self._dead_letters_url,
                ReceiptHandle=dead_letter.receipt,
                VisibilityTimeout=0,
            )

    def redrive(self, dead_letter: DeadLetter) -> None:
        """Send a dead letter to the queue again.

        It is deleted last: an interruption can deliver it twice, but not lose it.
        """
        with translated(_STORE):
            sent = self._client.send_message(QueueUrl=self._queue_url, MessageBody=dead_letter.body)
            _check_md5(dead_letter.body, sent.get("MD5OfMessageBody"))
            self._client.delete_message(
                QueueUrl=self._dead_letters_url, ReceiptHandle=dead_letter.receipt
            )

    def _receive(self) -> "Sequence[Message]":
        with translated(_STORE):
            answer = self._client.receive_message(
                QueueUrl=self._dead_letters_url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=_HIDDEN_S,
                WaitTimeSeconds=1,
            )
        return answer.get("Messages", [])


class LookQueue:
    """Implements `api.look.LookQueue`: the queue that the resize function reads."""

    def __init__(self, client: "SenderClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send_later(self, message: str, delay_s: int) -> None:
        """Send a message that a worker receives after so many seconds, at most 900."""
        with translated(_QUEUE):
            sent = self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=message, DelaySeconds=delay_s
            )
            _check_md5(message, sent.get("MD5OfMessageBody"))


class WorkQueue:
    """Implements `backfill.execute.WorkQueue`: the queue that the resize function reads."""

    def __init__(self, client: "QueueClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, messages: Sequence[str]) -> None:
        """Send messages; raises StoreUnavailable if one is not accepted, others may be then."""
        for start in range(0, len(messages), _AT_ONCE):
            batch = messages[start : start + _AT_ONCE]
            with translated(_QUEUE):
                answer = self._client.send_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(batch)],
                )
                sent = {entry["Id"]: entry for entry in answer.get("Successful", [])}
                if len(sent) < len(batch):
                    raise InvalidResponse("it did not take every message")
                for number, body in enumerate(batch):
                    _check_md5(body, sent[str(number)].get("MD5OfMessageBody"))

    def depth(self) -> tuple[int, int]:
        """Return the approximate numbers of waiting messages, and of hidden and delayed ones."""
        with translated(_QUEUE):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._queue_url, AttributeNames=[*_COUNTS]
            )
            found = required(answer.get("Attributes"), "Attributes", _QUEUE)
            waiting, *others = (int(required(found.get(name), name, _QUEUE)) for name in _COUNTS)
        return waiting, sum(others)


def _dead_letter(message: "Message") -> DeadLetter:
    body = required(message.get("Body"), "Body", _STORE)
    _check_md5(body, message.get("MD5OfBody"))
    receipt = required(message.get("ReceiptHandle"), "ReceiptHandle", _STORE)
    return DeadLetter(message["MessageId"], receipt, body)


def _check_md5(body: str, received: str | None) -> None:
    if received != hashlib.md5(body.encode(), usedforsecurity=False).hexdigest():
        raise InvalidResponse("a message does not match its MD5")
