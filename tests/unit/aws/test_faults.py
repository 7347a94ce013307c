"""Errors of AWS's clients become ours, of whatever kind they are."""

import http.client
import json
import ssl

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import SSLError

from imagemill.aws.errors import (
    RequestRefused,
    ResponseInvalid,
    Unreachable,
    follows_unknown,
    required,
    translated,
)
from imagemill.errors import StoreUnavailable, Throttled


def client_error(code: str, retries: int = 0) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"RetryAttempts": retries}},  # type: ignore[typeddict-item]  # as far as it is read
        "GetObject",
    )


@pytest.mark.parametrize(
    "fault",
    [
        ResponseInvalid("cut"),
        Unreachable("cut"),
        RequestRefused("GetObject", "AccessDenied", 403),
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
def test_an_error_of_a_client_is_an_unavailable_store(fault: Exception) -> None:
    with pytest.raises(StoreUnavailable, match="the store") as caught, translated("the store"):
        raise fault

    assert caught.value.__cause__ is fault


@pytest.mark.parametrize(
    "fault", [RequestRefused("x", "SlowDown", 503), client_error("RequestThrottled")]
)
def test_a_service_that_asks_to_slow_down_is_told_apart(fault: Exception) -> None:
    with pytest.raises(Throttled), translated("the store"):
        raise fault


def test_a_fault_in_our_own_code_is_none_of_the_stores() -> None:
    with pytest.raises(KeyError), translated("the store"):
        raise KeyError("x")


def test_a_part_of_an_answer_that_is_missing_is_the_stores_fault() -> None:
    assert required({"ETag": "e"}, "ETag", "the store") == "e"
    with pytest.raises(StoreUnavailable, match="the store answered without ETag"):
        required({}, "ETag", "the store")


def test_a_client_tells_whether_an_earlier_try_may_have_been_applied() -> None:
    first, again = (
        RequestRefused("x", "PreconditionFailed", 412),
        RequestRefused("x", "PreconditionFailed", 412),
    )
    again.follows_unknown = True

    told = [follows_unknown(fault) for fault in (first, again, client_error("x"))]

    assert told == [False, True, False]
    assert follows_unknown(client_error("x", retries=1))
