"""Parse request bodies: raw bytes, a form with one file, or JSON."""

import base64
import re

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from multipart import parse_options_header  # type: ignore[import-untyped]  # it ships no types
from pydantic import ValidationError

from imagemill.api.upload import Upload
from imagemill.domain.quoting import quoted
from imagemill.errors import BodyTooLarge, InvalidRequest, UnsupportedMediaType
from imagemill.functions.api.faults import described
from imagemill.functions.api.forms import MEDIA_TYPE, only_file
from imagemill.functions.api.limits import MAX_BODY_BYTES, MAX_JSON_BYTES
from imagemill.functions.api.models import UploadRequest

# The media type of a file whose format the client does not know.
ANY_BYTES = "application/octet-stream"
# The type becomes the Content-Type of the stored object, so that only safe characters may pass.
_IMAGE_TYPE = re.compile(r"image/[a-z0-9][a-z0-9.+-]{0,63}")
# Longest Content-Type header that is parsed, in characters.
_MAX_TYPE_LENGTH = 1024
_PLAIN = "identity"
_NAMELESS = "image"


def image(event: BaseProxyEvent, filename: str | None) -> Upload:
    """Return the uploaded image, named by `filename`, by the file name in the form or `image`.

    Raises BodyTooLarge, EmptyFile, UnsupportedMediaType or InvalidRequest.
    """
    kind, options = _content_type(event)
    if kind == MEDIA_TYPE:
        file = only_file(_body(event), options.get("boundary", ""))
        name = filename or file.filename or _NAMELESS
        return Upload(file.data, name, _require_image(file.content_type))
    return Upload(_body(event), filename or _NAMELESS, _require_image(kind))


def upload_request(event: BaseProxyEvent) -> UploadRequest:
    """Return the facts of an announced upload.

    Raises UnsupportedMediaType or InvalidRequest.
    """
    kind, _ = _content_type(event)
    if kind not in {"application/json", ANY_BYTES}:
        raise UnsupportedMediaType(f"expected application/json, got {quoted(kind)}")
    body = _decoded(event)
    if len(body) > MAX_JSON_BYTES:
        raise InvalidRequest(f"expected at most {MAX_JSON_BYTES} bytes of JSON, got {len(body)}")
    try:
        return UploadRequest.model_validate_json(body)
    except ValidationError as fault:
        errors = fault.errors(include_url=False, include_context=False)
        raise InvalidRequest(described(errors)) from fault


def _content_type(event: BaseProxyEvent) -> tuple[str, dict[str, str]]:
    """Return the body's media type and its parameters.

    Raises UnsupportedMediaType for a compressed body or an overlong type.
    """
    encoding = event.headers.get("content-encoding") or _PLAIN
    if encoding.strip().lower() != _PLAIN:
        raise UnsupportedMediaType(f"expected no Content-Encoding, got {quoted(encoding)}")
    text = event.headers.get("content-type") or ANY_BYTES
    if len(text) > _MAX_TYPE_LENGTH:
        raise UnsupportedMediaType(f"expected a media type, got {quoted(text)}")
    kind, options = parse_options_header(text)
    return kind, options


def _body(event: BaseProxyEvent) -> bytes:
    data = _decoded(event)
    if len(data) > MAX_BODY_BYTES:
        raise BodyTooLarge(
            f"expected a body of at most {MAX_BODY_BYTES} bytes, got {len(data)}; "
            "use POST /uploads to upload larger files directly to the bucket"
        )
    return data


def _decoded(event: BaseProxyEvent) -> bytes:
    body = event.body or ""
    try:
        return base64.b64decode(body, validate=True) if event.is_base64_encoded else body.encode()
    except ValueError as fault:
        raise InvalidRequest("expected a body in base64, as API Gateway sends it") from fault


def _require_image(kind: str) -> str:
    plain = kind.partition(";")[0].strip().lower()
    if plain in {"", "image/*"}:
        return ANY_BYTES
    if plain == ANY_BYTES or _IMAGE_TYPE.fullmatch(plain):
        return plain
    raise UnsupportedMediaType(
        f"expected an image type, {ANY_BYTES} or {MEDIA_TYPE} with one file, got {quoted(plain)}"
    )
