"""The bodies of requests in the OpenAPI document."""

from typing import Any

from imagemill.functions.api.fields import (
    BYTES,
    CONTENT_TYPE,
    FILENAME,
    FOCUS,
    FOLDER,
    PARTS,
    RULE,
    UPLOAD_ID,
)
from imagemill.functions.api.limits import MAX_BODY_BYTES
from imagemill.functions.api.openapi.schemas import schema_of_field

_FILE = {"type": "string", "format": "binary"}
IMAGE = {
    "description": f"An image of up to {MAX_BODY_BYTES} bytes, including the form.",
    "content": {
        "image/*": {"schema": _FILE},
        "multipart/form-data": {
            "schema": {"properties": {"file": _FILE}, "type": "object", "required": ["file"]},
            "encoding": {"file": {"contentType": "image/*"}},
        },
    },
    "required": True,
}
_FOCUS_OR_NULL = {"anyOf": [schema_of_field(FOCUS), {"type": "null"}], "title": "Focus"}
UPLOAD_SPEC = {
    "properties": {
        FILENAME.name: schema_of_field(FILENAME),
        CONTENT_TYPE.name: {**schema_of_field(CONTENT_TYPE), "default": ""},
        BYTES.name: schema_of_field(BYTES),
        RULE.name: schema_of_field(RULE),
        FOCUS.name: _FOCUS_OR_NULL,
    },
    "additionalProperties": False,
    "type": "object",
    "required": [FILENAME.name, BYTES.name],
    "title": "UploadRequest",
    "description": "A file that the client will upload directly to the bucket.",
}

PART_LIST = {
    "properties": {
        UPLOAD_ID.name: schema_of_field(UPLOAD_ID),
        PARTS.name: schema_of_field(PARTS),
    },
    "additionalProperties": False,
    "type": "object",
    "required": [UPLOAD_ID.name, PARTS.name],
    "title": "PartList",
    "description": "Parts that the client will send.",
}
UPLOAD = {
    "properties": {UPLOAD_ID.name: schema_of_field(UPLOAD_ID)},
    "additionalProperties": False,
    "type": "object",
    "required": [UPLOAD_ID.name],
    "title": "MultipartUpload",
    "description": "An upload in parts.",
}
CHANGE = {
    "properties": {FOCUS.name: _FOCUS_OR_NULL},
    "additionalProperties": False,
    "type": "object",
    "required": [FOCUS.name],
    "title": "ImageChange",
    "description": "A change of an image.",
}
MOVE = {
    "properties": {FOLDER.name: schema_of_field(FOLDER)},
    "additionalProperties": False,
    "type": "object",
    "required": [FOLDER.name],
    "title": "ImageMove",
    "description": "The folder that an image moves to.",
}


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a required body in JSON."""
    return {"content": {"application/json": {"schema": schema}}, "required": True}
