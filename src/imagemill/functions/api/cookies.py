"""The route that opens private images to a browser."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.errors import Forbidden, NotFound
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.models import CookieLink


def open_images(request: Request, deps: "Deps") -> Response:
    """Return a URL of the distribution that sets cookies for the images that the caller may see."""
    ParameterReader(request).finish()
    links = deps.links
    if links is None or not request.site.url:
        raise NotFound("the images of this stack are not private")
    # Imported here because a cold start of the other routes need not load it.
    from imagemill.private.cookies import cookies_url, resources  # noqa: PLC0415

    wanted = resources(request.site.url, request.caller, deps.prefix)
    if not wanted:
        raise Forbidden("expected credentials that may see images")
    body: CookieLink = {
        "url": cookies_url(request.site.url, wanted, links),
        "expires_at": datetime.fromtimestamp(links.until, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    return Response(HTTPStatus.CREATED, JSON, json_text(body))
