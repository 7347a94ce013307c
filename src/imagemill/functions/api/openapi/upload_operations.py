"""The operations of uploads in the OpenAPI document."""

from collections.abc import Callable, Mapping

from imagemill.functions.api import models, multipart_models, uploads
from imagemill.functions.api.fields import (
    FILENAME_OF_UPLOAD,
    FOCUS_TEXT,
    IMAGE_ID,
    RULE,
    UPLOAD_ID,
)
from imagemill.functions.api.limits import MAX_BODY_BYTES
from imagemill.functions.api.openapi.operations import KEYED, Operation
from imagemill.functions.api.openapi.request_bodies import (
    IMAGE,
    PART_LIST,
    UPLOAD,
    UPLOAD_SPEC,
    json_body,
)

# By the function that answers, as `OPERATIONS`.
UPLOAD_OPERATIONS: Mapping[Callable[..., object], Operation] = {
    uploads.upload_image: Operation(
        "uploadImage",
        "Upload a small image",
        202,
        "Accepted.",
        (
            *("read_only", "empty", "too_many_bytes", "unsupported_media_type", "ignored"),
            *("not_an_image", "unsupported_format", "corrupt"),
            *KEYED,
        ),
        models.Accepted,
        description=f"For up to {MAX_BODY_BYTES} bytes; use `POST /uploads` for larger files.",
        in_query=(FILENAME_OF_UPLOAD, RULE, FOCUS_TEXT),
        body=IMAGE,
        id_at="/id",
    ),
    uploads.announce_upload: Operation(
        "announceUpload",
        "Upload an image of any size",
        201,
        "The upload form.",
        ("read_only", "too_many_bytes", "unsupported_media_type", "ignored", *KEYED),
        models.UploadTicket,
        description="Returns a form that uploads one file directly to the bucket.",
        body=json_body(UPLOAD_SPEC),
        id_at="/id",
    ),
    uploads.begin_multipart: Operation(
        "beginMultipart",
        "Begin an upload in parts",
        201,
        "The upload.",
        ("read_only", "too_many_bytes", "unsupported_media_type", "ignored", *KEYED),
        multipart_models.MultipartTicket,
        description=(
            "For large files: after an interruption, only the parts that have not arrived are sent."
        ),
        body=json_body(UPLOAD_SPEC),
        id_at="/id",
    ),
    uploads.sign_parts: Operation(
        "signParts",
        "Get URLs for parts of an upload",
        200,
        "A URL for each part.",
        ("read_only", "unsupported_media_type", "not_found", "gone", *KEYED),
        multipart_models.PartTickets,
        description="The bucket refuses a part with another size or checksum.",
        in_path=(IMAGE_ID,),
        body=json_body(PART_LIST),
    ),
    uploads.list_parts: Operation(
        "listParts",
        "List the parts that have arrived",
        200,
        "The parts.",
        ("read_only", "not_found", "gone", *KEYED),
        multipart_models.ArrivedParts,
        in_path=(IMAGE_ID,),
        in_query=(UPLOAD_ID,),
        required_in_query=(UPLOAD_ID.name,),
    ),
    uploads.complete_multipart: Operation(
        "completeMultipart",
        "Complete an upload in parts",
        202,
        "Accepted.",
        ("read_only", "unsupported_media_type", "not_found", "gone", *KEYED),
        multipart_models.CompletedUpload,
        description="A second request has the same answer.",
        in_path=(IMAGE_ID,),
        body=json_body(UPLOAD),
        id_at="/id",
    ),
    uploads.abort_multipart: Operation(
        "abortMultipart",
        "Abort an upload in parts",
        202,
        "Accepted; the record expires within a day.",
        ("read_only", "not_found", "gone", *KEYED),
        models.Accepted,
        in_path=(IMAGE_ID,),
        in_query=(UPLOAD_ID,),
        required_in_query=(UPLOAD_ID.name,),
    ),
}
