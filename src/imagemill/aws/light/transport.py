"""Requests to one AWS service: signed, sent, repeated after errors that may not occur again."""

import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from imagemill.aws.light.answer import Response
from imagemill.aws.light.connection import CONNECTION_ERRORS, ConnectionPool, Timeouts
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.errors import (
    THROTTLING_CODES,
    InvalidResponse,
    NoValidResponse,
    ServiceError,
)
from imagemill.aws.light.sigv4 import Signer

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Attempts of one request, the first included.
_MAX_ATTEMPTS = 3
# Longest pause before the second attempt, in seconds, and the factor for each one after it. The
# pause is a random part of it ("full jitter", AWS Architecture Blog).
_FIRST_PAUSE_S = 0.2
_PAUSE_FACTOR = 4
_OK, _FIRST_ERROR = 200, 300
_DELETED = ("DELETE", 204)
_SERVER_ERRORS = frozenset({500, 502, 503, 504})
_THROTTLED = frozenset({429, 503})
# S3's codes for a body that was damaged on the way to it.
_DAMAGED = frozenset({"BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch"})
_RETRYABLE = THROTTLING_CODES | _DAMAGED | {"RequestTimeout", "RequestTimeTooSkewed"}
# The name of the project, and no compression: checksums are of the bytes as stored.
_DEFAULT_HEADERS = {"user-agent": "imagemill", "accept-encoding": "identity"}

T = TypeVar("T")
# Reads a response that is not an error; raises InvalidResponse for one that is not as documented.
ReadResponse = Callable[[Response], T]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `operation` is its name in the AWS documentation.

    Every request here may be repeated: reads, conditional writes, writes and deletes that have the
    same effect twice, and events, which EventBridge delivers at least once anyway.
    """

    operation: str
    method: str
    endpoint: Endpoint
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport:
    """Sends requests to one service over connections that are kept; for any number of threads."""

    def __init__(self, signer: Signer, sleep: Sleep, timeouts: Timeouts) -> None:
        self._signer = signer
        self._sleep = sleep
        self._timeouts = timeouts
        self._pools: dict[Endpoint, ConnectionPool] = {}

    def call(self, request: Request, read: ReadResponse[T]) -> T:
        """Return the result of `read`, which closes the response unless its result reads from it.

        Raises ServiceError for an error response, and NoValidResponse without a response, or with
        one that is incomplete or not as documented.
        """
        may_be_applied = False
        for attempt in range(_MAX_ATTEMPTS):
            if attempt:
                longest_s = _FIRST_PAUSE_S * _PAUSE_FACTOR ** (attempt - 1)
                self._sleep(random.random() * longest_s)  # noqa: S311  # jitter, no secret
            try:
                return self._attempt(request, read)
            except ServiceError as error:
                error.may_have_been_applied |= may_be_applied
                last: Exception = error
                if not error.is_retryable:
                    break
                may_be_applied |= error.status in _SERVER_ERRORS - _THROTTLED
            except CONNECTION_ERRORS as error:
                may_be_applied = True
                last = NoValidResponse.from_error(error)
                last.__cause__ = error
        raise last

    def _attempt(self, request: Request, read: ReadResponse[T]) -> T:
        unsigned = request.headers | _DEFAULT_HEADERS | {"host": request.endpoint.host}
        timestamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        method, target, body = request.method, request.target, request.body
        headers = self._signer.signed(method, target, unsigned, body, timestamp)
        response = self._pool(request.endpoint).request(method, target, headers, body)
        try:
            _check_status(request, response)
            return read(response)
        except BaseException:
            response.abort()
            raise

    def _pool(self, endpoint: Endpoint) -> ConnectionPool:
        pool = self._pools.get(endpoint)
        if pool is None:
            pool = self._pools.setdefault(endpoint, ConnectionPool(endpoint, self._timeouts))
        return pool


def read_whole(response: Response) -> bytes:
    """Return the body of a response; raises InvalidResponse if its checksum does not match."""
    data = response.read()
    if response.headers.get("content-encoding", "identity") != "identity":
        raise InvalidResponse("the response is encoded, although that was not requested")
    # DynamoDB's checksum. Source: "Programming with DynamoDB" in its Developer Guide.
    crc32 = response.headers.get("x-amz-crc32")
    if crc32 is not None and crc32 != str(zlib.crc32(data)):
        raise InvalidResponse("the response does not match its checksum")
    response.close()
    return data


def parse_json(data: bytes) -> dict[str, object]:
    """Return a JSON object; raises InvalidResponse for anything else."""
    try:
        found = json.loads(data)
    except ValueError as error:
        raise InvalidResponse("the response is not JSON") from error
    if not isinstance(found, dict):
        raise InvalidResponse("the response is not a JSON object")
    return found


def parse_xml(data: bytes) -> "Element":
    """Return the root of an XML document; raises InvalidResponse if it is not XML."""
    # Imported here because only errors and listings need it, and it slows down a cold start.
    from xml.etree import ElementTree as ET  # noqa: PLC0415

    try:
        # The document is S3's, and expat limits the size that its entities expand to.
        return ET.fromstring(data)  # noqa: S314
    except ET.ParseError as error:
        raise InvalidResponse("the response is not XML") from error


def read_empty(request: Request, response: Response) -> None:
    """Read a response that should have no body; raises ServiceError for an error in it."""
    data = read_whole(response)
    if not data:
        return
    code = xml_error_code(data)
    if not code:
        raise InvalidResponse(f"the response to {request.operation} has a body")
    raise error_with_status_200(request, code, response)


def xml_error_code(data: bytes) -> str:
    """Return S3's error code; "" for another document; raises InvalidResponse if it is not XML."""
    root = parse_xml(data)
    is_error = root.tag.rpartition("}")[2] == "Error"
    return (root.findtext("{*}Code") or "").strip() if is_error else ""


def json_error_code(found: Mapping[str, object], headers: Mapping[str, str]) -> str:
    """Return the error code in a JSON response or its headers; "" if there is none."""
    kind = str(found.get("__type", "")) or headers.get("x-amzn-errortype", "")
    return kind.rpartition("#")[2].partition(":")[0]


def error_with_status_200(request: Request, code: str, response: Response) -> ServiceError:
    """Return the error in the body of a response with status 200."""
    is_retryable = code in _RETRYABLE or code.startswith("Internal")
    return ServiceError(request.operation, code, response.status, is_retryable=is_retryable)


def _check_status(request: Request, response: Response) -> None:
    if response.status >= _FIRST_ERROR:
        raise _service_error(request, response)
    if response.status != _OK and (request.method, response.status) != _DELETED:
        raise InvalidResponse(f"{response.status} is not documented for {request.operation}")


def _service_error(request: Request, response: Response) -> ServiceError:
    """Return an error by its code; by its status for HEAD, where responses have no body.

    Raises InvalidResponse for a client error (4xx) without a code: AWS always sends one, so it is
    from another server on the way.
    """
    data = read_whole(response)
    is_servers = response.status in _SERVER_ERRORS | _THROTTLED
    try:
        code = _error_code(request, response, data)
    except InvalidResponse:
        if not is_servers:
            raise
        # An HTML page of a load balancer.
        code = ""
    if not (code or is_servers or request.method == "HEAD"):
        raise InvalidResponse(f"{response.status} without a code")
    is_retryable = is_servers or code in _RETRYABLE
    code = code or str(response.status)
    error = ServiceError(request.operation, code, response.status, is_retryable=is_retryable)
    error.may_have_been_applied = response.was_resent
    return error


def _error_code(request: Request, response: Response, data: bytes) -> str:
    if request.method == "HEAD" or not data:
        return json_error_code({}, response.headers)
    if "x-amz-target" in request.headers:
        return json_error_code(parse_json(data), response.headers)
    return xml_error_code(data)
