"""The queue of events and its dead letters."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imagemill.catalog.letter import Letter
from imagemill.stores.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_STORE = "the dead-letter queue"
_HIDDEN_S = 60
"""How long a letter is nobody else's while it is looked at."""
_AT_ONCE = 10


class DeadLetters:
    """Implements `workflows.redrive.Mailbox`."""

    def __init__(self, client: "SQSClient", dead_letters_url: str, queue_url: str) -> None:
        self._client = client
        self._dead_letters_url = dead_letters_url
        self._queue_url = queue_url

    def letters(self) -> Iterator[Letter]:
        """Yield every letter once; those that are neither redriven nor put back reappear later."""
        seen: set[str] = set()
        while fresh := [m for m in self._receive() if m["MessageId"] not in seen]:
            seen.update(message["MessageId"] for message in fresh)
            yield from map(_letter, fresh)

    def put_back(self, letter: Letter) -> None:
        """Let others see a letter again at once."""
        with translated(_STORE):
            self._client.change_message_visibility(
                QueueUrl=self._dead_letters_url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )

    def redrive(self, letter: Letter) -> None:
        """Send a letter through the queue once more.

        It leaves the dead letters last: cut off in between, it is delivered twice, never lost.
        """
        with translated(_STORE):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=letter.body)
            self._client.delete_message(
                QueueUrl=self._dead_letters_url, ReceiptHandle=letter.receipt
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


def _letter(message: "MessageTypeDef") -> Letter:
    return Letter(message["MessageId"], message["ReceiptHandle"], message["Body"])
