"""Errors over HTTP: one table from code to status, one form for all (RFC 9457)."""

import json
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from imagemill.errors import ImagemillError

CONTENT_TYPE = "application/problem+json"
STATUSES: dict[str, HTTPStatus] = {
    "invalid_request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_found": HTTPStatus.NOT_FOUND,
    "gone": HTTPStatus.GONE,
    "empty": HTTPStatus.BAD_REQUEST,
    "too_many_bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "throttled": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "timed_out": HTTPStatus.GATEWAY_TIMEOUT,
}


class RequestFault(ImagemillError):
    """The request cannot be answered as it was made."""


class NotFound(RequestFault):
    """There is no such picture, or no such route."""

    code = "not_found"


class Gone(RequestFault):
    """The picture was deleted."""

    code = "gone"


class UnsupportedMediaType(RequestFault):
    """The body is said to be something other than a picture."""

    code = "unsupported_media_type"


class InvalidRequest(RequestFault):
    """A parameter is missing or malformed."""

    code = "invalid_request"


def problem(fault: ImagemillError, request_id: str) -> Response[str]:
    """Return the answer to a request that failed; an unknown code is our fault, 500."""
    status = STATUSES.get(fault.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": str(fault),
        "code": fault.code,
        "request_id": request_id,
    }
    return Response(status_code=int(status), content_type=CONTENT_TYPE, body=json.dumps(body))
