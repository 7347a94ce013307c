"""Originals with a Content-Encoding, as the resizer's client gets them."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from fakes.aws_server import CannedResponse, FakeAwsServer, fake_aws
from fakes.events import created
from fakes.images import jpeg

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.light.clients import S3
from imagemill.domain.event import ObjectEvent
from imagemill.errors import EmptyFile, NotAnImage, UnsupportedFormat
from imagemill.imaging.sniff import sniff

PACKED = gzip.compress(jpeg())
DATED = {"Last-Modified": "Mon, 04 May 2026 10:20:30 GMT", "ETag": '"e"'}
SMALL = replace(created(), etag="")
LARGE = replace(SMALL, bytes=2 << 20)


def head(encoding: str) -> CannedResponse:
    return CannedResponse(headers=DATED | {"Content-Encoding": encoding})


def read(aws: FakeAwsServer, event: ObjectEvent = SMALL) -> bytes | None:
    client: Any = S3(aws.environment)
    return EncodedOriginalsBucket(client, "b").read(event, sniff)


@pytest.mark.parametrize("event", [SMALL, LARGE])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "aws-chunked,gzip"])
def test_an_original_that_is_said_to_be_packed_is_read_as_it_is(
    event: ObjectEvent, encoding: str
) -> None:
    body = CannedResponse(body=PACKED)

    with fake_aws(body, head(encoding), body) as aws:
        data = read(aws, event)

    assert data == PACKED
    assert [method for method, *_ in aws.requests] == ["GET", "HEAD", "GET"]
    assert aws.requests[1][1] == "/b/a.jpg?versionId=v1"


@pytest.mark.parametrize("encoding", ["", "identity", "aws-chunked"])
def test_gzip_that_is_not_said_to_be_an_encoding_is_no_image(encoding: str) -> None:
    with fake_aws(CannedResponse(body=PACKED), head(encoding)) as aws, pytest.raises(NotAnImage):
        read(aws)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 500])
def test_another_encoding_is_refused_by_its_name(encoding: str) -> None:
    with (
        fake_aws(CannedResponse(body=b"packed somehow"), head(encoding)) as aws,
        pytest.raises(UnsupportedFormat, match="Content-Encoding") as refusal,
    ):
        read(aws)

    assert encoding[:20] in str(refusal.value)
    assert len(str(refusal.value)) < 150


def test_an_image_costs_one_request() -> None:
    with fake_aws(CannedResponse(body=jpeg())) as aws:
        read(aws)

    assert [method for method, *_ in aws.requests] == ["GET"]


def test_a_file_of_no_bytes_is_empty_whatever_its_encoding() -> None:
    with fake_aws(CannedResponse()) as aws, pytest.raises(EmptyFile):
        read(aws)

    assert len(aws.requests) == 1


def test_a_version_that_went_meanwhile_is_gone() -> None:
    with fake_aws(CannedResponse(body=PACKED), CannedResponse(404)) as aws:
        assert read(aws) is None
