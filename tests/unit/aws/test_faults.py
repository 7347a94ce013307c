"""Errors of AWS clients are translated into ours."""

import http.client
import json
import ssl

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import SSLError

from imagemill.aws.errors import configured, required, translated
from imagemill.aws.light import S3, InvalidResponse, NoValidResponse, ServiceError
from imagemill.errors import ConfigurationInvalid, StoreUnavailable, Throttled


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetObject")


@pytest.mark.parametrize(
    "fault",
    [
        InvalidResponse("cut"),
        NoValidResponse("cut"),
        ServiceError("GetObject", "AccessDenied", 403),
        client_error("AccessDenied"),
        ReadTimeoutError(endpoint_url="x"),
        ResponseParserError("x"),
        SSLError("x"),
        ssl.SSLError("x"),
        ConnectionResetError(),
        TimeoutError(),
        http.client.BadStatusLine("x"),
        json.JSONDecodeError("x", "x", 0),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "x"),
    ],
)
def test_an_error_of_a_client_is_store_unavailable(fault: Exception) -> None:
    with pytest.raises(StoreUnavailable, match="the store") as caught, translated("the store"):
        raise fault

    assert caught.value.__cause__ is fault


@pytest.mark.parametrize(
    "fault", [ServiceError("x", "SlowDown", 503), client_error("RequestThrottled")]
)
def test_an_error_code_for_throttling_is_throttled(fault: Exception) -> None:
    with pytest.raises(Throttled), translated("the store"):
        raise fault


def test_an_error_in_our_own_code_is_not_translated() -> None:
    with pytest.raises(KeyError), translated("the store"):
        raise KeyError("x")


def test_a_missing_part_of_a_response_is_store_unavailable() -> None:
    assert required("e", "ETag", "the store") == "e"
    with pytest.raises(StoreUnavailable, match="the store answered without ETag"):
        required(None, "ETag", "the store")


def test_an_environment_without_credentials_is_an_invalid_configuration() -> None:
    with pytest.raises(ConfigurationInvalid, match="AWS_ACCESS_KEY_ID"), configured():
        S3({"AWS_REGION": "eu-west-1"})
