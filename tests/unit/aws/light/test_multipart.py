"""The client of uploads in parts sends what S3 documents, and believes only such answers."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.aws_server import CannedResponse, fake_aws

from imagemill.aws.light import NoValidResponse, ServiceError
from imagemill.aws.light.multipart import MultipartS3

OBJECT: dict[str, Any] = {"Bucket": "originals", "Key": "été/a&b.jpg"}
UPLOAD: dict[str, Any] = {**OBJECT, "UploadId": "u/1+"}
PART = {"PartNumber": 2, "Size": 7, "ETag": '"e"', "ChecksumSHA256": "c2hh"}
PARTS: dict[str, Any] = {"MultipartUpload": {"Parts": [PART]}}
LISTED = (
    b"<ListPartsResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Part><PartNumber>2"
    b'</PartNumber><Size>7</Size><ETag>"e"</ETag><ChecksumSHA256>c2hh</ChecksumSHA256></Part>'
    b"</ListPartsResult>"
)
ERROR = b"<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>"
Call = Callable[[MultipartS3], object]


def no_pause(_: float) -> None:
    """Return at once."""


def begin(client: MultipartS3) -> object:
    return client.create_multipart_upload(
        **OBJECT,
        ContentType="image/jpeg",
        Metadata={"recipe": "hero"},
        ChecksumAlgorithm="SHA256",
    )


def parts(client: MultipartS3) -> object:
    return client.list_parts(**UPLOAD)


def complete(client: MultipartS3) -> object:
    return client.complete_multipart_upload(**UPLOAD, **PARTS)


def abort(client: MultipartS3) -> object:
    client.abort_multipart_upload(**UPLOAD)
    return None


TARGET = "/originals/%C3%A9t%C3%A9/a%26b.jpg"
ID = "uploadId=u%2F1%2B"


@pytest.mark.parametrize(
    ("call", "body", "request_line", "result"),
    [
        (
            begin,
            b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
            ("POST", f"{TARGET}?uploads="),
            {"UploadId": "u"},
        ),
        (parts, LISTED, ("GET", f"{TARGET}?{ID}"), {"Parts": [PART]}),
        (
            complete,
            b'<CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>',
            ("POST", f"{TARGET}?{ID}"),
            {"ETag": '"e-1"', "VersionId": "v"},
        ),
        (abort, b"", ("DELETE", f"{TARGET}?{ID}"), None),
    ],
)
def test_a_request_and_its_answer(
    call: Call, body: bytes, request_line: tuple[str, str], result: object
) -> None:
    with fake_aws(CannedResponse(headers={"x-amz-version-id": "v"}, body=body)) as aws:
        found = call(MultipartS3(aws.environment, no_pause))

    [(method, target, _, _)] = aws.requests
    assert (found, (method, target)) == (result, request_line)


def test_an_upload_begins_with_type_metadata_and_checksum() -> None:
    answer = CannedResponse(body=b"<I><UploadId>u</UploadId></I>")
    with fake_aws(answer) as aws:
        begin(MultipartS3(aws.environment, no_pause))

    [(_, _, headers, _)] = aws.requests
    sent = {name: headers[name] for name in ("content-type", "x-amz-meta-recipe")}
    assert sent == {"content-type": "image/jpeg", "x-amz-meta-recipe": "hero"}
    assert headers["x-amz-checksum-algorithm"] == "SHA256"
    assert "x-amz-checksum-algorithm" in headers["authorization"]


def test_an_upload_is_completed_with_the_checksum_of_each_part() -> None:
    with fake_aws(CannedResponse(body=b"<C><ETag>e</ETag></C>")) as aws:
        complete(MultipartS3(aws.environment, no_pause))

    [(_, _, _, body)] = aws.requests
    assert b'<Part><PartNumber>2</PartNumber><ETag>"e"</ETag>' in body
    assert b"<ChecksumSHA256>c2hh</ChecksumSHA256></Part>" in body


@pytest.mark.parametrize("status", [404, 200])
@pytest.mark.parametrize("call", [begin, parts, complete])
def test_an_error_is_found_also_after_the_status_200(call: Call, status: int) -> None:
    with (
        fake_aws(CannedResponse(status=status, body=ERROR)) as aws,
        pytest.raises(ServiceError, match="NoSuchUpload"),
    ):
        call(MultipartS3(aws.environment, no_pause))


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (begin, b"<I></I>"),
        (begin, b"no XML"),
        (parts, LISTED.replace(b"<Size>7", b"<Size>many")),
        (parts, LISTED.replace(b"<ChecksumSHA256>c2hh</ChecksumSHA256>", b"")),
        (complete, b"<C></C>"),
    ],
)
def test_an_incomplete_answer_is_not_believed(call: Call, body: bytes) -> None:
    with fake_aws(CannedResponse(body=body)) as aws, pytest.raises(NoValidResponse):
        call(MultipartS3(aws.environment, no_pause))
