"""Routes that accept uploads."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic.json_schema import SkipJsonSchema

from imagemill.api.upload import UploadSpec, presign_upload, store_upload
from imagemill.functions.api.answers import KEYED, gives, problems, with_links
from imagemill.functions.api.bodies import ANY_BYTES, image, upload_request
from imagemill.functions.api.dependencies import Deps, new_router
from imagemill.functions.api.limits import MAX_BODY_BYTES
from imagemill.functions.api.models import (
    MAX_FILENAME_LENGTH,
    Accepted,
    SelfLink,
    UploadRequest,
    UploadTicket,
)
from imagemill.wiring.presign import URL_LIFETIME_S

router = new_router()
Filename = Annotated[
    str | SkipJsonSchema[None],
    Query(
        min_length=1,
        max_length=MAX_FILENAME_LENGTH,
        description="Name of the image; default: the name in the form.",
    ),
]
_FILE = {"type": "string", "format": "binary"}
# Written by hand: Powertools describes only bodies that it parses, and it parses no image.
_IMAGE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"An image of up to {MAX_BODY_BYTES} bytes, including the form.",
        "content": {
            "image/*": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _FILE},
                    "required": ["file"],
                },
                "encoding": {"file": {"contentType": "image/*"}},
            },
        },
    }
}
_REQUEST: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": UploadRequest.model_json_schema()}},
    }
}


@router.post(
    "/images",
    summary="Upload a small image",
    description=f"For up to {MAX_BODY_BYTES} bytes; use `POST /uploads` for larger files.",
    operation_id="uploadImage",
    openapi_extensions=_IMAGE,
    responses=with_links(gives(202, "Accepted.", Accepted), "/id")
    | problems(
        "empty",
        "too_many_bytes",
        "unsupported_media_type",
        "not_an_image",
        "unsupported_format",
        "corrupt",
        *KEYED,
    ),
)
def upload_image(deps: Deps, filename: Filename = None) -> Response[Accepted]:
    """Store the bytes of an image; /images/{id} shows its progress."""
    record = store_upload(image(router.current_event, filename), deps.new_token(), deps.uploads)
    body = Accepted(id=record.id, status="pending", key=record.key, links=_self(record.id))
    return Response(HTTPStatus.ACCEPTED.value, "application/json", body, _location(record.id))


@router.post(
    "/uploads",
    summary="Upload an image of any size",
    description="Returns a form that uploads one file directly to the bucket.",
    operation_id="announceUpload",
    openapi_extensions=_REQUEST,
    responses=with_links(gives(201, "The upload form.", UploadTicket), "/id")
    | problems("too_many_bytes", "unsupported_media_type", *KEYED),
)
def announce_upload(deps: Deps) -> Response[UploadTicket]:
    """Create a pending record, and return a form that uploads the file to the bucket."""
    request = upload_request(router.current_event)
    spec = UploadSpec(request.filename, request.content_type or ANY_BYTES, request.bytes)
    presigned = presign_upload(spec, deps.new_token(), deps.uploads, deps.presigner, URL_LIFETIME_S)
    record = presigned.record
    body = UploadTicket(
        id=record.id,
        status="pending",
        key=record.key,
        url=presigned.form.url,
        fields=dict(presigned.form.fields),
        expires_at=presigned.expires_at,
        max_bytes=presigned.max_bytes,
        links=_self(record.id),
    )
    return Response(HTTPStatus.CREATED.value, "application/json", body, _location(record.id))


def _self(image_id: str) -> SelfLink:
    return SelfLink(self=f"/images/{image_id}")


def _location(image_id: str) -> dict[str, str | list[str]]:
    return {"Location": f"images/{image_id}"}
