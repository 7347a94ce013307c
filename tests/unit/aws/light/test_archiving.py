"""The clients of archiving send what AWS documents, and believe only such answers."""

import json

import pytest
from fakes.aws_server import CannedResponse, fake_aws

from imagemill.aws.light import NoValidResponse, ServiceError
from imagemill.aws.light.archiving import ArchivingS3
from imagemill.aws.light.connection import Timeouts
from imagemill.aws.light.invoking import Lambda

KEY = "été/a&b.jpg"
TARGET = "/originals/%C3%A9t%C3%A9/a%26b.jpg"
TAGS = (
    b"<Tagging xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><TagSet><Tag><Key>a b</Key>"
    b"<Value>1&amp;2</Value></Tag><Tag><Key>c</Key><Value/></Tag></TagSet></Tagging>"
)


def no_pause(_: float) -> None:
    """Return at once."""


def test_all_headers_of_an_object_are_returned() -> None:
    with fake_aws(CannedResponse(headers={"x-amz-storage-class": "GLACIER_IR"})) as server:
        headers = ArchivingS3(server.environment).object_headers(Bucket="originals", Key=KEY)

    assert (headers["etag"], headers["x-amz-storage-class"]) == ('"e"', "GLACIER_IR")
    assert server.requests[0][:2] == ("HEAD", TARGET)


def test_tags_are_returned_as_a_query() -> None:
    with fake_aws(CannedResponse(body=TAGS)) as server:
        tags = ArchivingS3(server.environment).object_tags(Bucket="originals", Key=KEY)

    assert tags == "a+b=1%262&c="
    assert server.requests[0][:2] == ("GET", f"{TARGET}?tagging=")


def test_an_object_is_stored_with_its_headers_and_a_checksum_on_a_condition() -> None:
    with fake_aws(CannedResponse(headers={"x-amz-version-id": "v2"})) as server:
        stored = ArchivingS3(server.environment).put_with_headers(
            b"data", {"cache-control": "no-store"}, Bucket="originals", Key=KEY, IfMatch='"e"'
        )

    assert stored == {"ETag": '"e"', "VersionId": "v2"}
    method, target, headers, body = server.requests[0]
    assert (method, target, body) == ("PUT", TARGET, b"data")
    assert (headers["if-match"], headers["cache-control"]) == ('"e"', "no-store")
    assert headers["x-amz-checksum-crc32"] == "rfPzYw=="


def test_a_function_is_called_with_json() -> None:
    with fake_aws(CannedResponse(body=b'{"key": "~o/1"}')) as server:
        found = Lambda(server.environment, Timeouts()).invoke("Archive-1", {"unpack": "id"})

    assert found == {"key": "~o/1"}
    method, target, headers, body = server.requests[0]
    assert (method, target) == ("POST", "/2015-03-31/functions/Archive-1/invocations")
    assert "/eu-west-1/lambda/aws4_request" in headers["authorization"]
    assert json.loads(body) == {"unpack": "id"}


def test_a_function_that_failed_or_answers_no_object_gives_no_result() -> None:
    failed = CannedResponse(headers={"x-amz-function-error": "Unhandled"}, body=b"{}")

    with fake_aws(failed) as server, pytest.raises(NoValidResponse):
        Lambda(server.environment, Timeouts(), no_pause).invoke("f", {})
    with fake_aws(CannedResponse(body=b"[]")) as server, pytest.raises(NoValidResponse):
        Lambda(server.environment, Timeouts(), no_pause).invoke("f", {})


def test_a_throttled_call_is_an_error_of_the_service() -> None:
    headers = {"x-amzn-errortype": "TooManyRequestsException:http://x"}
    throttled = CannedResponse(429, headers, b'{"Reason": "ConcurrentInvocationLimitExceeded"}')

    with fake_aws(throttled) as server, pytest.raises(ServiceError) as caught:
        Lambda(server.environment, Timeouts(), no_pause).invoke("f", {})

    assert caught.value.is_retryable
    assert len(server.requests) == 3
