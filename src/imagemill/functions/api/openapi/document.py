"""The OpenAPI document of all routes."""

from collections.abc import Mapping
from typing import Any

from imagemill.functions.api import models
from imagemill.functions.api.fields import Field
from imagemill.functions.api.openapi.operations import OPERATIONS, Operation
from imagemill.functions.api.openapi.schemas import reference, schema_of_field, schemas_of
from imagemill.functions.api.openapi.share_operations import SHARE_OPERATIONS
from imagemill.functions.api.openapi.upload_operations import UPLOAD_OPERATIONS
from imagemill.functions.api.problems import MEDIA_TYPE, STATUSES
from imagemill.functions.api.routes import ROUTES

VERSION = "1.0.0"
_DESCRIPTION = """\
Upload images, and get resized renditions and a record of each.

Every error is `application/problem+json` (RFC 9457) with a stable `code`."""
# The operations that an image's id leads to (OpenAPI links).
_OF_ONE_IMAGE = ("readImage", "fetchRendition", "fetchOriginal", "changeImage", "deleteImage")
_LOCATION = {"Location": {"description": "URL of the image.", "schema": {"type": "string"}}}
_VERSION = {"ETag": {"description": "Version of the answer.", "schema": {"type": "string"}}}
_KNOWN_VERSION = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an earlier answer; 304 if nothing has changed since.",
    "required": False,
    "schema": {"type": "string"},
}
_UNCHANGED = {"304": {"description": "Nothing has changed.", "headers": _VERSION}}


def document() -> dict[str, Any]:
    """Return the OpenAPI document; the documentation's own routes are not in it."""
    paths: dict[str, dict[str, Any]] = {}
    known = {**OPERATIONS, **SHARE_OPERATIONS, **UPLOAD_OPERATIONS}
    for route in ROUTES:
        operation = known.get(route.answer)
        if operation:
            paths.setdefault(route.path, {})[route.method.lower()] = _entry(operation)
    answers = (operation.model for operation in known.values() if operation.model)
    return {
        "openapi": "3.1.0",
        "info": {"title": "imagemill", "description": _DESCRIPTION, "version": VERSION},
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": schemas_of((models.Problem, *answers)),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
        "security": [{"key": []}, {"token": []}],
    }


def _entry(operation: Operation) -> dict[str, Any]:
    parameters = [
        *(_parameter(field, "path", {}) for field in operation.in_path),
        *(
            {
                **_parameter(field, "query", operation.defaults),
                "required": field.name in operation.required_in_query,
            }
            for field in operation.in_query
        ),
        *([_KNOWN_VERSION] if operation.has_version else ()),
    ]
    optional: dict[str, Any] = {
        "description": operation.description,
        "parameters": parameters,
        "requestBody": operation.body,
    }
    return {
        "summary": operation.summary,
        "operationId": operation.operation_id,
        **{name: value for name, value in optional.items() if value},
        "responses": {
            str(operation.status): _result(operation),
            **(_UNCHANGED if operation.has_version else {}),
            **_problems(operation.problems),
        },
        **({"security": []} if operation.is_open else {}),
    }


def _parameter(field: Field, location: str, defaults: Mapping[str, object]) -> dict[str, Any]:
    default = {"default": defaults[field.name]} if field.name in defaults else {}
    described = {"description": field.description} if field.description else {}
    return {
        "name": field.name,
        "in": location,
        **described,
        "required": location == "path",
        "schema": {**schema_of_field(field), **default},
    }


def _result(operation: Operation) -> dict[str, Any]:
    """Return the entry of the successful response: JSON, or a redirect to an image."""
    if operation.model is None:
        return {"description": operation.result, "headers": _LOCATION, "content": {}}
    content = {"application/json": {"schema": reference(operation.model)}}
    given = {"image_id": f"$response.body#{operation.id_at}"}
    links = {name: {"operationId": name, "parameters": given} for name in _OF_ONE_IMAGE}
    linked = {"links": links} if operation.id_at else {}
    versioned = {"headers": _VERSION} if operation.has_version else {}
    return {"description": operation.result, **versioned, "content": content, **linked}


def _problems(codes: tuple[str, ...]) -> dict[str, Any]:
    """Return the entries of errors by status; codes with the same status share an entry."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUSES[code], []).append(code)
    content = {MEDIA_TYPE: {"schema": reference(models.Problem)}}
    return {
        str(int(status)): {
            "description": ", ".join(f"`{code}`" for code in listed),
            "content": content,
        }
        for status, listed in sorted(by_status.items())
    }
