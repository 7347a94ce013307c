"""The order in which a dead letter is sent and deleted."""

import hashlib
from typing import Any

import pytest

from imagemill.aws.queues import DeadLetterQueue
from imagemill.domain.dead_letter import DeadLetter
from imagemill.errors import StoreUnavailable


class Queues:
    """Two queues that log every call; the one named in `broken` fails."""

    def __init__(self, broken: str = "") -> None:
        self.log: list[str] = []
        self._broken = broken

    def send_message(self, **asked: Any) -> dict[str, str]:  # noqa: ANN401  # as boto3's
        self._call(f"send to {asked['QueueUrl']}")
        digest = hashlib.md5(asked["MessageBody"].encode(), usedforsecurity=False).hexdigest()
        return {"MD5OfMessageBody": digest}

    def delete_message(self, **asked: Any) -> None:  # noqa: ANN401  # as boto3's
        self._call(f"deletion from {asked['QueueUrl']}")

    def _call(self, name: str) -> None:
        if name == self._broken:
            raise StoreUnavailable(name)
        self.log.append(name)


def dead_letters(queues: Queues) -> DeadLetterQueue:
    return DeadLetterQueue(queues, "dead", "events")  # type: ignore[arg-type]  # a fake


def test_a_redriven_letter_is_sent_before_it_is_deleted() -> None:
    queues = Queues()

    dead_letters(queues).redrive(DeadLetter("1", "receipt", "body"))

    assert queues.log == ["send to events", "deletion from dead"]


def test_a_letter_that_cannot_be_sent_stays_in_the_dead_letter_queue() -> None:
    queues = Queues("send to events")

    with pytest.raises(StoreUnavailable):
        dead_letters(queues).redrive(DeadLetter("1", "receipt", "body"))

    assert queues.log == []
