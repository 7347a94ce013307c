"""A response that is incomplete, or not as AWS documents it, raises NoValidResponse."""

import hashlib
import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fakes.raw_server import (
    ConnectionEnd,
    RawResponse,
    RawServer,
    chunked_response,
    http_response,
    raw_server,
)

from imagemill.aws.light import S3, SQS, DynamoDB, Events, NoValidResponse, ServiceError

Call = Callable[[dict[str, str]], object]

IMAGE = b"\xff\xd8\xff\xe0 only the beginning of an image"
MD5 = hashlib.md5(IMAGE, usedforsecurity=False).hexdigest()
OBJECT: dict[str, Any] = {"Bucket": "b", "Key": "k"}
STORED: dict[str, Any] = {**OBJECT, "Body": b"1", "IfNoneMatch": "*"}
ITEM = b'{"Item":{"id":{"S":"1"}}}'
ERROR = b"<Error><Code>%b</Code><Message>m</Message></Error>"
FAILED = b'{"__type":"com.amazonaws#ConditionalCheckFailedException","message":"m"}'
DATED = "Last-Modified: Sun, 22 Nov 2026 10:11:12 GMT"


def no_pause(_: float) -> None:
    """Return at once."""


def get(environ: dict[str, str]) -> object:
    body = S3(environ, no_pause).get_object(**OBJECT)["Body"]
    try:
        return body.read()
    finally:
        body.close()


def head(environ: dict[str, str]) -> object:
    return S3(environ, no_pause).head_object(**OBJECT)


def put(environ: dict[str, str]) -> object:
    return S3(environ, no_pause).put_object(**STORED)


def delete(environ: dict[str, str]) -> object:
    S3(environ, no_pause).delete_object(**OBJECT, IfMatch='"e"')
    return "deleted"


def get_item(environ: dict[str, str]) -> object:
    return DynamoDB(environ, no_pause).get_item(TableName="t", Key={"id": {"S": "1"}})


def put_item(environ: dict[str, str]) -> object:
    return DynamoDB(environ, no_pause).put_item(TableName="t", Item={"id": {"S": "1"}})


def put_events(environ: dict[str, str]) -> object:
    return Events(environ, no_pause).put_events(Entries=[{"Source": "s"}])


def change_visibility(environ: dict[str, str]) -> object:
    return SQS(environ, no_pause).change_message_visibility_batch(
        QueueUrl="q", Entries=[{"Id": "0", "ReceiptHandle": "r", "VisibilityTimeout": 5}]
    )


def head_only(status: str, headers: Sequence[str]) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def crc32(data: bytes) -> str:
    return f"x-amz-crc32: {zlib.crc32(data)}"


# Each operation, and the bytes of a response to it.
WHOLE: dict[str, tuple[Call, bytes]] = {
    "GetObject": (get, http_response("200 OK", [f'ETag: "{MD5}"'], IMAGE)),
    "GetObject missing": (get, http_response("404 Not Found", [], ERROR % b"NoSuchKey")),
    "GetObject missing, in chunks": (get, chunked_response("404 -", [], ERROR % b"NoSuchKey")),
    "HeadObject": (head, http_response("200 OK", ['ETag: "e"', DATED, "x-amz-meta-sequencer: 1A"])),
    "HeadObject missing": (head, head_only("404 Not Found", ["x-amz-request-id: 1"])),
    "PutObject": (put, http_response("200 OK", ['ETag: "e"', "x-amz-version-id: 1"])),
    "PutObject, condition failed": (put, http_response("412 -", [], ERROR % b"PreconditionFailed")),
    "DeleteObject": (delete, head_only("204 No Content", ["x-amz-version-id: 12"])),
    "DeleteObject, condition failed": (
        delete,
        chunked_response("412 -", [], ERROR % b"PreconditionFailed"),
    ),
    "GetItem": (get_item, http_response("200 OK", [crc32(ITEM)], ITEM)),
    "GetItem, in chunks": (get_item, chunked_response("200 OK", [], ITEM[:10], ITEM[10:])),
    "PutItem": (put_item, http_response("200 OK", [crc32(b"{}")], b"{}")),
    "PutItem, condition failed": (
        put_item,
        http_response("400 Bad Request", [crc32(FAILED)], FAILED),
    ),
    "ChangeMessageVisibilityBatch": (
        change_visibility,
        http_response("200 OK", [], b'{"Successful":[{"Id":"0"}],"Failed":[]}'),
    ),
    "PutEvents": (put_events, http_response("200 OK", [], b'{"Entries":[{"EventId":"1"}]}')),
}


def outcome(call: Call, server: RawServer) -> object:
    """Return the result of a call; the code of a ServiceError."""
    try:
        return call(server.environment)
    except ServiceError as error:
        return error.code


def is_accepted(call: Call, data: bytes, end: ConnectionEnd) -> bool:
    """Return whether a client accepts a response of which only these bytes arrive."""
    with raw_server(RawResponse(data, end)) as server:
        try:
            outcome(call, server)
        except NoValidResponse:
            return False
    return True


@pytest.mark.parametrize("end", [ConnectionEnd.FIN, ConnectionEnd.RST])
@pytest.mark.parametrize("name", WHOLE)
def test_a_response_cut_at_any_byte_is_not_accepted(name: str, end: ConnectionEnd) -> None:
    call, whole = WHOLE[name]

    accepted = [count for count in range(len(whole)) if is_accepted(call, whole[:count], end)]

    assert accepted == []


@pytest.mark.parametrize("name", WHOLE)
def test_a_request_whose_response_was_cut_is_retried(name: str) -> None:
    call, whole = WHOLE[name]
    with raw_server(RawResponse(whole)) as server:
        expected = outcome(call, server)

    with raw_server(
        RawResponse(whole[:30], ConnectionEnd.FIN),
        RawResponse(whole[:9], ConnectionEnd.RST),
        RawResponse(whole),
    ) as server:
        again = outcome(call, server)

    assert (again, len(server.requests)) == (expected, 3)


OTHER_LENGTH = [
    http_response("200 OK", ['ETag: "e"'], IMAGE, length=len(IMAGE) - 1),
    http_response("200 OK", ['ETag: "e"'], IMAGE) + b"!",
    http_response("200 OK", ['ETag: "e"', "Content-Length: 3"], IMAGE),
    http_response("200 OK", ['ETag: "e"', "Transfer-Encoding: chunked"], IMAGE),
    head_only("200 OK", ['ETag: "e"']) + IMAGE,
    head_only("200 OK", ['ETag: "e"', "Content-Length: many"]) + IMAGE,
    head_only("200 OK", ['ETag: "e"', "Content-Length: -1"]) + IMAGE,
    chunked_response("200 OK", ['ETag: "e"'], IMAGE),
    chunked_response("200 OK", ['ETag: "e"'], IMAGE).replace(b"\r\n0\r\n", b"!\r\n0\r\n"),
]
OTHER_BYTES = [
    [f'ETag: "{MD5[::-1]}"'],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption: AES256"],
    ['ETag: "e"', "x-amz-checksum-crc32: AAAAAA=="],
    [f'ETag: "{MD5}"', "x-amz-checksum-sha256: AAAA"],
    [f'ETag: "{MD5}"', "x-amz-checksum-sha1: AAAA", "x-amz-checksum-type: FULL_OBJECT"],
    [],
]
MALFORMED = [
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"not HTTP\r\n\r\n",
    b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nETag: e\r\n folded\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 20_000 + b"Content-Length: 0\r\n\r\n",
    b"\x16\x03\x01\x00\x05hello",
]
UNDOCUMENTED: list[tuple[Call, bytes]] = [
    *((get, whole) for whole in OTHER_LENGTH),
    *((get, http_response("200 OK", headers, IMAGE)) for headers in OTHER_BYTES),
    *((call, whole) for whole in MALFORMED for call in (get, head, put, delete, put_item)),
    (get, http_response("206 Partial Content", [f'ETag: "{MD5}"'], IMAGE)),
    (get, http_response("404 Not Found", [])),
    (get, http_response("404 Not Found", [], b"<Error><Code>NoSuch</Error>")),
    (get, http_response("404 Not Found", [], b"<html>not found</html>")),
    (get, http_response("404 Not Found", ["Content-Encoding: gzip"], ERROR % b"NoSuchKey")),
    (head, http_response("200 OK", [DATED])),
    (head, http_response("200 OK", ['ETag: "e"'])),
    (head, http_response("200 OK", ['ETag: "e"', "Last-Modified: yesterday"])),
    (head, head_only("200 OK", ['ETag: "e"', DATED])),
    (head, http_response("200 OK", ['ETag: "e"', DATED]) + b"body"),
    (put, http_response("200 OK", [])),
    (put, http_response("200 OK", ['ETag: "e"', "x-amz-checksum-crc32: AAAAAA=="])),
    (put, http_response("200 OK", ['ETag: "e"'], b"<PutObjectResult/>")),
    (put, http_response("204 No Content", ['ETag: "e"'])),
    (delete, http_response("202 Accepted", [])),
    (get_item, http_response("200 OK", [crc32(b"{}")], ITEM)),
    (get_item, http_response("200 OK", ["Content-Encoding: gzip"], ITEM)),
    *((get_item, http_response("200 OK", [], ITEM[:count])) for count in range(len(ITEM))),
    (get_item, http_response("200 OK", [], b"[]")),
    (get_item, http_response("200 OK", [], b'{"Item":[]}')),
    (get_item, http_response("200 OK", [], b'{"Item":{"id":"1"}}')),
    (get_item, http_response("200 OK", [], b'{"Item":"\xff"}')),
    (put_item, http_response("400 Bad Request", [], FAILED[:-1])),
    (put_item, http_response("400 Bad Request", [], b"{}")),
    (put_events, http_response("200 OK", [], b"{}")),
    (put_events, http_response("200 OK", [], b'{"Entries":[]}')),
    (put_events, http_response("200 OK", [], b'{"Entries":[1]}')),
]


@pytest.mark.parametrize(("call", "whole"), UNDOCUMENTED)
def test_a_response_that_aws_does_not_document_is_not_accepted(call: Call, whole: bytes) -> None:
    with (
        raw_server(RawResponse(whole, ConnectionEnd.FIN)) as server,
        pytest.raises(NoValidResponse),
    ):
        outcome(call, server)


@pytest.mark.parametrize(
    ("call", "whole", "code"),
    [
        (put, http_response("200 OK", ['ETag: "e"'], ERROR % b"InternalError"), "InternalError"),
        (put, http_response("200 OK", ['ETag: "e"'], ERROR % b"SlowDown"), "SlowDown"),
        (delete, http_response("200 OK", [], ERROR % b"InternalError"), "InternalError"),
        (
            get_item,
            http_response("200 OK", [], b'{"__type":"x#InternalServerError"}'),
            "InternalServerError",
        ),
        (
            put_item,
            http_response("200 OK", [], b'{"__type":"x#ThrottlingException"}'),
            "ThrottlingException",
        ),
        (put, http_response("400 -", [], ERROR % b"BadDigest"), "BadDigest"),
        (get, http_response("503 -", [], b"<html>busy</html>"), "503"),
        (get, http_response("429 -", []), "429"),
    ],
)
def test_a_retryable_error_is_recognised_by_its_code_with_any_status(
    call: Call, whole: bytes, code: str
) -> None:
    with raw_server(RawResponse(whole)) as server:
        assert outcome(call, server) == code

    assert len(server.requests) == 3


def test_a_code_within_a_message_is_ignored() -> None:
    body = json.dumps({"message": '"__type":"x#ThrottlingException"', "__type": "x#Bad"}).encode()
    with raw_server(RawResponse(http_response("400 -", [], body))) as server:
        assert outcome(put_item, server) == "Bad"


def checksum(name: str, digest: bytes) -> str:
    return f"x-amz-checksum-{name}: {b64encode(digest).decode()}"


# Headers of responses that the checks accept: the checksum matches, or there is none to compare.
RIGHT_BYTES = [
    [f'ETag: "{MD5}"'],
    [f'ETag: "{MD5}-3"'],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption: aws:kms"],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption: aws:kms:dsse"],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption-customer-algorithm: AES256"],
    ['ETag: "e"', checksum("crc32", zlib.crc32(IMAGE).to_bytes(4, "big"))],
    ['ETag: "e"', checksum("sha256", hashlib.sha256(IMAGE).digest())],
    ['ETag: "e"', checksum("sha1", hashlib.sha1(IMAGE, usedforsecurity=False).digest())],
    ['ETag: "e-2"', "x-amz-checksum-crc32: AAAAAA==-2", "x-amz-checksum-type: COMPOSITE"],
    ['ETag: "e"', "x-amz-checksum-crc64nvme: AAAAAAAAAAA="],
    [f'ETag: "{MD5}"', "Content-Encoding: gzip"],
]


@pytest.mark.parametrize("headers", RIGHT_BYTES)
def test_bytes_that_match_their_checksum_are_returned(headers: list[str]) -> None:
    with raw_server(RawResponse(http_response("200 OK", headers, IMAGE))) as server:
        assert outcome(get, server) == IMAGE


def test_a_chunked_response_is_joined() -> None:
    with raw_server(
        RawResponse(chunked_response("200 OK", [], ITEM[:1], ITEM[1:7], ITEM[7:]))
    ) as server:
        assert outcome(get_item, server) == json.loads(ITEM)


def test_interim_responses_are_skipped() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    with raw_server(RawResponse(early + http_response("200 OK", [], ITEM))) as server:
        assert outcome(get_item, server) == json.loads(ITEM)


@pytest.mark.parametrize(
    ("before", "may_be_applied"),
    [(RawResponse(b"", ConnectionEnd.RST), True), (RawResponse(http_response("503 -", [])), False)],
)
def test_an_error_says_whether_an_earlier_attempt_may_have_been_applied(
    before: RawResponse, may_be_applied: bool
) -> None:
    failed = RawResponse(http_response("412 -", [], ERROR % b"PreconditionFailed"))
    with raw_server(before, failed) as server, pytest.raises(ServiceError) as caught:
        put(server.environment)

    assert caught.value.may_have_been_applied is may_be_applied
