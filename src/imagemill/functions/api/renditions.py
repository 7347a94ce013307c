"""Routes that lead to the images themselves."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from imagemill.api.read import read, rendition_of, with_upload_status
from imagemill.functions.api.answers import KEYED, problems, redirects
from imagemill.functions.api.dependencies import Desk, new_router
from imagemill.functions.api.images import ImageId
from imagemill.functions.problems import OF_IMAGES

router = new_router()
PresetName = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
_KEPT_S = 60
"""How long a browser may follow a redirect again without asking; far less than it works."""


@router.get(
    "/images/<image_id>/renditions/<preset>",
    summary="Fetch a rendition",
    operation_id="fetchRendition",
    responses=redirects("To the rendition.")
    | problems(
        *("not_found", "gone", "unknown_preset", "no_address", "not_ready", "failed"),
        *OF_IMAGES,
        *KEYED,
    ),
)
def fetch_rendition(deps: Desk, image_id: ImageId, preset: PresetName) -> Response[str]:
    """Lead to one rendition, under an address of this very version of it."""
    record = read(image_id, deps.records)
    return _to(deps.links.rendition(record, rendition_of(record, preset)))


@router.get(
    "/images/<image_id>/original",
    summary="Fetch the original",
    operation_id="fetchOriginal",
    responses=redirects("To the original.")
    | problems("not_found", "gone", "no_address", "not_ready", *KEYED),
)
def fetch_original(deps: Desk, image_id: ImageId) -> Response[str]:
    """Lead to the file as it was uploaded, once it has arrived."""
    return _to(deps.links.original(with_upload_status(read(image_id, deps.records))))


def _to(address: str) -> Response[str]:
    headers = {"Location": address, "Cache-Control": f"private, max-age={_KEPT_S}"}
    return Response(HTTPStatus.FOUND.value, "text/plain", "", headers)
