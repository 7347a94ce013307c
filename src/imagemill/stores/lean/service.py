"""One AWS service: requests are signed, sent, tried again where that helps, and refused by code."""

import random
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPResponse
from typing import TypeVar

from imagemill.stores.faults import THROTTLING, Refused, Unreachable
from imagemill.stores.lean.connection import BROKEN, Body, Line
from imagemill.stores.lean.endpoint import Endpoint
from imagemill.stores.lean.signature import Signer

_MOST_TRIES = 3
_FIRST_PAUSE_S = 0.2
_LONGER = 4
_LEAST_REFUSAL = 300
_SERVER_FAULTS = frozenset({500, 502, 503, 504})
_PASSING = THROTTLING | {"RequestTimeout"}
_ABOUT_US = {"user-agent": "imagemill", "accept-encoding": "identity"}
_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")
_JSON_TYPE = re.compile(rb'"__type"\s*:\s*"([^"]+)"')

T = TypeVar("T")
Use = Callable[[HTTPResponse, Body], T]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a service; `operation` is what AWS calls it."""

    operation: str
    method: str
    endpoint: Endpoint
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Service:
    """Sends requests to one service, over connections that are kept; for any number of threads."""

    def __init__(self, signer: Signer, sleep: Sleep) -> None:
        self._signer = signer
        self._sleep = sleep
        self._lines: dict[Endpoint, Line] = {}

    def call(self, request: Request) -> tuple[dict[str, str], bytes]:
        """Return an answer's headers, by names in lower case, and its whole body.

        Raises Refused for an answer that is an error, Unreachable where there is none.
        """
        return self._tried(request, _whole)

    def stream(self, request: Request) -> Body:
        """Return an answer's body to be read, whose connection is in use until it is closed.

        Raises Refused and Unreachable as `call` does.
        """
        return self._tried(request, lambda _, body: body)

    def _tried(self, request: Request, use: Use[T]) -> T:
        for attempt in range(_MOST_TRIES):
            if attempt:
                self._sleep(random.random() * _FIRST_PAUSE_S * _LONGER ** (attempt - 1))  # noqa: S311
            try:
                return self._tried_once(request, use)
            except Refused as refusal:
                fault: Exception = refusal
                if not refusal.is_passing:
                    break
            except BROKEN as broken:
                fault = Unreachable(type(broken).__name__)
                fault.__cause__ = broken
        raise fault

    def _tried_once(self, request: Request, use: Use[T]) -> T:
        told = request.headers | _ABOUT_US | {"host": request.endpoint.host}
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        headers = self._signer.signed(request.method, request.address, told, request.body, moment)
        line = self._lines.setdefault(request.endpoint, Line(request.endpoint))
        answer, body = line.ask(request.method, request.address, headers, request.body)
        if answer.status >= _LEAST_REFUSAL:
            raise _refusal(request.operation, answer, *_whole(answer, body))
        return use(answer, body)


def _whole(answer: HTTPResponse, body: Body) -> tuple[dict[str, str], bytes]:
    with closing(body):
        data = body.read()
    return {name.lower(): value for name, value in answer.getheaders()}, data


def _refusal(operation: str, answer: HTTPResponse, headers: dict[str, str], body: bytes) -> Refused:
    told = _told(headers, body)
    is_passing = answer.status in _SERVER_FAULTS or told in _PASSING
    return Refused(operation, told or str(answer.status), answer.status, is_passing=is_passing)


def _told(headers: dict[str, str], body: bytes) -> str:
    """Return the code of an error, which S3 tells in XML and the others in JSON; "" without one."""
    found = _XML_CODE.search(body)
    if found:
        return found[1].decode()
    found = _JSON_TYPE.search(body)
    kind = found[1].decode() if found else headers.get("x-amzn-errortype", "")
    return kind.rpartition("#")[2].partition(":")[0]
