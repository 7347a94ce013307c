"""An answer that ends early, or is not as AWS documents it, is never taken for an answer."""

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

from imagemill.aws.errors import RequestRefused, Unreachable, translated
from imagemill.aws.light.clients import S3, DynamoDB, Events
from imagemill.errors import StoreUnavailable, Throttled, TransientFault

Ask = Callable[[dict[str, str]], object]

IMAGE = b"\xff\xd8\xff\xe0 an image, as far as its beginning tells"
MD5 = hashlib.md5(IMAGE, usedforsecurity=False).hexdigest()
OBJECT: dict[str, Any] = {"Bucket": "b", "Key": "k"}
STORED: dict[str, Any] = {**OBJECT, "Body": b"1", "IfNoneMatch": "*"}
ITEM = b'{"Item":{"id":{"S":"1"}}}'
ERROR = b"<Error><Code>%b</Code><Message>m</Message></Error>"
LOST = b'{"__type":"com.amazonaws#ConditionalCheckFailedException","message":"m"}'
DATED = "Last-Modified: Sun, 22 Nov 2026 10:11:12 GMT"


def at_once(_: float) -> None:
    """Wait for nothing."""


def get(environ: dict[str, str]) -> object:
    body = S3(environ, at_once).get_object(**OBJECT)["Body"]
    try:
        return body.read()
    finally:
        body.close()


def head(environ: dict[str, str]) -> object:
    return S3(environ, at_once).head_object(**OBJECT)


def put(environ: dict[str, str]) -> object:
    return S3(environ, at_once).put_object(**STORED)


def delete(environ: dict[str, str]) -> object:
    S3(environ, at_once).delete_object(**OBJECT, IfMatch='"e"')
    return "deleted"


def get_item(environ: dict[str, str]) -> object:
    return DynamoDB(environ, at_once).get_item(TableName="t", Key={"id": {"S": "1"}})


def put_item(environ: dict[str, str]) -> object:
    return DynamoDB(environ, at_once).put_item(TableName="t", Item={"id": {"S": "1"}})


def put_events(environ: dict[str, str]) -> object:
    return Events(environ, at_once).put_events(Entries=[{"Source": "s"}])


def head_only(status: str, headers: Sequence[str]) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def crc32(data: bytes) -> str:
    return f"x-amz-crc32: {zlib.crc32(data)}"


WHOLE: dict[str, tuple[Ask, bytes]] = {
    "GetObject": (get, http_response("200 OK", [f'ETag: "{MD5}"'], IMAGE)),
    "GetObject missing": (get, http_response("404 Not Found", [], ERROR % b"NoSuchKey")),
    "GetObject missing, in chunks": (get, chunked_response("404 -", [], ERROR % b"NoSuchKey")),
    "HeadObject": (head, http_response("200 OK", ['ETag: "e"', DATED, "x-amz-meta-sequencer: 1A"])),
    "HeadObject missing": (head, head_only("404 Not Found", ["x-amz-request-id: 1"])),
    "PutObject": (put, http_response("200 OK", ['ETag: "e"', "x-amz-version-id: 1"])),
    "PutObject lost": (put, http_response("412 -", [], ERROR % b"PreconditionFailed")),
    "DeleteObject": (delete, head_only("204 No Content", ["x-amz-version-id: 12"])),
    "DeleteObject lost": (delete, chunked_response("412 -", [], ERROR % b"PreconditionFailed")),
    "GetItem": (get_item, http_response("200 OK", [crc32(ITEM)], ITEM)),
    "GetItem in chunks": (get_item, chunked_response("200 OK", [], ITEM[:10], ITEM[10:])),
    "PutItem": (put_item, http_response("200 OK", [crc32(b"{}")], b"{}")),
    "PutItem lost": (put_item, http_response("400 Bad Request", [crc32(LOST)], LOST)),
    "PutEvents": (put_events, http_response("200 OK", [], b'{"Entries":[{"EventId":"1"}]}')),
}
"""Each operation, and an answer to it as it goes over the network."""


def outcome(ask: Ask, server: RawServer) -> object:
    """Return what an operation ends in; a refusal by its code."""
    try:
        return ask(server.environment)
    except RequestRefused as refusal:
        return refusal.response["Error"]["Code"]


def is_taken(ask: Ask, data: bytes, end: ConnectionEnd) -> bool:
    """Return whether a client makes anything of an answer of which only this arrives."""
    with raw_server(RawResponse(data, end)) as server:
        try:
            outcome(ask, server)
        except Unreachable:
            return False
    return True


@pytest.mark.parametrize("end", [ConnectionEnd.FIN, ConnectionEnd.RST])
@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_cut_anywhere_is_no_answer(name: str, end: ConnectionEnd) -> None:
    ask, whole = WHOLE[name]

    taken = [count for count in range(len(whole)) if is_taken(ask, whole[:count], end)]

    assert taken == []


@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_that_was_cut_is_asked_for_again(name: str) -> None:
    ask, whole = WHOLE[name]
    with raw_server(RawResponse(whole)) as server:
        expected = outcome(ask, server)

    with raw_server(
        RawResponse(whole[:30], ConnectionEnd.FIN),
        RawResponse(whole[:9], ConnectionEnd.RST),
        RawResponse(whole),
    ) as server:
        again = outcome(ask, server)

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
UNDOCUMENTED: list[tuple[Ask, bytes]] = [
    *((get, whole) for whole in OTHER_LENGTH),
    *((get, http_response("200 OK", headers, IMAGE)) for headers in OTHER_BYTES),
    *((ask, whole) for whole in MALFORMED for ask in (get, head, put, delete, put_item)),
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
    (put_item, http_response("400 Bad Request", [], LOST[:-1])),
    (put_item, http_response("400 Bad Request", [], b"{}")),
    (put_events, http_response("200 OK", [], b"{}")),
    (put_events, http_response("200 OK", [], b'{"Entries":[]}')),
    (put_events, http_response("200 OK", [], b'{"Entries":[1]}')),
]


@pytest.mark.parametrize(("ask", "whole"), UNDOCUMENTED)
def test_an_answer_that_aws_does_not_document_is_no_answer(ask: Ask, whole: bytes) -> None:
    with raw_server(RawResponse(whole, ConnectionEnd.FIN)) as server, pytest.raises(Unreachable):
        outcome(ask, server)


@pytest.mark.parametrize(
    ("ask", "whole", "error"),
    [
        (put, http_response("200 OK", ['ETag: "e"'], ERROR % b"InternalError"), StoreUnavailable),
        (put, http_response("200 OK", ['ETag: "e"'], ERROR % b"SlowDown"), Throttled),
        (delete, http_response("200 OK", [], ERROR % b"InternalError"), StoreUnavailable),
        (
            get_item,
            http_response("200 OK", [], b'{"__type":"x#InternalServerError"}'),
            StoreUnavailable,
        ),
        (put_item, http_response("200 OK", [], b'{"__type":"x#ThrottlingException"}'), Throttled),
        (put, http_response("400 -", [], ERROR % b"BadDigest"), StoreUnavailable),
        (get, http_response("503 -", [], b"<html>busy</html>"), StoreUnavailable),
        (get, http_response("429 -", []), Throttled),
    ],
)
def test_an_error_is_told_by_its_code_whatever_its_status(
    ask: Ask, whole: bytes, error: type[TransientFault]
) -> None:
    with raw_server(RawResponse(whole)) as server, pytest.raises(error), translated("AWS"):
        ask(server.environment)

    assert len(server.requests) == 3


def test_a_code_within_a_message_is_none() -> None:
    told = json.dumps({"message": '"__type":"x#ThrottlingException"', "__type": "x#Bad"}).encode()
    with raw_server(RawResponse(http_response("400 -", [], told))) as server:
        assert outcome(put_item, server) == "Bad"


def told(name: str, digest: bytes) -> str:
    return f"x-amz-checksum-{name}: {b64encode(digest).decode()}"


RIGHT_BYTES = [
    [f'ETag: "{MD5}"'],
    [f'ETag: "{MD5}-3"'],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption: aws:kms"],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption: aws:kms:dsse"],
    [f'ETag: "{MD5[::-1]}"', "x-amz-server-side-encryption-customer-algorithm: AES256"],
    ['ETag: "e"', told("crc32", zlib.crc32(IMAGE).to_bytes(4, "big"))],
    ['ETag: "e"', told("sha256", hashlib.sha256(IMAGE).digest())],
    ['ETag: "e"', told("sha1", hashlib.sha1(IMAGE, usedforsecurity=False).digest())],
    ['ETag: "e-2"', "x-amz-checksum-crc32: AAAAAA==-2", "x-amz-checksum-type: COMPOSITE"],
    ['ETag: "e"', "x-amz-checksum-crc64nvme: AAAAAAAAAAA="],
    [f'ETag: "{MD5}"', "Content-Encoding: gzip"],
]


@pytest.mark.parametrize("headers", RIGHT_BYTES)
def test_bytes_are_compared_with_what_s3_tells_of_them(headers: list[str]) -> None:
    with raw_server(RawResponse(http_response("200 OK", headers, IMAGE))) as server:
        assert outcome(get, server) == IMAGE


def test_an_answer_in_chunks_is_put_together() -> None:
    with raw_server(
        RawResponse(chunked_response("200 OK", [], ITEM[:1], ITEM[1:7], ITEM[7:]))
    ) as server:
        assert outcome(get_item, server) == json.loads(ITEM)


def test_provisional_answers_are_passed_over() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    with raw_server(RawResponse(early + http_response("200 OK", [], ITEM))) as server:
        assert outcome(get_item, server) == json.loads(ITEM)


@pytest.mark.parametrize(
    ("before", "follows"),
    [(RawResponse(b"", ConnectionEnd.RST), True), (RawResponse(http_response("503 -", [])), False)],
)
def test_a_refusal_tells_whether_an_earlier_try_may_have_been_applied(
    before: RawResponse, follows: bool
) -> None:
    lost = RawResponse(http_response("412 -", [], ERROR % b"PreconditionFailed"))
    with raw_server(before, lost) as server, pytest.raises(RequestRefused) as caught:
        put(server.environment)

    assert caught.value.follows_unknown is follows
