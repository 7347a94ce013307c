"""ApiImageUploadFunction: the REST API."""

import base64
import binascii
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from imagemill.catalog.keys import ID_LENGTH
from imagemill.catalog.report import report
from imagemill.errors import ImagemillError
from imagemill.functions.logs import logger
from imagemill.functions.problems import (
    Gone,
    InvalidRequest,
    NotFound,
    UnsupportedMediaType,
    problem,
)
from imagemill.wiring import ApiDesk, api_desk
from imagemill.workflows.accept import Upload, accept

_ANY_BYTES = "application/octet-stream"
ImageId = Annotated[str, Path(min_length=ID_LENGTH, max_length=ID_LENGTH, pattern="^[a-z2-7]+$")]
Filename = Annotated[str, Query(min_length=1, max_length=1024)]


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    return _app().resolve(event, context)


@cache
def _app() -> APIGatewayRestResolver:
    desk = api_desk()
    cors = CORSConfig(allow_origin=desk.cors_origin, allow_headers=["Content-Type"], max_age=3600)
    app = APIGatewayRestResolver(enable_validation=True, cors=cors)
    _add_routes(app, desk)
    _add_faults(app)
    return app


def _add_routes(app: APIGatewayRestResolver, desk: ApiDesk) -> None:
    @app.post("/images", status_code=202)
    def upload_image(filename: Filename = "image") -> Response[dict[str, Any]]:
        """Take a picture's bytes; the answer's id tells its progress under /images/{id}."""
        record = accept(_upload(app, filename), desk.new_token(), desk.reception)
        links = {"self": f"/images/{record.id}"}
        body = {"id": record.id, "status": record.status, "key": record.key, "links": links}
        return Response(status_code=HTTPStatus.ACCEPTED.value, body=body)

    @app.get("/images/<image_id>")
    def read_image(image_id: ImageId) -> dict[str, Any]:
        """Return a picture's record, with addresses of its original and its renditions."""
        record = desk.records.get(image_id)
        if record is None:
            raise NotFound(f"there is no image {image_id}")
        if record.status == "deleted":
            raise Gone(f"image {image_id} was deleted")
        return report(record) | {"links": desk.links(record)}


def _upload(app: APIGatewayRestResolver, filename: str) -> Upload:
    event = app.current_event
    content_type = (event.headers.get("content-type") or _ANY_BYTES).partition(";")[0].lower()
    if not content_type.startswith("image/") and content_type != _ANY_BYTES:
        raise UnsupportedMediaType(f"expected an image type or {_ANY_BYTES}, got {content_type!r}")
    body = event.body or ""
    try:
        data = base64.b64decode(body) if event.is_base64_encoded else body.encode()
    except binascii.Error as fault:
        raise InvalidRequest("expected the body in base64, as the gateway sends it") from fault
    return Upload(data, filename, content_type)


def _add_faults(app: APIGatewayRestResolver) -> None:
    def answer(fault: Exception) -> Response[str]:
        return problem(_as_ours(fault), app.current_event.request_context.request_id or "")

    for kind in (ImagemillError, RequestValidationError, NotFoundError, Exception):
        app.exception_handler(kind)(answer)


def _as_ours(fault: Exception) -> ImagemillError:
    match fault:
        case ImagemillError():
            return fault
        case RequestValidationError():
            faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors())
            return InvalidRequest("; ".join(faults))
        case NotFoundError():
            return NotFound("there is no such route")
        case _:
            logger().exception("unexpected", exc_info=fault)
            return ImagemillError("something went wrong on our side")
