"""The contract, made from the code: as JSON, and as a page that loads nothing from elsewhere."""

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
Images in, resized renditions and a truthful record of each out.

Every problem is `application/problem+json` with a stable `code`."""


@router.get(
    "/health",
    summary="Tell whether the API answers",
    operation_id="health",
    openapi_extensions=OPEN,
    responses=gives(200, "It does.", Health) | problems(*ALWAYS),
)
def health() -> Health:
    """Say that the function runs; no store is asked."""
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
        """Return the OpenAPI document of these routes, which says where it was asked for."""
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
    """Let the page run the scripts that stand in it, known by their hashes, and none besides."""
    page: Response[str] = next_middleware(app)
    hashes = " ".join(_source(script) for script in _SCRIPT.findall(page.body or ""))
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page


def _source(script: str) -> str:
    """Return a script's hash as a source expression (Content Security Policy Level 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _address(event: APIGatewayProxyEvent) -> str:
    """Return the API's address as the client sees it; the embedded AWS has a path for a name."""
    context = event.request_context
    prefix = context.path.removesuffix(event.path)
    if context.domain_name:
        return f"https://{context.domain_name}{prefix}"
    return f"{_EMBEDDED}/{context.api_id}{prefix}"
