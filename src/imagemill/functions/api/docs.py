"""The OpenAPI document, generated from the code, and its page without external resources."""

import base64
import hashlib
import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, Server
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from imagemill.functions.api.answers import ALWAYS, OPEN, gives, problems
from imagemill.functions.api.dependencies import new_router
from imagemill.functions.api.models import Health

router = new_router()
VERSION = "1.0.0"
_KEY = APIKey.model_validate({"name": "x-api-key", "in": APIKeyIn.header})
_EMBEDDED = "/_aws/execute-api"
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_DESCRIPTION = """\
Upload images, and get resized renditions and a record of each.

Every error is `application/problem+json` (RFC 9457) with a stable `code`."""


@router.get(
    "/health",
    summary="Check that the API works",
    operation_id="health",
    openapi_extensions=OPEN,
    responses=gives(200, "The API works.", Health) | problems(*ALWAYS),
)
def health() -> Health:
    """Return ok without a request to a store."""
    return Health(status="ok")


def add_docs(app: APIGatewayRestResolver) -> None:
    """Add `/openapi.json` and `/docs`."""
    app.configure_openapi(
        title="imagemill",
        version=VERSION,
        description=_DESCRIPTION,
        servers=[Server(url=".")],
        security_schemes={"key": _KEY},
        security=[{"key": []}],
    )
    app.enable_swagger(path="/docs", servers=[Server(url=".")], middlewares=[_allow_own_scripts])

    @app.get("/openapi.json", include_in_schema=False)
    def contract() -> Response[str]:
        """Return the OpenAPI document with the URL under which the client reached the API."""
        servers = [{"url": _address(app.current_event)}]
        return Response(
            200, "application/json", json.dumps(specification(app) | {"servers": servers})
        )


def specification(app: APIGatewayRestResolver) -> dict[str, Any]:
    """Return the OpenAPI document of an application's routes."""
    document: dict[str, Any] = json.loads(app.get_openapi_json_schema())
    return document


def _allow_own_scripts(
    app: APIGatewayRestResolver, next_middleware: NextMiddleware
) -> Response[str]:
    """Allow the page its inline scripts by their hashes, and no other script."""
    page: Response[str] = next_middleware(app)
    hashes = " ".join(_source(script) for script in _SCRIPT.findall(page.body or ""))
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page


def _source(script: str) -> str:
    """Return the hash of a script as a source expression (Content Security Policy Level 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _address(event: APIGatewayProxyEvent) -> str:
    """Return the API's URL as the client sees it; on the embedded AWS it is a path."""
    context = event.request_context
    prefix = context.path.removesuffix(event.path)
    if context.domain_name:
        return f"https://{context.domain_name}{prefix}"
    return f"{_EMBEDDED}/{context.api_id}{prefix}"
