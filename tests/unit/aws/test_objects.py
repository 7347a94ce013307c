"""Originals are read completely or raise StoreUnavailable, with the light client and boto3's."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from fakes.events import created
from fakes.raw_server import ConnectionEnd, RawResponse, http_response, raw_server

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.light import S3
from imagemill.errors import NotAnImage, StoreUnavailable, Throttled
from imagemill.imaging.sniff import sniff
from imagemill.wiring.botocore_config import CLIENT_CONFIG

Bucket = Callable[[dict[str, str]], OriginalsBucket]

IMAGE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 6_000
ETAG = hashlib.md5(IMAGE, usedforsecurity=False).hexdigest()
EVENT = replace(created("k.jpg"), etag=ETAG, bytes=len(IMAGE))
GOT = http_response("200 OK", [f'ETag: "{ETAG}"'], IMAGE)
BODY_AT = len(GOT) - len(IMAGE)
ERROR = b"<Error><Code>%b</Code></Error>"
# One for all tests, because it reads the descriptions of the services.
SESSION = boto3.Session("key", "secret", region_name="eu-west-1")
SOON = CLIENT_CONFIG.merge(
    Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
)


def light(environ: dict[str, str]) -> OriginalsBucket:
    return OriginalsBucket(S3(environ, lambda _: None), "originals")


def boto3_bucket(environ: dict[str, str]) -> OriginalsBucket:
    client = SESSION.client("s3", endpoint_url=environ["AWS_ENDPOINT_URL"], config=SOON)
    return OriginalsBucket(client, "originals")


@pytest.fixture(params=[light, boto3_bucket])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    """Return a function that makes the store with one of its two clients."""
    made: Bucket = request.param
    return made


def test_a_complete_original_is_read(bucket: Bucket) -> None:
    with raw_server(RawResponse(GOT)) as server:
        assert bucket(server.environment).read(EVENT, sniff) == IMAGE


@pytest.mark.parametrize("end", [ConnectionEnd.FIN, ConnectionEnd.RST])
@pytest.mark.parametrize(
    "count", [0, 12, 40, BODY_AT, BODY_AT + 1, BODY_AT + 4_095, BODY_AT + 4_096, len(GOT) - 1]
)
def test_an_original_that_ends_early_is_not_rejected(
    bucket: Bucket, count: int, end: ConnectionEnd
) -> None:
    with raw_server(RawResponse(GOT[:count], end)) as server, pytest.raises(StoreUnavailable):
        bucket(server.environment).read(EVENT, sniff)


def test_a_small_original_that_ends_early_is_not_rejected(bucket: Bucket) -> None:
    small = http_response("200 OK", ['ETag: "e"'], b"", length=10)
    with (
        raw_server(RawResponse(small, ConnectionEnd.FIN)) as server,
        pytest.raises(StoreUnavailable),
    ):
        bucket(server.environment).read(replace(EVENT, etag="e", bytes=10))


@pytest.mark.parametrize(
    "data",
    [
        http_response("200 OK", [f'ETag: "{ETAG}"'], b"?" + IMAGE[1:]),
        http_response("200 OK", [f'ETag: "{ETAG}"'], IMAGE[:-1] + b"?"),
        http_response("200 OK", [f'ETag: "{ETAG}"'], b""),
        http_response("200 OK", ['ETag: "other"'], IMAGE),
        http_response("200 OK", [], IMAGE),
        http_response("200 OK", [f'ETag: "{ETAG}"', "x-amz-checksum-crc32: AAAAAA=="], IMAGE),
        GOT.replace(b"Content-Length", b"X-Length"),
        http_response("404 Not Found", []),
        http_response("404 Not Found", [], b"<html>"),
        http_response("404 Not Found", [], ERROR % b"NoSuchBucket"),
        http_response("500 -", [], ERROR % b"InternalError"),
    ],
)
def test_other_bytes_than_announced_are_store_unavailable(bucket: Bucket, data: bytes) -> None:
    with (
        raw_server(RawResponse(data, ConnectionEnd.FIN)) as server,
        pytest.raises(StoreUnavailable),
    ):
        bucket(server.environment).read(EVENT, sniff)


def test_a_throttled_request_raises_throttled(bucket: Bucket) -> None:
    busy = RawResponse(http_response("503 -", [], ERROR % b"SlowDown"))
    with raw_server(busy) as server, pytest.raises(Throttled):
        bucket(server.environment).read(EVENT, sniff)


@pytest.mark.parametrize("code", [b"NoSuchKey", b"NoSuchVersion"])
def test_a_version_that_is_gone_is_none(bucket: Bucket, code: bytes) -> None:
    with raw_server(RawResponse(http_response("404 Not Found", [], ERROR % code))) as server:
        assert bucket(server.environment).read(EVENT, sniff) is None


def test_a_beginning_that_is_not_an_image_is_rejected_if_the_checksum_matches(
    bucket: Bucket,
) -> None:
    words = b"words" * 400_000
    etag = hashlib.md5(words, usedforsecurity=False).hexdigest()
    event = replace(EVENT, etag=etag, bytes=len(words))
    whole = RawResponse(http_response("200 OK", [f'ETag: "{etag}"'], words))
    with raw_server(whole) as server, pytest.raises(NotAnImage):
        bucket(server.environment).read(event, sniff)


@pytest.mark.parametrize(("version_id", "condition"), [("v1", b""), ("", b"e"), ("null", b"e")])
def test_bytes_that_can_be_replaced_are_requested_by_etag(
    bucket: Bucket, version_id: str, condition: bytes
) -> None:
    event = replace(EVENT, version_id=version_id, etag="e", bytes=1)
    with raw_server(
        RawResponse(http_response("412 -", [], ERROR % b"PreconditionFailed"))
    ) as server:
        read = bucket(server.environment).read(event)

    lines = server.requests[0].lower().split(b"\r\n")
    found = [line.partition(b": ")[2] for line in lines if line.startswith(b"if-match:")]
    assert (read, found) == (None, [condition] if condition else [])


@pytest.mark.parametrize(
    "headers",
    [[], ['ETag: "e"'], ["Last-Modified: Sun, 22 Nov 2026 10:11:12 GMT"], ["Last-Modified: x"]],
)
def test_incomplete_facts_about_an_original_are_store_unavailable(
    bucket: Bucket, headers: list[str]
) -> None:
    with (
        raw_server(RawResponse(http_response("200 OK", headers))) as server,
        pytest.raises(StoreUnavailable),
    ):
        bucket(server.environment).current("k.jpg")


def test_an_upload_without_an_etag_is_store_unavailable(bucket: Bucket) -> None:
    with (
        raw_server(RawResponse(http_response("200 OK", []))) as server,
        pytest.raises(StoreUnavailable),
    ):
        bucket(server.environment).upload("k.jpg", b"1", "image/jpeg")
