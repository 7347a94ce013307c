"""The application: all routes, the documentation page and the error responses."""

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from imagemill.errors import ImagemillError, InvalidRequest, MethodNotAllowed, NotFound
from imagemill.functions.api import docs, images, renditions, uploads
from imagemill.functions.api.faults import described
from imagemill.functions.logs import begin, logger
from imagemill.functions.metrics import publish
from imagemill.functions.problems import problem

# Headers of every response, unless the response sets its own value.
_HEADERS = {
    "Cache-Control": ["no-store"],
    "Content-Security-Policy": ["default-src 'none'; frame-ancestors 'none'"],
    "Referrer-Policy": ["no-referrer"],
    "Vary": ["Origin"],
    "X-Content-Type-Options": ["nosniff"],
}
# How long a browser may cache the answer to a preflight, in seconds.
_PREFLIGHT_S = 3600
_ACCEPTED = {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}


def build_app(cors_origin: str) -> APIGatewayRestResolver:
    """Return the application; pages of `cors_origin` (`*`: all) may read its responses."""
    cors = CORSConfig(
        allow_origin=cors_origin,
        expose_headers=["Location", "Retry-After", "x-amzn-RequestId"],
        max_age=_PREFLIGHT_S,
    )
    app = APIGatewayRestResolver(enable_validation=True, cors=cors)
    for router in (uploads.router, images.router, renditions.router, docs.router):
        app.include_router(router)
    docs.add_docs(app)
    _add_error_handlers(app)
    return app


def answer(
    app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext
) -> dict[str, Any]:
    """Answer one HTTP request, with the common headers; write a log line and metrics."""
    begin(context)
    response = app.resolve(event, context)
    response["multiValueHeaders"] = _HEADERS | response["multiValueHeaders"]
    code = _code(response)
    logger().info(
        "request answered",
        method=event["httpMethod"],
        route=event["resource"],
        status=response["statusCode"],
        code=code,
        api_request_id=event["requestContext"].get("requestId"),
    )
    _count(event, response["statusCode"], code)
    return response


def _code(response: dict[str, Any]) -> str | None:
    """Return the error code of a response; None if it is no error."""
    if response["statusCode"] < HTTPStatus.BAD_REQUEST:
        return None
    body: dict[str, str] = json.loads(response["body"] or "{}")
    return body.get("code")


def _count(event: dict[str, Any], status: int, code: str | None) -> None:
    """Publish the metrics that API Gateway has not: uploads, and errors by their code."""
    if code:
        publish({"Problems": [1]}, {"code": code})
    elif event["httpMethod"] == "POST" and status in _ACCEPTED:
        publish({"Accepted": [1]})


def _add_error_handlers(app: APIGatewayRestResolver) -> None:
    def explain(fault: Exception) -> Response[str]:
        ours = _as_ours(fault, _methods(app))
        return problem(ours, app.current_event.request_context.request_id or "")

    for kind in (ImagemillError, RequestValidationError, NotFoundError, Exception):
        app.exception_handler(kind)(explain)


def _methods(app: APIGatewayRestResolver) -> frozenset[str]:
    """Return the methods of the routes that match the requested path; empty if none does."""
    routes = app._static_routes + app._dynamic_routes  # noqa: SLF001  # no public attribute has them
    path = app.current_event.path
    return frozenset(route.method for route in routes if route.rule.match(path))


def _as_ours(fault: Exception, methods: frozenset[str]) -> ImagemillError:
    match fault:
        case ImagemillError():
            return fault
        case RequestValidationError() if not _is_about_our_answer(fault):
            return InvalidRequest(described(fault.errors()))
        case NotFoundError() if methods:
            return MethodNotAllowed(methods)
        case NotFoundError():
            return NotFound("there is no such route")
        case _:
            logger().exception("unexpected error", exc_info=fault)
            return ImagemillError("something went wrong on our side")


def _is_about_our_answer(fault: RequestValidationError) -> bool:
    """Return whether the response breaks the OpenAPI document; Powertools raises the same error."""
    return any(error["loc"][:1] == ("response",) for error in fault.errors())
