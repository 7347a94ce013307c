"""Originals with a Content-Encoding, read with the light client."""

import gzip
from dataclasses import replace

import pytest
from fakes.aws_server import CannedResponse, FakeAwsServer, fake_aws
from fakes.events import created
from fakes.images import jpeg
from fakes.raw_server import ConnectionEnd, RawResponse, http_response, raw_server

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.light import S3
from imagemill.domain.event import ObjectEvent
from imagemill.errors import EmptyFile, NotAnImage, StoreUnavailable, UnsupportedFormat
from imagemill.imaging.sniff import sniff

COMPRESSED = gzip.compress(jpeg())
DATED = {"Last-Modified": "Mon, 04 May 2026 10:20:30 GMT", "ETag": '"e"'}
SMALL = replace(created(), etag="")
LARGE = replace(SMALL, bytes=2 << 20)


def head(encoding: str) -> CannedResponse:
    return CannedResponse(headers=DATED | {"Content-Encoding": encoding})


def read(aws: FakeAwsServer, event: ObjectEvent = SMALL) -> bytes | None:
    return EncodedOriginalsBucket(S3(aws.environment), "b").read(event, sniff)


@pytest.mark.parametrize("event", [SMALL, LARGE])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "aws-chunked,gzip"])
def test_a_gzip_original_is_returned_compressed(event: ObjectEvent, encoding: str) -> None:
    body = CannedResponse(body=COMPRESSED)

    with fake_aws(body, head(encoding), body) as aws:
        data = read(aws, event)

    assert data == COMPRESSED
    assert [method for method, *_ in aws.requests] == ["GET", "HEAD", "GET"]
    assert aws.requests[1][1] == "/b/a.jpg?versionId=v1"


@pytest.mark.parametrize("encoding", ["", "identity", "aws-chunked"])
def test_gzip_bytes_without_that_encoding_are_not_an_image(encoding: str) -> None:
    with (
        fake_aws(CannedResponse(body=COMPRESSED), head(encoding)) as aws,
        pytest.raises(NotAnImage),
    ):
        read(aws)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 500])
def test_another_encoding_is_rejected_by_name(encoding: str) -> None:
    with (
        fake_aws(CannedResponse(body=b"compressed"), head(encoding)) as aws,
        pytest.raises(UnsupportedFormat, match="Content-Encoding") as raised,
    ):
        read(aws)

    assert encoding[:20] in str(raised.value)
    assert len(str(raised.value)) < 150


def test_reading_an_image_makes_one_request() -> None:
    with fake_aws(CannedResponse(body=jpeg())) as aws:
        read(aws)

    assert [method for method, *_ in aws.requests] == ["GET"]


def test_a_file_of_no_bytes_is_empty_with_any_encoding() -> None:
    with fake_aws(CannedResponse()) as aws, pytest.raises(EmptyFile):
        read(aws)

    assert len(aws.requests) == 1


def test_a_version_deleted_before_the_second_request_is_gone() -> None:
    with fake_aws(CannedResponse(body=COMPRESSED), CannedResponse(404)) as aws:
        assert read(aws) is None


@pytest.mark.parametrize("event", [SMALL, LARGE])
def test_a_gzip_original_is_not_returned_in_memory(event: ObjectEvent) -> None:
    body = CannedResponse(body=COMPRESSED)

    with fake_aws(body, head("gzip"), body) as aws:
        data = read_into(aws, event, bytearray(len(COMPRESSED)))

    assert data == COMPRESSED


def test_an_image_in_memory_takes_one_request() -> None:
    memory = bytearray(len(jpeg()))

    with fake_aws(CannedResponse(body=jpeg())) as aws:
        data = read_into(aws, LARGE, memory)

    assert (data, bytes(memory), len(aws.requests)) == (b"", jpeg(), 1)


@pytest.mark.parametrize("event", [SMALL, LARGE])
def test_bytes_in_memory_that_are_not_an_image_are_rejected(event: ObjectEvent) -> None:
    with fake_aws(CannedResponse(body=b"text"), head("")) as aws, pytest.raises(NotAnImage):
        read_into(aws, event, bytearray(4))


def test_a_beginning_in_memory_that_was_damaged_does_not_reject_the_image() -> None:
    damaged = CannedResponse(body=b"damaged" * 1_000, headers={"x-amz-checksum-crc32": "AAAAAA=="})

    with fake_aws(damaged, head("")) as aws, pytest.raises(StoreUnavailable):
        read_into(aws, SMALL, bytearray(7_000))


@pytest.mark.parametrize("memory", [None, memoryview(bytearray(2 << 20))])
def test_the_rest_of_a_file_that_is_no_image_is_not_read(memory: memoryview | None) -> None:
    cut = http_response("200 OK", ['ETag: "e"'], b"text" * 5_000, length=2 << 20)
    stated = http_response("200 OK", ['ETag: "e"', "Last-Modified: Mon, 04 May 2026 10:20:30 GMT"])

    with raw_server(RawResponse(cut, ConnectionEnd.FIN), RawResponse(stated)) as server:
        bucket = EncodedOriginalsBucket(S3(server.environment), "b")
        with pytest.raises(NotAnImage):
            bucket.read_into(LARGE, lambda _: memory, sniff)


def test_a_file_of_no_bytes_in_memory_is_empty() -> None:
    with fake_aws(CannedResponse()) as aws, pytest.raises(EmptyFile):
        read_into(aws, SMALL, bytearray())


def read_into(aws: FakeAwsServer, event: ObjectEvent, memory: bytearray) -> bytes | None:
    bucket = EncodedOriginalsBucket(S3(aws.environment), "b")
    return bucket.read_into(event, lambda _: memoryview(memory), sniff)
