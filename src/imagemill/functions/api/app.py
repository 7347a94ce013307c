"""Answers requests: finds the route, turns errors into problems, adds the common headers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from imagemill.domain.caller import ANYONE
from imagemill.errors import ImagemillError
from imagemill.functions.api.callers import permitted
from imagemill.functions.api.cors import cors_headers, preflight
from imagemill.functions.api.messages import Request, Response
from imagemill.functions.api.problems import problem
from imagemill.functions.api.routes import route_of
from imagemill.functions.logs import begin, logger
from imagemill.functions.metrics import publish

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.context import LambdaContext

# Headers of every response, unless the response sets its own value.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
}
_ACCEPTED = {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
# Paths at which an upload begins; other POST requests create no image.
_UPLOADS = {"/images", "/uploads", "/multipart"}


def answer(event: Mapping[str, Any], context: "LambdaContext", deps: "Deps") -> dict[str, Any]:
    """Answer one HTTP request; write a log line and metrics."""
    begin(context)
    request = Request.from_event(event)
    response = _response_to(request, deps)
    code = _code(response)
    logger().info(
        "request answered",
        extra={
            "method": event["httpMethod"],
            "route": event["resource"],
            "status": int(response.status),
            "code": code,
            "api_request_id": event["requestContext"].get("requestId"),
        },
    )
    _count(request, response.status, code)
    return response.to_gateway(_HEADERS | cors_headers(request, deps.cors_origin))


def _response_to(request: Request, deps: "Deps") -> Response:
    """Return the response of the route, or the problem that it raises."""
    if request.method == "OPTIONS":
        return preflight()
    try:
        route, routed = route_of(request)
        caller = permitted(request, route.scope, deps) if route.scope else ANYONE
        if deps.archives:
            # Most stacks have no archived originals.
            from imagemill.functions.api.archived import with_archive  # noqa: PLC0415

            deps = with_archive(deps, routed)
        if caller.grant:
            # Only the URL of share links needs it.
            from imagemill.functions.api.shared import shared  # noqa: PLC0415

            deps = shared(deps, caller.grant)
        return route.answer(replace(routed, caller=caller), deps)
    except ImagemillError as fault:
        return problem(fault, request.request_id)
    except Exception:  # noqa: BLE001  # the outermost edge
        logger().exception("unexpected error")
        ours = ImagemillError("something went wrong on our side")
        return problem(ours, request.request_id)


def _code(response: Response) -> str | None:
    """Return the error code of a response; None if it is no error."""
    if response.status < HTTPStatus.BAD_REQUEST:
        return None
    body: dict[str, str] = json.loads(response.body)
    return body.get("code")


def _count(request: Request, status: int, code: str | None) -> None:
    """Publish the metrics that API Gateway has not: uploads, and errors by their code."""
    if code:
        publish({"Problems": [1]}, {"code": code})
        return
    is_upload = request.method == "POST" and request.path.rstrip("/") in _UPLOADS
    if is_upload and status in _ACCEPTED:
        publish({"Accepted": [1]})
