"""Parse request bodies: raw bytes, a form with one file, or JSON."""

import base64
import re

from imagemill.api.upload import Upload
from imagemill.domain.quoting import quoted
from imagemill.errors import BodyTooLarge, InvalidRequest, UnsupportedMediaType
from imagemill.functions.api.limits import MAX_BODY_BYTES, MAX_JSON_BYTES
from imagemill.functions.api.messages import JSON, Request

# The media type of a file whose format the client does not know.
ANY_BYTES = "application/octet-stream"
FORM = "multipart/form-data"
# The type becomes the Content-Type of the stored object, so that only safe characters may pass.
_IMAGE_TYPE = re.compile(r"image/[a-z0-9][a-z0-9.+-]{0,63}")
# Longest Content-Type header that is parsed, in characters.
_MAX_TYPE_LENGTH = 1024
_PLAIN = "identity"
_NAMELESS = "image"


def image(request: Request, filename: str | None) -> Upload:
    """Return the uploaded image, named by `filename`, by the file name in the form or `image`.

    Raises BodyTooLarge, EmptyFile, UnsupportedMediaType or InvalidRequest.
    """
    kind, options = _content_type(request)
    if kind == FORM:
        from imagemill.functions.api.forms import only_file  # noqa: PLC0415

        file = only_file(_body(request), options.get("boundary", ""))
        name = filename or file.filename or _NAMELESS
        return Upload(file.data, name, _require_image(file.content_type))
    return Upload(_body(request), filename or _NAMELESS, _require_image(kind))


def json_body(request: Request) -> bytes:
    """Return a body that is to be JSON; raises UnsupportedMediaType or InvalidRequest."""
    kind, _ = _content_type(request)
    if kind not in {JSON, ANY_BYTES}:
        raise UnsupportedMediaType(f"expected application/json, got {quoted(kind)}")
    body = _decoded(request)
    if len(body) > MAX_JSON_BYTES:
        raise InvalidRequest(f"expected at most {MAX_JSON_BYTES} bytes of JSON, got {len(body)}")
    return body


def _content_type(request: Request) -> tuple[str, dict[str, str]]:
    """Return the body's media type and its parameters.

    Raises UnsupportedMediaType for a compressed body or an overlong type.
    """
    encoding = request.headers.get("content-encoding") or _PLAIN
    if encoding.strip().lower() != _PLAIN:
        raise UnsupportedMediaType(f"expected no Content-Encoding, got {quoted(encoding)}")
    # Only uploads need the library, so it is loaded by the first of them.
    from multipart import (  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types
        parse_options_header,
    )

    text = request.headers.get("content-type") or ANY_BYTES
    if len(text) > _MAX_TYPE_LENGTH:
        raise UnsupportedMediaType(f"expected a media type, got {quoted(text)}")
    kind, options = parse_options_header(text)
    return kind, options


def _body(request: Request) -> bytes:
    data = _decoded(request)
    if len(data) > MAX_BODY_BYTES:
        raise BodyTooLarge(
            f"expected a body of at most {MAX_BODY_BYTES} bytes, got {len(data)}; "
            "use POST /uploads to upload larger files directly to the bucket"
        )
    return data


def _decoded(request: Request) -> bytes:
    body = request.body
    try:
        return base64.b64decode(body, validate=True) if request.is_base64 else body.encode()
    except ValueError as fault:
        raise InvalidRequest("expected a body in base64, as API Gateway sends it") from fault


def _require_image(kind: str) -> str:
    plain = kind.partition(";")[0].strip().lower()
    if plain in {"", "image/*"}:
        return ANY_BYTES
    if plain == ANY_BYTES or _IMAGE_TYPE.fullmatch(plain):
        return plain
    raise UnsupportedMediaType(
        f"expected an image type, {ANY_BYTES} or {FORM} with one file, got {quoted(plain)}"
    )
