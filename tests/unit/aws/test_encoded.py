"""Originals with a Content-Encoding, read with the light client."""

import gzip
from dataclasses import replace

import pytest
from fakes.aws_server import CannedResponse, FakeAwsServer, fake_aws
from fakes.events import created
from fakes.images import jpeg

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.light import S3
from imagemill.domain.event import ObjectEvent
from imagemill.errors import EmptyFile, NotAnImage, UnsupportedFormat
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
