"""What the resizer's clients ask, and what they make of answers."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest
from fakes.aws_server import CannedResponse, fake_aws

from imagemill.aws.errors import RequestRefused, Unreachable, error_code, translated
from imagemill.aws.light.clients import S3, DynamoDB, Events
from imagemill.errors import ImagemillError, StoreUnavailable, Throttled

BUSY = CannedResponse(503, body=b"<Error><Code>SlowDown</Code></Error>")
ASKED_TOO_MUCH = CannedResponse(
    400, body=b'{"__type":"com.amazonaws.dynamodb#ProvisionedThroughputExceededException"}'
)
LOST = CannedResponse(
    400, body=b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}'
)
HUNG_UP = CannedResponse(hang_up=True)
STORED = CannedResponse(headers={"ETag": '"e"', "x-amz-version-id": "v1"})
OBJECT: dict[str, Any] = {"Bucket": "b", "Key": "k"}
ITEM: dict[str, Any] = {"TableName": "t", "Key": {"id": {"S": "é"}}}


def at_once(_: float) -> None:
    """Wait for nothing."""


def test_an_object_is_stored_with_all_that_was_said_of_it() -> None:
    with fake_aws(STORED) as aws:
        answer = S3(aws.environment).put_object(
            Bucket="b",
            Key="500/été.jpg",
            Body=b"bytes",
            ContentType="image/jpeg",
            ContentDisposition="inline",
            Metadata={"sequencer": "1A"},
            IfNoneMatch="*",
        )

    [(method, path, headers, body)] = aws.requests
    told = {
        "content-type": "image/jpeg",
        "content-disposition": "inline",
        "x-amz-meta-sequencer": "1A",
        "if-none-match": "*",
        "x-amz-checksum-crc32": b64encode(crc32(b"bytes").to_bytes(4, "big")).decode(),
        "x-amz-security-token": "token",
    }
    assert (method, path, body) == ("PUT", "/b/500/%C3%A9t%C3%A9.jpg", b"bytes")
    assert told.items() <= headers.items()
    assert answer == {"ETag": '"e"', "VersionId": "v1"}


def test_exactly_the_version_that_is_meant_is_fetched() -> None:
    with fake_aws(CannedResponse(body=b"picture", headers={"ETag": '"e"'})) as aws:
        answer = S3(aws.environment).get_object(**OBJECT, VersionId="v/1+", IfMatch='"e"')
        data = answer["Body"].read()
        answer["Body"].close()

    assert data == b"picture"
    assert aws.requests[0][1] == "/b/k?versionId=v%2F1%2B"
    assert aws.requests[0][2]["if-match"] == '"e"'
    assert aws.requests[0][2]["x-amz-checksum-mode"] == "ENABLED"


def test_what_is_known_of_an_object_is_told() -> None:
    headers = {
        "ETag": '"e"',
        "x-amz-version-id": "v1",
        "x-amz-meta-sequencer": "1A",
        "Last-Modified": "Sun, 22 Nov 2026 10:11:12 GMT",
        "Content-Length": "12345",
    }
    with fake_aws(CannedResponse(headers=headers)) as aws:
        answer = S3(aws.environment).head_object(**OBJECT)

    assert answer == {
        "ETag": '"e"',
        "VersionId": "v1",
        "Metadata": {"sequencer": "1A"},
        "LastModified": datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC),
        "ContentLength": 12345,
    }


def test_an_item_is_asked_for_and_told_in_json() -> None:
    with fake_aws(CannedResponse(body='{"Item":{"id":{"S":"é"}}}'.encode())) as aws:
        answer = DynamoDB(aws.environment).get_item(**ITEM, ConsistentRead=True)

    _, _, headers, body = aws.requests[0]
    assert answer == {"Item": {"id": {"S": "é"}}}
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert body == '{"TableName":"t","Key":{"id":{"S":"é"}},"ConsistentRead":true}'.encode()


def test_events_are_sent_in_json() -> None:
    with fake_aws(CannedResponse(body=b'{"FailedEntryCount":0,"Entries":[{}]}')) as aws:
        answer = Events(aws.environment).put_events(Entries=[{"Source": "s"}])

    assert answer["Entries"] == [{}]
    assert aws.requests[0][2]["x-amz-target"] == "AWSEvents.PutEvents"


@pytest.mark.parametrize(
    "trouble", [BUSY, HUNG_UP, CannedResponse(500), CannedResponse(body=b"half", truncated=True)]
)
def test_trouble_that_passes_is_not_told(trouble: CannedResponse) -> None:
    with fake_aws(trouble, trouble, STORED) as aws:
        S3(aws.environment, at_once).put_object(**OBJECT, Body=b"")

    assert len(aws.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "error"),
    [(BUSY, Throttled), (HUNG_UP, StoreUnavailable), (CannedResponse(500), StoreUnavailable)],
)
def test_trouble_that_stays_is_told_after_three_tries(
    trouble: CannedResponse, error: type[ImagemillError]
) -> None:
    with fake_aws(trouble) as aws, pytest.raises(error), translated("S3"):
        S3(aws.environment, at_once).put_object(**OBJECT, Body=b"")

    assert len(aws.requests) == 3


def test_it_waits_longer_before_each_try() -> None:
    waited: list[float] = []

    with fake_aws(BUSY) as aws, pytest.raises(RequestRefused):
        S3(aws.environment, waited.append).delete_object(**OBJECT)

    assert len(waited) == 2
    assert all(0 <= pause <= most for pause, most in zip(waited, (0.2, 0.8), strict=True))


@pytest.mark.parametrize(
    ("said", "call", "code"),
    [
        (
            CannedResponse(404, body=b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"),
            lambda aws: S3(aws).get_object(**OBJECT),
            "NoSuchKey",
        ),
        (CannedResponse(404), lambda aws: S3(aws).head_object(**OBJECT), "404"),
        (
            CannedResponse(412, body=b"<Error><Code>PreconditionFailed</Code></Error>"),
            lambda aws: S3(aws).delete_object(**OBJECT),
            "PreconditionFailed",
        ),
        (LOST, lambda aws: DynamoDB(aws).put_item(**ITEM), "ConditionalCheckFailedException"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_not_tried_again(
    said: CannedResponse, call: Callable[[dict[str, str]], object], code: str
) -> None:
    with fake_aws(said) as aws, pytest.raises(RequestRefused) as refused:
        call(aws.environment)

    assert error_code(refused.value) == code
    assert len(aws.requests) == 1


def test_a_table_that_is_asked_too_much_is_asked_again() -> None:
    with fake_aws(ASKED_TOO_MUCH, CannedResponse(body=b"{}")) as aws:
        DynamoDB(aws.environment, at_once).put_item(**ITEM)

    assert len(aws.requests) == 2


def test_an_object_that_breaks_off_is_no_shorter_object() -> None:
    with fake_aws(CannedResponse(body=b"picture", headers={"ETag": '"e"'}, truncated=True)) as aws:
        body = S3(aws.environment).get_object(**OBJECT)["Body"]

        with pytest.raises(Unreachable):
            body.read()
        body.close()


def test_one_connection_carries_one_request_after_another() -> None:
    with fake_aws(CannedResponse(body=b"picture", headers={"ETag": '"e"'}), STORED) as aws:
        client = S3(aws.environment)
        body = client.get_object(**OBJECT)["Body"]
        body.read()
        body.close()

        client.put_object(**OBJECT, Body=b"1")
        client.delete_object(**OBJECT)

    assert len(aws.connections) == 1


def test_a_body_that_was_not_read_to_its_end_takes_its_connection_along() -> None:
    with fake_aws(CannedResponse(body=b"x" * 1000, headers={"ETag": '"e"'}), STORED) as aws:
        client = S3(aws.environment)
        body = client.get_object(**OBJECT)["Body"]
        assert body.read(4) == b"xxxx"
        body.close()

        client.put_object(**OBJECT, Body=b"")

    assert len(aws.connections) == 2


def test_a_connection_that_was_closed_meanwhile_costs_no_try() -> None:
    with fake_aws(STORED, HUNG_UP, STORED) as aws:
        waited: list[float] = []
        client = S3(aws.environment, waited.append)
        client.put_object(**OBJECT, Body=b"1")

        client.put_object(**OBJECT, Body=b"2")

    assert waited == []
    assert [body for *_, body in aws.requests] == [b"1", b"2", b"2"]


def test_nobody_at_the_other_end_is_told_as_a_store_that_is_away() -> None:
    with fake_aws(STORED) as aws:
        environment = aws.environment

    with pytest.raises(StoreUnavailable, match="ConnectionRefusedError"), translated("S3"):
        S3(environment, at_once).delete_object(**OBJECT)
