"""Routes that give access to images: cookies for a browser, and share links."""

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


def create_share(request: Request, deps: "Deps") -> Response:
    """Make a share link to one image or to a folder."""
    from imagemill.functions.api import shares  # noqa: PLC0415  # only these routes need it

    return shares.create_share(request, deps)


def list_shares(request: Request, deps: "Deps") -> Response:
    """Return a page of the valid share links that the caller has made."""
    from imagemill.functions.api import shares  # noqa: PLC0415  # as above

    return shares.list_shares(request, deps)


def revoke_share(request: Request, deps: "Deps") -> Response:
    """Revoke a share link; it shows nothing from then on."""
    from imagemill.functions.api import shares  # noqa: PLC0415  # as above

    return shares.revoke_share(request, deps)


def describe_share(request: Request, deps: "Deps") -> Response:
    """Return the images that the share link of the request shows, and until when."""
    del deps
    from imagemill.functions.api import shares  # noqa: PLC0415  # as above

    return shares.describe_share(request)
