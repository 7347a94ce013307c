"""Routes that upload an image in parts, which can be continued after an interruption."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.api import multipart
from imagemill.api.upload import end_of
from imagemill.domain.upload_parts import PART_BYTES, part_sizes
from imagemill.functions.api.audit import audit
from imagemill.functions.api.bodies import ANY_BYTES, json_body
from imagemill.functions.api.fields import IMAGE_ID, UPLOAD_ID
from imagemill.functions.api.image_json import accepted
from imagemill.functions.api.images import image_id_in
from imagemill.functions.api.json_bodies import parse_part_list, parse_upload_id, parse_upload_spec
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader
from imagemill.wiring.presign import URL_LIFETIME_S

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.multipart_models import (
        ArrivedParts,
        CompletedUpload,
        MultipartTicket,
        PartTickets,
    )


def begin_upload(request: Request, deps: "Deps") -> Response:
    """Create a pending record, and begin an upload in parts."""
    spec = parse_upload_spec(json_body(request))
    kind = spec.content_type or ANY_BYTES
    spec = replace(spec, content_type=kind, owner=request.caller.owner)
    begun = multipart.begin(spec, deps.new_token(), deps.uploads, deps.multipart.uploads)
    record = begun.record
    audit("announce", request.caller, record)
    body: MultipartTicket = {
        "id": record.id,
        "status": "pending",
        "key": record.key,
        "upload_id": begun.upload,
        "part_bytes": PART_BYTES,
        "parts": len(part_sizes(spec.bytes)),
        "links": {"self": f"/images/{record.id}"},
    }
    location = {"Location": f"images/{record.id}"}
    return Response(HTTPStatus.CREATED, JSON, json_text(body), location)


def sign_parts(request: Request, deps: "Deps") -> Response:
    """Return URLs to which the client sends parts."""
    image_id, wanted = image_id_in(request), parse_part_list(json_body(request))
    found = multipart.presign_parts(
        image_id, wanted.upload, wanted.checksums, deps.multipart, request.caller
    )
    body: PartTickets = {
        "parts": [
            {"number": one.number, "url": one.url, "headers": dict(one.headers)} for one in found
        ],
        "expires_at": end_of(URL_LIFETIME_S, deps.uploads.clock),
    }
    return Response(HTTPStatus.OK, JSON, json_text(body))


def list_parts(request: Request, deps: "Deps") -> Response:
    """Return the parts that have arrived."""
    image_id, upload = _upload_in(request)
    found = multipart.arrived_parts(image_id, upload, deps.multipart, request.caller)
    body: ArrivedParts = {
        "part_bytes": PART_BYTES,
        "parts": [
            {"number": one.number, "bytes": one.bytes, "sha256": one.sha256} for one in found
        ],
    }
    return Response(HTTPStatus.OK, JSON, json_text(body))


def complete_upload(request: Request, deps: "Deps") -> Response:
    """Store the image, of which all parts have arrived."""
    image_id, upload = image_id_in(request), parse_upload_id(json_body(request))
    record, version = multipart.complete(image_id, upload, deps.multipart, request.caller)
    audit("upload", request.caller, record)
    body: CompletedUpload = {
        **accepted(record, "pending"),
        "version_id": version.version_id,
        "etag": version.etag,
    }
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(body))


def abort_upload(request: Request, deps: "Deps") -> Response:
    """Remove the parts that have arrived; the record expires."""
    image_id, upload = _upload_in(request)
    record = multipart.abort(image_id, upload, deps.multipart, request.caller)
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(accepted(record, "pending")))


def _upload_in(request: Request) -> tuple[str, str]:
    """Return the image id in the path and the upload id in the query; raises InvalidRequest."""
    reader = ParameterReader(request)
    image_id = reader.path_text(IMAGE_ID)
    upload = reader.required_text(UPLOAD_ID)
    reader.finish()
    return image_id, upload
