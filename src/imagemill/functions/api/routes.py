"""The routes of the API, and how a request finds its own."""

from dataclasses import replace
from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass
from imagemill.domain.caller import Scope
from imagemill.errors import MethodNotAllowed, NotFound
from imagemill.functions.api import access, docs, images, library, renditions, uploads
from imagemill.functions.api.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagemill.functions.api.deps import Deps


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; `{name}` in the path stands for any segment.

    `scope` is the one that the caller needs; None if the route needs no credentials.
    """

    method: str
    path: str
    answer: "Callable[[Request, Deps], Response]"
    scope: Scope | None = None

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parameters in a path; None if it is not of this route.

        Slashes at the end are ignored.
        """
        wanted, given = self.path.split("/"), path.rstrip("/").split("/")
        if len(wanted) != len(given):
            return None
        pairs = list(zip(wanted, given, strict=True))
        if not all(part if name.startswith("{") else name == part for name, part in pairs):
            return None
        return {name[1:-1]: part for name, part in pairs if name.startswith("{")}


ROUTES = (
    Route("GET", "/images", images.list_images, "read"),
    Route("POST", "/images", uploads.upload_image, "upload"),
    Route("GET", "/images/{image_id}", images.read_image, "read"),
    Route("PATCH", "/images/{image_id}", images.change_image, "upload"),
    Route("POST", "/images/{image_id}/move", images.move_image, "upload"),
    Route("DELETE", "/images/{image_id}", images.delete_image, "delete"),
    Route("POST", "/images/{image_id}/reprocess", images.reprocess_image, "upload"),
    Route("GET", "/images/{image_id}/renditions/{preset}", renditions.fetch_rendition, "read"),
    Route("GET", "/images/{image_id}/original", renditions.fetch_original, "read"),
    Route("GET", "/originals/{token}", renditions.fetch_archived),
    Route("GET", "/folders", library.list_folder, "read"),
    Route("GET", "/search", library.search_images, "read"),
    Route("POST", "/uploads", uploads.announce_upload, "upload"),
    Route("POST", "/multipart", uploads.begin_multipart, "upload"),
    Route("POST", "/multipart/{image_id}/parts", uploads.sign_parts, "upload"),
    Route("GET", "/multipart/{image_id}/parts", uploads.list_parts, "upload"),
    Route("POST", "/multipart/{image_id}/complete", uploads.complete_multipart, "upload"),
    Route("DELETE", "/multipart/{image_id}", uploads.abort_multipart, "upload"),
    Route("POST", "/cookies", access.open_images, "read"),
    Route("POST", "/shares", access.create_share, "upload"),
    Route("GET", "/shares", access.list_shares, "upload"),
    Route("DELETE", "/shares/{share_id}", access.revoke_share, "upload"),
    Route("GET", "/share", access.describe_share, "read"),
    Route("GET", "/health", docs.health),
    Route("GET", "/openapi.json", docs.contract),
    Route("GET", "/docs", docs.page),
)


def route_of(request: Request) -> tuple[Route, Request]:
    """Return the route of a request, and the request with the parameters in its path.

    Raises NotFound if no route has the path, and MethodNotAllowed if none of those has the method.
    """
    found = [(route, route.match(request.path)) for route in ROUTES]
    matching = [(route, parameters) for route, parameters in found if parameters is not None]
    for route, parameters in matching:
        if route.method == request.method:
            return route, replace(request, parameters=parameters)
    if matching:
        raise MethodNotAllowed(frozenset(route.method for route, _ in matching))
    raise NotFound("there is no such route")
