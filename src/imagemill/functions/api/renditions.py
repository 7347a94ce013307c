"""Routes that redirect to a rendition or to an original."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from imagemill.api.read import read, rendition_of, with_upload_status
from imagemill.functions.api.answers import KEYED, problems, redirects
from imagemill.functions.api.dependencies import Deps, new_router
from imagemill.functions.api.images import ImageId
from imagemill.functions.problems import OF_IMAGES

router = new_router()
PresetName = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
# How long a browser may cache a redirect, in seconds; the presigned URL works longer.
_CACHE_S = 60


@router.get(
    "/images/<image_id>/renditions/<preset>",
    summary="Get a rendition",
    operation_id="fetchRendition",
    responses=redirects("Redirect to the rendition.")
    | problems(
        *("not_found", "gone", "unknown_preset", "no_address", "not_ready", "failed"),
        *OF_IMAGES,
        *KEYED,
    ),
)
def fetch_rendition(deps: Deps, image_id: ImageId, preset: PresetName) -> Response[str]:
    """Redirect to a presigned URL of the current version of one rendition."""
    record = read(image_id, deps.records)
    return _redirect(deps.presigner.rendition(record, rendition_of(record, preset)))


@router.get(
    "/images/<image_id>/original",
    summary="Get the original",
    operation_id="fetchOriginal",
    responses=redirects("Redirect to the original.")
    | problems("not_found", "gone", "no_address", "not_ready", *KEYED),
)
def fetch_original(deps: Deps, image_id: ImageId) -> Response[str]:
    """Redirect to a presigned URL of the uploaded file; raises NotReady until it has arrived."""
    return _redirect(deps.presigner.original(with_upload_status(read(image_id, deps.records))))


def _redirect(address: str) -> Response[str]:
    headers = {"Location": address, "Cache-Control": f"private, max-age={_CACHE_S}"}
    return Response(HTTPStatus.FOUND.value, "text/plain", "", headers)
