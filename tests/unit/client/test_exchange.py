"""When a request is repeated, and with which pause. Nothing is sent: the tests answer."""

import httpx
import pytest

from imagemill.client.errors import ApiError
from imagemill.client.exchange import Ask, Running, accepted, answered
from imagemill.errors import StoreUnavailable

ASKED = Ask("GET", "/images/x")


def problem(status: int, code: str, retry_after: str = "") -> httpx.Response:
    headers = {"retry-after": retry_after} if retry_after else {}
    facts = {"code": code, "detail": "why", "request_id": "r-1"}
    return httpx.Response(status, json=facts, headers=headers)


@pytest.mark.parametrize(
    "answer",
    [
        problem(409, "not_ready", "7"),
        problem(429, "too_many_requests", "7"),
        problem(503, "store_unavailable", "7"),
        problem(504, "timed_out", "7"),
    ],
)
def test_a_request_is_repeated_after_the_time_that_the_api_names(answer: httpx.Response) -> None:
    running = Running(answered(ASKED))

    running.answer(answer)

    assert running.step == Ask("GET", "/images/x", delay_s=7)
    running.answer(httpx.Response(200))
    assert running.result.status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "not_found"),
        problem(409, "no_address"),
        problem(429, "quota_exceeded", "7"),
        httpx.Response(403, text="<Error/>"),
    ],
)
def test_a_request_that_cannot_succeed_later_is_not_repeated(answer: httpx.Response) -> None:
    running = Running(answered(ASKED))

    running.answer(answer)

    assert (running.step, running.result) == (None, answer)


def test_a_limit_without_a_time_is_waited_for_a_second() -> None:
    running = Running(answered(ASKED))

    running.answer(httpx.Response(429))

    assert running.step == Ask("GET", "/images/x", delay_s=1)


def test_a_server_that_is_not_reached_is_asked_four_times_with_growing_pauses() -> None:
    running, pauses = Running(answered(ASKED)), []
    for _ in range(3):
        running.fail(StoreUnavailable("no route"))
        assert running.step is not None
        pauses.append(running.step.delay_s)

    with pytest.raises(StoreUnavailable, match="no route"):
        running.fail(StoreUnavailable("no route"))

    for pause, longest in zip(pauses, [0.2, 0.4, 0.8], strict=True):
        assert longest / 2 <= pause <= longest


def test_a_server_that_fails_is_asked_four_times() -> None:
    running = Running(answered(ASKED))

    for _ in range(4):
        assert running.step is not None
        running.answer(httpx.Response(502))

    assert (running.step, running.result.status_code) == (None, 502)


def test_an_api_that_stays_busy_is_asked_twenty_times() -> None:
    running, attempts = Running(answered(ASKED)), 0

    while running.step:
        running.answer(problem(429, "too_many_requests", "1"))
        attempts += 1

    assert (attempts, running.result.status_code) == (20, 429)


def test_a_problem_is_raised_with_its_code_and_request_id() -> None:
    running = Running(accepted(ASKED))

    with pytest.raises(ApiError, match="why") as caught:
        running.answer(problem(410, "gone"))

    fault = caught.value
    assert (fault.code, fault.status, fault.request_id) == ("gone", 410, "r-1")


@pytest.mark.parametrize("body", ["<html>", "[]", '{"message": "Forbidden"}'])
def test_an_error_that_is_no_problem_is_named_by_its_status(body: str) -> None:
    running = Running(accepted(ASKED))

    with pytest.raises(StoreUnavailable, match="the API answered 403"):
        running.answer(httpx.Response(403, text=body))
