"""The headers by which pages of another origin may call the API (CORS, Fetch Standard)."""

from http import HTTPStatus

from imagemill.functions.api.messages import Request, Response
from imagemill.functions.api.routes import ROUTES

# How long a browser may cache the answer to a preflight, in seconds.
_PREFLIGHT_S = 3600
# The headers that a page may send; `X-Api-Key`, `Content-Type` and `If-None-Match` are those of the
# API.
_SENT = "Authorization,Content-Type,If-None-Match,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
_READ = "ETag,Location,Retry-After,x-amzn-RequestId"
_METHODS = ",".join(sorted({"OPTIONS", *(route.method for route in ROUTES)}))


def cors_headers(request: Request, origin: str) -> dict[str, str]:
    """Return the headers of every response to a page of `origin` (`*`: of any origin)."""
    page = request.headers.get("origin")
    if page is None or origin not in {"*", page}:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Headers": _SENT,
        "Access-Control-Expose-Headers": _READ,
        "Access-Control-Max-Age": str(_PREFLIGHT_S),
    }


def preflight() -> Response:
    """Return the answer to a preflight of any path."""
    return Response(HTTPStatus.NO_CONTENT, headers={"Access-Control-Allow-Methods": _METHODS})
