"""Error responses in one format (RFC 9457)."""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.errors import BodyTooLarge, ImagemillError, MethodNotAllowed, Unauthorized
from imagemill.functions.api.messages import Response
from imagemill.functions.statuses import (
    MAX_DETAIL_LENGTH,
    MEDIA_TYPE,
    OF_IMAGES,
    RETRY_AFTER_S,
    STATUSES,
)

if TYPE_CHECKING:
    from imagemill.functions.api.models import Problem

__all__ = ["MAX_DETAIL_LENGTH", "MEDIA_TYPE", "OF_IMAGES", "STATUSES", "problem"]


def problem(fault: ImagemillError, request_id: str) -> Response:
    """Return the response for an error; a code without a status gives 500."""
    status = STATUSES.get(fault.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    body: Problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": str(fault)[:MAX_DETAIL_LENGTH],
        "code": fault.code,
        "request_id": request_id,
    }
    if isinstance(fault, BodyTooLarge):
        body["links"] = {"uploads": "/uploads"}
    return Response(status, MEDIA_TYPE, json.dumps(body), _headers(fault))


def _headers(fault: ImagemillError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if fault.code in RETRY_AFTER_S:
        headers["Retry-After"] = str(RETRY_AFTER_S[fault.code])
    if isinstance(fault, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(fault.allowed))
    if isinstance(fault, Unauthorized):
        # RFC 6750, section 3.
        headers["WWW-Authenticate"] = "Bearer"
    return headers
