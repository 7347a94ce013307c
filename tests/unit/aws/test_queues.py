"""Messages arrive as they were sent, or StoreUnavailable is raised."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from fakes.raw_server import ConnectionEnd, RawResponse, RawServer, http_response, raw_server

from imagemill.aws.queues import DeadLetterQueue, WorkQueue
from imagemill.domain.dead_letter import DeadLetter
from imagemill.errors import StoreUnavailable, Throttled

# One for all tests, because it reads the descriptions of the services.
SESSION = boto3.Session("key", "secret", region_name="eu-west-1")
ONCE = Config(retries={"total_max_attempts": 1})
URL = "https://sqs.eu-west-1.amazonaws.com/1/q"
LETTER = DeadLetter("id", "receipt", "body")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def json_response(found: object) -> RawResponse:
    return RawResponse(http_response("200 OK", [], json.dumps(found).encode()))


def client(server: RawServer) -> Any:  # noqa: ANN401  # boto3's
    return SESSION.client("sqs", endpoint_url=f"http://127.0.0.1:{server.port}", config=ONCE)


def queue(server: RawServer) -> WorkQueue:
    return WorkQueue(client(server), URL)


def dead_letters(server: RawServer) -> DeadLetterQueue:
    return DeadLetterQueue(client(server), URL, URL)


SENT = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": md5("one")}
MESSAGE = {"MessageId": "m", "ReceiptHandle": "r", "Body": "body", "MD5OfBody": md5("body")}
COUNTS = {
    "ApproximateNumberOfMessages": "3",
    "ApproximateNumberOfMessagesNotVisible": "2",
    "ApproximateNumberOfMessagesDelayed": "1",
}


def test_messages_are_sent() -> None:
    with raw_server(json_response({"Successful": [SENT], "Failed": []})) as server:
        queue(server).send(["one"])

    assert len(server.requests) == 1


def test_messages_are_counted() -> None:
    with raw_server(json_response({"Attributes": COUNTS})) as server:
        assert queue(server).depth() == (3, 3)


def test_a_letter_is_received_as_it_was_sent() -> None:
    with raw_server(json_response({"Messages": [MESSAGE]}), json_response({})) as server:
        assert list(dead_letters(server).dead_letters()) == [DeadLetter("m", "r", "body")]


@pytest.mark.parametrize(
    ("use", "found"),
    [
        (lambda server: queue(server).send(["one"]), {}),
        (lambda server: queue(server).send(["one"]), {"Failed": [{"Id": "0", "Code": "x"}]}),
        (lambda server: queue(server).send(["other"]), {"Successful": [SENT]}),
        (lambda server: queue(server).send(["one", "one"]), {"Successful": [SENT]}),
        (lambda server: queue(server).depth(), {}),
        (lambda server: queue(server).depth(), {"Attributes": {}}),
        (
            lambda server: queue(server).depth(),
            {"Attributes": {**COUNTS, "ApproximateNumberOfMessages": "many"}},
        ),
        (
            lambda server: list(dead_letters(server).dead_letters()),
            {"Messages": [{**MESSAGE, "Body": "damaged"}]},
        ),
        (
            lambda server: list(dead_letters(server).dead_letters()),
            {"Messages": [{"MessageId": "m", "MD5OfBody": md5("")}]},
        ),
        (lambda server: dead_letters(server).redrive(LETTER), {}),
        (lambda server: dead_letters(server).redrive(LETTER), {"MD5OfMessageBody": md5("x")}),
    ],
)
def test_an_incomplete_response_or_another_md5_is_store_unavailable(
    use: Callable[[RawServer], object], found: object
) -> None:
    with raw_server(json_response(found)) as server, pytest.raises(StoreUnavailable):
        use(server)

    assert len(server.requests) == 1


@pytest.mark.parametrize("end", [ConnectionEnd.FIN, ConnectionEnd.RST])
@pytest.mark.parametrize("count", [0, 10, 30, 50, 60])
def test_a_response_that_ends_early_is_store_unavailable(count: int, end: ConnectionEnd) -> None:
    whole = http_response("200 OK", [], json.dumps({"Successful": [SENT]}).encode())
    with raw_server(RawResponse(whole[:count], end)) as server, pytest.raises(StoreUnavailable):
        queue(server).send(["one"])


def test_a_throttled_request_raises_throttled() -> None:
    busy = b'{"__type":"com.amazonaws.sqs#RequestThrottled","message":"m"}'
    with (
        raw_server(RawResponse(http_response("400 -", [], busy))) as server,
        pytest.raises(Throttled),
    ):
        queue(server).send(["one"])
