"""One AWS service: requests are signed, sent, tried again where that helps, and refused by code."""

import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from imagemill.aws.errors import THROTTLING, RequestRefused, ResponseInvalid, Unreachable
from imagemill.aws.light.answer import Answer
from imagemill.aws.light.connection import BROKEN, ConnectionPool, Timeouts
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.sigv4 import Signer

_MOST_TRIES = 3
_FIRST_PAUSE_S = 0.2
_LONGER = 4
_OK, _LEAST_REFUSAL = 200, 300
_DELETED = ("DELETE", 204)
_SERVER_FAULTS = frozenset({500, 502, 503, 504})
_THROTTLED = frozenset({429, 503})
_DAMAGED = frozenset({"BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch"})
"""S3 did not receive the bytes that were sent."""
_PASSING = THROTTLING | _DAMAGED | {"RequestTimeout", "RequestTimeTooSkewed"}
_ABOUT_US = {"user-agent": "imagemill", "accept-encoding": "identity"}

T = TypeVar("T")
Use = Callable[[Answer], T]
"""Reads an answer that is no error; raises AnswerBroken for one that is not as documented."""
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a service; `operation` is its name in AWS's documentation.

    Every request here may be sent again: reads, writes and deletes under a condition or of the
    same bytes, and events, which are delivered at least once anyway.
    """

    operation: str
    method: str
    endpoint: Endpoint
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport:
    """Sends requests to one service, over connections that are kept; for any number of threads."""

    def __init__(self, signer: Signer, sleep: Sleep, timeouts: Timeouts) -> None:
        self._signer = signer
        self._sleep = sleep
        self._timeouts = timeouts
        self._lines: dict[Endpoint, ConnectionPool] = {}

    def call(self, request: Request, use: Use[T]) -> T:
        """Return what `use` makes of the answer; it closes the answer unless it returns it.

        Raises Refused for an answer that is an error, Unreachable where there is none, or only part
        of one, or one that is not as documented.
        """
        is_unknown = False
        for attempt in range(_MOST_TRIES):
            if attempt:
                self._sleep(random.random() * _FIRST_PAUSE_S * _LONGER ** (attempt - 1))  # noqa: S311
            try:
                return self._tried_once(request, use)
            except RequestRefused as refusal:
                refusal.follows_unknown |= is_unknown
                fault: Exception = refusal
                if not refusal.is_passing:
                    break
                is_unknown |= refusal.status in _SERVER_FAULTS - _THROTTLED
            except BROKEN as broken:
                is_unknown = True
                fault = Unreachable.by(broken)
                fault.__cause__ = broken
        raise fault

    def _tried_once(self, request: Request, use: Use[T]) -> T:
        told = request.headers | _ABOUT_US | {"host": request.endpoint.host}
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        headers = self._signer.signed(request.method, request.address, told, request.body, moment)
        line = self._lines.get(request.endpoint)
        if line is None:
            new = ConnectionPool(request.endpoint, self._timeouts)
            line = self._lines.setdefault(request.endpoint, new)
        answer = line.ask(request.method, request.address, headers, request.body)
        try:
            _check_status(request, answer)
            return use(answer)
        except BaseException:
            answer.abort()
            raise


def whole(answer: Answer) -> bytes:
    """Return an answer's body, which must be the bytes that were meant; raises AnswerBroken."""
    data = answer.read()
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise ResponseInvalid("the answer is encoded, though that was not asked for")
    told = answer.headers.get("x-amz-crc32")
    if told is not None and told != str(zlib.crc32(data)):
        raise ResponseInvalid("the answer does not match its checksum")
    answer.close()
    return data


def parsed(data: bytes) -> dict[str, object]:
    """Return a JSON object; raises AnswerBroken for anything else."""
    try:
        found = json.loads(data)
    except ValueError as fault:
        raise ResponseInvalid("the answer is no JSON") from fault
    if not isinstance(found, dict):
        raise ResponseInvalid("the answer is no JSON object")
    return found


def xml_code(data: bytes) -> str:
    """Return the code of an error of S3; "" for no error; raises AnswerBroken for no XML."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415  # only errors need it

    try:
        root = ET.fromstring(data)  # noqa: S314  # S3's own words; expat bounds what entities grow to
    except ET.ParseError as fault:
        raise ResponseInvalid("the answer is no XML") from fault
    is_error = root.tag.rpartition("}")[2] == "Error"
    return (root.findtext("{*}Code") or "").strip() if is_error else ""


def json_code(found: Mapping[str, object], headers: Mapping[str, str]) -> str:
    """Return the code of an error that is told in JSON; "" if there is none."""
    kind = str(found.get("__type", "")) or headers.get("x-amzn-errortype", "")
    return kind.rpartition("#")[2].partition(":")[0]


def refused_within(request: Request, code: str, answer: Answer) -> RequestRefused:
    """Return the error that an answer with a status of success bears."""
    is_passing = code in _PASSING or code.startswith("Internal")
    return RequestRefused(request.operation, code, answer.status, is_passing=is_passing)


def _check_status(request: Request, answer: Answer) -> None:
    if answer.status >= _LEAST_REFUSAL:
        raise _refusal(request, answer)
    if answer.status != _OK and (request.method, answer.status) != _DELETED:
        raise ResponseInvalid(f"{answer.status} is no answer to {request.operation}")


def _refusal(request: Request, answer: Answer) -> RequestRefused:
    """Return an error by its code, or by its status for HEAD, whose answers have no body.

    Raises AnswerBroken where neither S3 nor another service can have said it: an error of the
    request always has a code.
    """
    data = whole(answer)
    is_servers = answer.status in _SERVER_FAULTS | _THROTTLED
    try:
        code = _code(request, answer, data)
    except ResponseInvalid:
        if not is_servers:
            raise
        code = ""  # a load balancer's page
    if not (code or is_servers or request.method == "HEAD"):
        raise ResponseInvalid(f"{answer.status} without a code")
    is_passing = is_servers or code in _PASSING
    refusal = RequestRefused(
        request.operation, code or str(answer.status), answer.status, is_passing=is_passing
    )
    refusal.follows_unknown = answer.was_resent
    return refusal


def _code(request: Request, answer: Answer, data: bytes) -> str:
    if request.method == "HEAD" or not data:
        return json_code({}, answer.headers)
    if "x-amz-target" in request.headers:
        return json_code(parsed(data), answer.headers)
    return xml_code(data)
