"""The time after which a queue delivers a new message, or a failed one again."""

import secrets
from typing import TYPE_CHECKING

import pytest
from live.account import Account

from imagemill.aws.light import SQS
from imagemill.aws.queues import LookQueue
from imagemill.aws.retries import QueueDefault, RetryQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

    from imagemill.aws.message_clients import RetryClient, SenderClient


@pytest.fixture
def sqs(account: Account) -> "SQSClient":
    found: SQSClient = account.client("sqs")
    return found


@pytest.fixture
def url(sqs: "SQSClient") -> str:
    """Return the URL of a queue that hides messages for ten minutes."""
    name = f"retries-{secrets.token_hex(4)}"
    return sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})["QueueUrl"]


@pytest.fixture(params=["boto3", "light"])
def client(request: pytest.FixtureRequest, sqs: "SQSClient", account: Account) -> "RetryClient":
    return sqs if request.param == "boto3" else SQS(account.environment)


@pytest.fixture(params=["boto3", "light"])
def sender(request: pytest.FixtureRequest, sqs: "SQSClient", account: Account) -> "SenderClient":
    return sqs if request.param == "boto3" else SQS(account.environment)


def received(sqs: "SQSClient", url: str, count: int) -> list[str]:
    """Send messages, and return the receipt handle of each."""
    receipts: list[str] = []
    for number in range(count):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    while len(receipts) < count:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        receipts += [message["ReceiptHandle"] for message in found["Messages"]]
    return receipts


def visible(sqs: "SQSClient", url: str) -> int:
    """Return how many messages can be received."""
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=30)
    return len(found.get("Messages", []))


def test_messages_become_visible_in_as_many_requests_as_they_need(
    sqs: "SQSClient", url: str, client: "RetryClient"
) -> None:
    receipts = received(sqs, url, 12)
    assert visible(sqs, url) == 0

    RetryQueue(client, url, 600).retry_after(dict.fromkeys(receipts, 0))

    assert visible(sqs, url) + visible(sqs, url) == 12


def test_a_message_never_waits_longer_than_the_timeout_of_its_queue(
    sqs: "SQSClient", url: str, client: "RetryClient"
) -> None:
    [receipt] = received(sqs, url, 1)

    RetryQueue(client, url, 0).retry_after({receipt: 500})

    assert visible(sqs, url) == 1


def test_an_unknown_message_is_no_error(sqs: "SQSClient", url: str, client: "RetryClient") -> None:
    known, unknown = received(sqs, url, 2)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=unknown)

    RetryQueue(client, url, 600).retry_after({unknown: 5, known: 0})

    assert visible(sqs, url) == 1


def test_without_a_queue_nothing_is_changed(sqs: "SQSClient", url: str) -> None:
    [receipt] = received(sqs, url, 1)

    QueueDefault().retry_after({receipt: 0})

    assert visible(sqs, url) == 0


def test_a_message_is_received_after_its_delay(
    sqs: "SQSClient", url: str, sender: "SenderClient"
) -> None:
    queue = LookQueue(sender, url)

    queue.send_later("later", 900)
    queue.send_later("at once é", 0)

    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    assert [message["Body"] for message in found["Messages"]] == ["at once é"]
