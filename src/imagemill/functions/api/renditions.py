"""Routes that redirect to a rendition or to an original."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.api.read import read, rendition_of, require_stored
from imagemill.functions.api.fields import IMAGE_ID, PRESET, TOKEN
from imagemill.functions.api.images import image_id_in
from imagemill.functions.api.messages import Request, Response
from imagemill.functions.api.parameters import ParameterReader

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps

# How long a browser may cache a redirect, in seconds; the presigned URL works longer.
_CACHE_S = 60


def fetch_rendition(request: Request, deps: "Deps") -> Response:
    """Redirect to a presigned URL of the current version of one rendition."""
    reader = ParameterReader(request)
    image_id, preset = reader.path_text(IMAGE_ID), reader.path_text(PRESET)
    reader.finish()
    record = read(image_id, deps.records, request.caller)
    return _redirect(deps.presigner.rendition(record, rendition_of(record, preset)))


def fetch_original(request: Request, deps: "Deps") -> Response:
    """Redirect to a presigned URL of the uploaded file; raises NotReady until it has arrived."""
    record = require_stored(read(image_id_in(request), deps.records, request.caller))
    if record.archived is None:
        return _redirect(deps.presigner.original(record))
    # Most originals are not archived.
    from imagemill.functions.api.archived import address_of_original  # noqa: PLC0415

    return _redirect(address_of_original(record, deps))


def fetch_archived(request: Request, deps: "Deps") -> Response:
    """Redirect to a presigned URL of the archived original that a token in the path shows."""
    # As above.
    from imagemill.functions.api.archived import address_behind  # noqa: PLC0415

    reader = ParameterReader(request)
    token = reader.path_text(TOKEN)
    reader.finish()
    return _redirect(address_behind(token, deps))


def _redirect(address: str) -> Response:
    headers = {"Location": address, "Cache-Control": f"private, max-age={_CACHE_S}"}
    return Response(HTTPStatus.FOUND, "text/plain", headers=headers)
