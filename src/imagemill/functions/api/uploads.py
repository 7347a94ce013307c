"""Routes that accept uploads."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.api.upload import presign_upload, store_upload
from imagemill.domain.event import Focus, UploadChoices
from imagemill.functions.api.audit import audit
from imagemill.functions.api.bodies import ANY_BYTES, image, json_body
from imagemill.functions.api.fields import FILENAME_OF_UPLOAD, FOCUS_TEXT, RULE
from imagemill.functions.api.image_json import accepted
from imagemill.functions.api.json_bodies import parse_upload_spec
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader
from imagemill.wiring.presign import URL_LIFETIME_S

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.models import UploadTicket


def upload_image(request: Request, deps: "Deps") -> Response:
    """Store the bytes of an image; /images/{id} shows its progress."""
    reader = ParameterReader(request)
    filename = reader.query_text(FILENAME_OF_UPLOAD)
    rule, focus = reader.query_text(RULE) or "", reader.query_text(FOCUS_TEXT) or ""
    reader.finish()
    choices = UploadChoices(rule, Focus.parse(focus))
    upload = replace(image(request, filename), choices=choices)
    record = store_upload(upload, deps.new_token(), deps.uploads, request.caller.owner)
    audit("upload", request.caller, record)
    body = json_text(accepted(record, "pending"))
    return Response(HTTPStatus.ACCEPTED, JSON, body, _location(record.id))


def announce_upload(request: Request, deps: "Deps") -> Response:
    """Create a pending record, and return a form that uploads the file to the bucket."""
    announced = parse_upload_spec(json_body(request))
    kind = announced.content_type or ANY_BYTES
    spec = replace(announced, content_type=kind, owner=request.caller.owner)
    presigned = presign_upload(spec, deps.new_token(), deps.uploads, deps.presigner, URL_LIFETIME_S)
    record = presigned.record
    audit("announce", request.caller, record)
    body: UploadTicket = {
        "id": record.id,
        "status": "pending",
        "key": record.key,
        "url": presigned.form.url,
        "fields": dict(presigned.form.fields),
        "expires_at": presigned.expires_at,
        "max_bytes": presigned.max_bytes,
        "links": {"self": f"/images/{record.id}"},
    }
    return Response(HTTPStatus.CREATED, JSON, json_text(body), _location(record.id))


def begin_multipart(request: Request, deps: "Deps") -> Response:
    """Create a pending record, and begin an upload in parts."""
    from imagemill.functions.api import multipart  # noqa: PLC0415  # only these routes need it

    return multipart.begin_upload(request, deps)


def sign_parts(request: Request, deps: "Deps") -> Response:
    """Return URLs to which the client sends parts."""
    from imagemill.functions.api import multipart  # noqa: PLC0415  # as above

    return multipart.sign_parts(request, deps)


def list_parts(request: Request, deps: "Deps") -> Response:
    """Return the parts that have arrived."""
    from imagemill.functions.api import multipart  # noqa: PLC0415  # as above

    return multipart.list_parts(request, deps)


def complete_multipart(request: Request, deps: "Deps") -> Response:
    """Store the image, of which all parts have arrived."""
    from imagemill.functions.api import multipart  # noqa: PLC0415  # as above

    return multipart.complete_upload(request, deps)


def abort_multipart(request: Request, deps: "Deps") -> Response:
    """Remove the parts that have arrived; the record expires."""
    from imagemill.functions.api import multipart  # noqa: PLC0415  # as above

    return multipart.abort_upload(request, deps)


def _location(image_id: str) -> dict[str, str]:
    return {"Location": f"images/{image_id}"}
