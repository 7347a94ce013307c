"""Routes that need no API key: the health check, the OpenAPI document and its page.

The document is a file, which `make docs` generates. The page shows it with Swagger UI, whose files
are in the package of Powertools; it loads nothing from other hosts.
"""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.wiring.shipped_files import openapi_path

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.models import Health

# In the package of Powertools.
_SWAGGER_UI = "event_handler/openapi/swagger_ui"
_START = """\
SwaggerUIBundle({{ url: {url}, dom_id: "#swagger-ui", deepLinking: true, filter: true }});
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>imagemill API</title>
<style>{style}</style>
</head>
<body>
<div id="swagger-ui"></div>
<script>{library}</script>
<script>{start}</script>
</body>
</html>
"""


def health(_request: Request, _deps: "Deps") -> Response:
    """Return ok without a request to a store."""
    body: Health = {"status": "ok"}
    return Response(HTTPStatus.OK, JSON, json_text(body))


def contract(request: Request, _deps: "Deps") -> Response:
    """Return the OpenAPI document with the URL under which the client reached the API."""
    document = json.loads(openapi_path().read_bytes())
    servers = [{"url": request.base_url}]
    return Response(HTTPStatus.OK, JSON, json.dumps({**document, "servers": servers}))


def page(request: Request, _deps: "Deps") -> Response:
    """Return a page that shows the OpenAPI document; only its own scripts may run in it."""
    style, library = _asset("swagger-ui.min.css"), _asset("swagger-ui-bundle.min.js")
    start = _START.format(url=json.dumps(f"{request.base_url}/openapi.json"))
    hashes = " ".join(map(_source, (library, start)))
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    body = _PAGE.format(style=style, library=library, start=start)
    return Response(HTTPStatus.OK, "text/html", body, {"Content-Security-Policy": policy})


def _asset(name: str) -> str:
    # Imported here because it takes 30 ms, and only this page needs it.
    import aws_lambda_powertools  # noqa: PLC0415

    package = Path(aws_lambda_powertools.__file__).parent
    return (package / _SWAGGER_UI / name).read_text(encoding="utf-8")


def _source(script: str) -> str:
    """Return the hash of a script as a source expression (Content Security Policy Level 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
