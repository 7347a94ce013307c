"""Requests of the light clients, and results of their responses."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest
from fakes.aws_server import CannedResponse, fake_aws

from imagemill.aws.light import S3, SQS, DynamoDB, Events, NoValidResponse, ServiceError

BUSY = CannedResponse(503, body=b"<Error><Code>SlowDown</Code></Error>")
THROTTLED = CannedResponse(
    400, body=b'{"__type":"com.amazonaws.dynamodb#ProvisionedThroughputExceededException"}'
)
FAILED = CannedResponse(
    400, body=b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}'
)
NO_RESPONSE = CannedResponse(hang_up=True)
STORED = CannedResponse(headers={"ETag": '"e"', "x-amz-version-id": "v1"})
OBJECT: dict[str, Any] = {"Bucket": "b", "Key": "k"}
ITEM: dict[str, Any] = {"TableName": "t", "Key": {"id": {"S": "é"}}}


def no_pause(_: float) -> None:
    """Return at once."""


def test_put_object_sends_every_parameter() -> None:
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
    expected = {
        "content-type": "image/jpeg",
        "content-disposition": "inline",
        "x-amz-meta-sequencer": "1A",
        "if-none-match": "*",
        "x-amz-checksum-crc32": b64encode(crc32(b"bytes").to_bytes(4, "big")).decode(),
        "x-amz-security-token": "token",
    }
    assert (method, path, body) == ("PUT", "/b/500/%C3%A9t%C3%A9.jpg", b"bytes")
    assert expected.items() <= headers.items()
    assert answer == {"ETag": '"e"', "VersionId": "v1"}


def test_get_object_requests_a_version_its_etag_and_its_checksum() -> None:
    with fake_aws(CannedResponse(body=b"image", headers={"ETag": '"e"'})) as aws:
        answer = S3(aws.environment).get_object(**OBJECT, VersionId="v/1+", IfMatch='"e"')
        data = answer["Body"].read()
        answer["Body"].close()

    assert data == b"image"
    assert aws.requests[0][1] == "/b/k?versionId=v%2F1%2B"
    assert aws.requests[0][2]["if-match"] == '"e"'
    assert aws.requests[0][2]["x-amz-checksum-mode"] == "ENABLED"


def test_head_object_returns_the_facts_in_the_headers() -> None:
    headers = {
        "ETag": '"e"',
        "x-amz-version-id": "v1",
        "x-amz-meta-sequencer": "1A",
        "Last-Modified": "Sun, 22 Nov 2026 10:11:12 GMT",
        "Content-Length": "12345",
        "x-amz-server-side-encryption": "aws:kms",
    }
    with fake_aws(CannedResponse(headers=headers)) as aws:
        answer = S3(aws.environment).head_object(**OBJECT)

    assert answer == {
        "ETag": '"e"',
        "VersionId": "v1",
        "Metadata": {"sequencer": "1A"},
        "LastModified": datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC),
        "ContentLength": 12345,
        "ServerSideEncryption": "aws:kms",
    }


def listing(body: str) -> CannedResponse:
    """Return a page of a listing."""
    xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"
    return CannedResponse(
        body=f'<ListBucketResult xmlns="{xmlns}">{body}</ListBucketResult>'.encode()
    )


FIRST_PAGE = (
    "<IsTruncated>true</IsTruncated><NextContinuationToken>a/b=</NextContinuationToken>"
    "<Contents><Key>%7Et/a+b%2B%01.jpg</Key><LastModified>2026-11-22T10:11:12.000Z</LastModified>"
    "<ETag>&quot;e&quot;</ETag><Size>12</Size></Contents>"
)


def test_list_objects_returns_decoded_keys_and_the_next_page() -> None:
    last = listing("<IsTruncated>false</IsTruncated>")
    with fake_aws(listing(FIRST_PAGE), last) as aws:
        client = S3(aws.environment)
        first = client.list_objects_v2(Bucket="b", Prefix="~t/a b")
        second = client.list_objects_v2(
            Bucket="b", ContinuationToken=first["NextContinuationToken"]
        )

    assert [path for _, path, _, _ in aws.requests] == [
        "/b?encoding-type=url&list-type=2&prefix=~t%2Fa%20b",
        "/b?continuation-token=a%2Fb%3D&encoding-type=url&list-type=2",
    ]
    assert first == {
        "Contents": [
            {
                "Key": "~t/a b+\x01.jpg",
                "Size": 12,
                "ETag": '"e"',
                "LastModified": datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC),
            }
        ],
        "IsTruncated": True,
        "NextContinuationToken": "a/b=",
    }
    assert second == {"Contents": [], "IsTruncated": False}


def test_list_objects_returns_decoded_folders() -> None:
    body = (
        "<IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>a+b%2F</Prefix></CommonPrefixes>"
    )
    with fake_aws(listing(body)) as aws:
        found = S3(aws.environment).list_objects_v2(
            Bucket="b", Delimiter="/", StartAfter="a é", MaxKeys=5
        )

    [(_, path, _, _)] = aws.requests
    assert (
        path == "/b?delimiter=%2F&encoding-type=url&list-type=2&max-keys=5&start-after=a%20%C3%A9"
    )
    assert found["CommonPrefixes"] == [{"Prefix": "a b/"}]


def test_a_batch_of_items_is_returned_with_the_keys_that_were_not_read() -> None:
    item, unread = {"id": {"S": "1"}}, {"t": {"Keys": [{"id": {"S": "2"}}]}}
    body = json.dumps({"Responses": {"t": [item]}, "UnprocessedKeys": unread}).encode()
    with fake_aws(CannedResponse(body=body), CannedResponse(body=b'{"Responses": []}')) as aws:
        client = DynamoDB(aws.environment)
        found = client.batch_get_item(RequestItems={"t": {"Keys": [item]}})
        with pytest.raises(NoValidResponse):
            client.batch_get_item(RequestItems={"t": {"Keys": [item]}})

    assert found == {"Responses": {"t": [item]}, "UnprocessedKeys": unread}


@pytest.mark.parametrize(
    "response",
    [
        CannedResponse(body=b"<Other/>"),
        CannedResponse(body=b"no XML"),
        listing("<IsTruncated>true</IsTruncated>"),
        listing("<Contents><Size>1</Size></Contents>"),
        listing("<Contents><Key>k</Key><Size>many</Size></Contents>"),
        listing("<Contents><Size>1</Size><LastModified>now</LastModified></Contents>"),
    ],
)
def test_a_malformed_listing_is_no_valid_response(response: CannedResponse) -> None:
    with fake_aws(response) as aws, pytest.raises(NoValidResponse):
        S3(aws.environment, no_pause).list_objects_v2(Bucket="b")


def test_get_item_sends_and_parses_json() -> None:
    with fake_aws(CannedResponse(body='{"Item":{"id":{"S":"é"}}}'.encode())) as aws:
        answer = DynamoDB(aws.environment).get_item(**ITEM, ConsistentRead=True)

    _, _, headers, body = aws.requests[0]
    assert answer == {"Item": {"id": {"S": "é"}}}
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert body == '{"TableName":"t","Key":{"id":{"S":"é"}},"ConsistentRead":true}'.encode()


def test_query_sends_every_parameter_and_returns_a_page() -> None:
    page = b'{"Items":[{"id":{"S":"a"}}],"LastEvaluatedKey":{"id":{"S":"a"}},"Count":1}'
    with fake_aws(CannedResponse(body=page), CannedResponse(body=b'{"Items":[]}')) as aws:
        client = DynamoDB(aws.environment)
        first = client.query(TableName="t", IndexName="feed", Limit=2, ScanIndexForward=False)
        last = client.query(TableName="t", ExclusiveStartKey=first["LastEvaluatedKey"])

    _, _, headers, body = aws.requests[0]
    assert headers["x-amz-target"] == "DynamoDB_20120810.Query"
    assert body == b'{"TableName":"t","IndexName":"feed","Limit":2,"ScanIndexForward":false}'
    assert first == {"Items": [{"id": {"S": "a"}}], "LastEvaluatedKey": {"id": {"S": "a"}}}
    assert last == {"Items": []}


@pytest.mark.parametrize(
    "page", [b"{}", b'{"Items":{}}', b'{"Items":[1]}', b'{"Items":[{"id":1}]}']
)
def test_a_page_without_well_formed_items_is_no_valid_response(page: bytes) -> None:
    with fake_aws(CannedResponse(body=page)) as aws, pytest.raises(NoValidResponse):
        DynamoDB(aws.environment, no_pause).query(TableName="t")


def test_put_events_sends_and_parses_json() -> None:
    with fake_aws(CannedResponse(body=b'{"FailedEntryCount":0,"Entries":[{}]}')) as aws:
        answer = Events(aws.environment).put_events(Entries=[{"Source": "s"}])

    assert answer["Entries"] == [{}]
    assert aws.requests[0][2]["x-amz-target"] == "AWSEvents.PutEvents"


def test_a_message_is_sent_in_json() -> None:
    with fake_aws(CannedResponse(body=b'{"MD5OfMessageBody":"5d41"}')) as aws:
        answer = SQS(aws.environment).send_message(QueueUrl="q", MessageBody="é", DelaySeconds=60)

    _, _, headers, body = aws.requests[0]
    assert answer == {"MD5OfMessageBody": "5d41"}
    assert headers["x-amz-target"] == "AmazonSQS.SendMessage"
    assert json.loads(body) == {"QueueUrl": "q", "MessageBody": "é", "DelaySeconds": 60}


def test_a_message_without_its_digest_may_not_have_arrived() -> None:
    with fake_aws(CannedResponse(body=b"{}")) as aws, pytest.raises(NoValidResponse):
        SQS(aws.environment, sleep=lambda _: None).send_message(QueueUrl="q", MessageBody="x")


def test_the_visibility_of_messages_is_changed_in_json() -> None:
    with fake_aws(CannedResponse(body=b'{"Successful":[],"Failed":[{"Id":"0"}]}')) as aws:
        answer = SQS(aws.environment).change_message_visibility_batch(
            QueueUrl="q", Entries=[{"Id": "0", "ReceiptHandle": "r", "VisibilityTimeout": 5}]
        )

    _, _, headers, body = aws.requests[0]
    assert answer == {"Failed": [{"Id": "0"}]}
    assert headers["x-amz-target"] == "AmazonSQS.ChangeMessageVisibilityBatch"
    assert json.loads(body) == {
        "QueueUrl": "q",
        "Entries": [{"Id": "0", "ReceiptHandle": "r", "VisibilityTimeout": 5}],
    }


@pytest.mark.parametrize(
    "error", [BUSY, NO_RESPONSE, CannedResponse(500), CannedResponse(body=b"half", truncated=True)]
)
def test_a_request_succeeds_at_the_third_attempt(error: CannedResponse) -> None:
    with fake_aws(error, error, STORED) as aws:
        S3(aws.environment, no_pause).put_object(**OBJECT, Body=b"")

    assert len(aws.requests) == 3


@pytest.mark.parametrize(
    ("said", "error"),
    [(BUSY, ServiceError), (NO_RESPONSE, NoValidResponse), (CannedResponse(500), ServiceError)],
)
def test_an_error_is_raised_after_three_attempts(
    said: CannedResponse, error: type[Exception]
) -> None:
    with fake_aws(said) as aws, pytest.raises(error):
        S3(aws.environment, no_pause).put_object(**OBJECT, Body=b"")

    assert len(aws.requests) == 3


def test_the_pause_before_each_attempt_is_random_within_a_growing_limit() -> None:
    pauses: list[float] = []

    with fake_aws(BUSY) as aws, pytest.raises(ServiceError):
        S3(aws.environment, pauses.append).delete_object(**OBJECT)

    assert len(pauses) == 2
    assert all(0 <= pause <= most for pause, most in zip(pauses, (0.2, 0.8), strict=True))


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
        (
            FAILED,
            lambda aws: DynamoDB(aws).put_item(**ITEM),
            "ConditionalCheckFailedException",
        ),
    ],
)
def test_a_client_error_has_the_code_of_aws_and_is_not_retried(
    said: CannedResponse, call: Callable[[dict[str, str]], object], code: str
) -> None:
    with fake_aws(said) as aws, pytest.raises(ServiceError) as raised:
        call(aws.environment)

    assert raised.value.code == raised.value.response["Error"]["Code"] == code
    assert len(aws.requests) == 1


def test_a_throttled_request_is_retried() -> None:
    with fake_aws(THROTTLED, CannedResponse(body=b"{}")) as aws:
        DynamoDB(aws.environment, no_pause).put_item(**ITEM)

    assert len(aws.requests) == 2


def test_reading_an_object_that_ends_early_raises_an_error() -> None:
    with fake_aws(CannedResponse(body=b"image", headers={"ETag": '"e"'}, truncated=True)) as aws:
        body = S3(aws.environment).get_object(**OBJECT)["Body"]

        with pytest.raises(NoValidResponse):
            body.read()
        body.close()


def test_a_connection_is_reused_after_the_body_was_read() -> None:
    with fake_aws(CannedResponse(body=b"image", headers={"ETag": '"e"'}), STORED) as aws:
        client = S3(aws.environment)
        body = client.get_object(**OBJECT)["Body"]
        body.read()
        body.close()

        client.put_object(**OBJECT, Body=b"1")
        client.delete_object(**OBJECT)

    assert len(aws.connections) == 1


def test_a_connection_is_not_reused_after_a_body_that_was_not_read_to_its_end() -> None:
    with fake_aws(CannedResponse(body=b"x" * 1000, headers={"ETag": '"e"'}), STORED) as aws:
        client = S3(aws.environment)
        body = client.get_object(**OBJECT)["Body"]
        assert body.read(4) == b"xxxx"
        body.close()

        client.put_object(**OBJECT, Body=b"")

    assert len(aws.connections) == 2


def test_a_request_on_a_closed_idle_connection_is_sent_again_without_a_pause() -> None:
    with fake_aws(STORED, NO_RESPONSE, STORED) as aws:
        pauses: list[float] = []
        client = S3(aws.environment, pauses.append)
        client.put_object(**OBJECT, Body=b"1")

        client.put_object(**OBJECT, Body=b"2")

    assert pauses == []
    assert [body for *_, body in aws.requests] == [b"1", b"2", b"2"]


def test_a_refused_connection_is_named_in_the_error() -> None:
    with fake_aws(STORED) as aws:
        environment = aws.environment

    with pytest.raises(NoValidResponse, match="ConnectionRefusedError"):
        S3(environment, no_pause).delete_object(**OBJECT)
