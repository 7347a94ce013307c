"""Requests as values, and when they are repeated. Nothing here sends: see `transport`.

An operation is a generator: it yields requests, gets their responses, and returns its result. So
the clients with and without `async` share all operations.
"""

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Generic, TypeVar

import httpx

from imagemill.client.errors import problem_in
from imagemill.client.sources import UploadFile
from imagemill.dataclass import dataclass
from imagemill.domain.presigned_post import PresignedPost
from imagemill.errors import StoreUnavailable

# Attempts of one request, while the API responds that it is too early or too much.
_MAX_ATTEMPTS = 20
# Attempts of one request that gets no response, or one of a server that failed.
_MAX_FAILURES = 4
# Seconds until the second of them; each further pause is twice as long.
_FIRST_PAUSE_S = 0.2
# Seconds until the next attempt if the API names none.
_RETRY_AFTER_S = 1
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_FAILED = {
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the API, with credentials; sent after `delay_s` seconds."""

    method: str
    path: str
    params: Mapping[str, str | int] | None = None
    json: object = None
    delay_s: float = 0


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request for the bytes at a presigned URL."""

    url: str
    delay_s: float = 0


@dataclass(frozen=True, slots=True)
class Post:
    """An upload of a file with a form."""

    form: PresignedPost
    file: UploadFile
    content_type: str
    delay_s: float = 0


@dataclass(frozen=True, slots=True)
class Put:
    """An upload of bytes to a presigned URL."""

    url: str
    data: bytes
    headers: Mapping[str, str]
    delay_s: float = 0


Step = Ask | Fetch | Post | Put
_T = TypeVar("_T")
# Gets the response to each step; StoreUnavailable is thrown into it if there is none.
Flow = Generator[Step, httpx.Response, _T]


class Running(Generic[_T]):
    """An operation in progress: `step` is its next request, None when it has a `result`."""

    result: _T

    def __init__(self, flow: Flow[_T]) -> None:
        self.step: Step | None = None
        self._flow = flow
        self._advance(lambda: next(flow))

    def answer(self, response: httpx.Response) -> None:
        """Continue with the response to the request."""
        self._advance(lambda: self._flow.send(response))

    def fail(self, fault: StoreUnavailable) -> None:
        """Continue without a response."""
        self._advance(lambda: self._flow.throw(fault))

    def _advance(self, go: Callable[[], Step]) -> None:
        try:
            self.step = go()
        except StopIteration as end:
            self.step, self.result = None, end.value


def answered(step: Step) -> Flow[httpx.Response]:
    """Return the response to a request, which is repeated while another attempt may succeed.

    Every request of the operations may be repeated: a form stores the same bytes under the same
    key, and a second form for one file only leaves a record that expires. Raises StoreUnavailable.
    """
    failures = 0
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            answer = yield step
        except StoreUnavailable:
            failures += 1
            if failures == _MAX_FAILURES:
                raise
            step = replace(step, delay_s=_pause_s(failures))
            continue
        failures += answer.status_code in _FAILED
        if attempt == _MAX_ATTEMPTS or failures == _MAX_FAILURES or not _may_succeed(answer):
            break
        step = replace(step, delay_s=_named_pause_s(answer) or _pause_s(failures))
    return answer


def accepted(step: Step) -> Flow[httpx.Response]:
    """Return a response that is no error; raises ApiError and StoreUnavailable."""
    answer = yield from answered(step)
    if not answer.is_error:
        return answer
    problem = problem_in(answer)
    if problem:
        raise problem
    raise StoreUnavailable(f"the API answered {answer.status_code}")


def _may_succeed(answer: httpx.Response) -> bool:
    """Return whether the same request may succeed later."""
    if answer.status_code == HTTPStatus.CONFLICT:
        return "retry-after" in answer.headers
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        problem = problem_in(answer)
        # The quota of a day.
        return problem is None or problem.code != "quota_exceeded"
    return answer.status_code in _BUSY | _FAILED


def _named_pause_s(answer: httpx.Response) -> float:
    """Return the seconds that the API names; 0 after a failure without a time."""
    named = answer.headers.get("retry-after", "")
    if named.isdecimal():
        return float(named)
    return 0 if answer.status_code in _FAILED else _RETRY_AFTER_S


def _pause_s(failures: int) -> float:
    """Return a pause that grows, and differs between clients that failed together."""
    longest_s: float = _FIRST_PAUSE_S * 2 ** (failures - 1)
    return longest_s * random.uniform(0.5, 1)  # noqa: S311  # not a secret
