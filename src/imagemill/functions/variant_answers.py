"""Answers of TransformFunction: a variant, a redirect to itself, a problem, or a placeholder."""

import base64
import json
from collections.abc import Mapping
from dataclasses import field
from http import HTTPStatus
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import ImageRequest
from imagemill.domain.rendition_metadata import IMMUTABLE
from imagemill.errors import ImagemillError, ImageRejected, MethodNotAllowed, RecordedRejection
from imagemill.functions.statuses import MAX_DETAIL_LENGTH, MEDIA_TYPE, RETRY_AFTER_S, STATUSES
from imagemill.functions.variant_requests import VariantRequest
from imagemill.imaging.plain_png import plain_png
from imagemill.preset import MAX_SIDE
from imagemill.requests.faults import UrlFault
from imagemill.transform.serve import Variant

# Headers of every answer. Variants are public, and viewers of IIIF read them from other origins.
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
# Any other URL: after a minute a cache asks again, and may answer with the old bytes meanwhile.
_FRESH = "public, max-age=60, stale-while-revalidate=60"
# Codes whose status differs from that of the API, or that the API does not have.
_STATUSES = STATUSES | {
    "invalid_request": HTTPStatus.BAD_REQUEST,
    "signature_required": HTTPStatus.FORBIDDEN,
    "not_ready": HTTPStatus.SERVICE_UNAVAILABLE,
    "original_archived": HTTPStatus.CONFLICT,
    "original_forbidden": HTTPStatus.CONFLICT,
    "original_undecryptable": HTTPStatus.CONFLICT,
}
# Seconds for which caches keep an error, by code; the codes of rejected images have the last one.
_MAX_AGES_S = {
    "invalid_request": 60,
    "signature_required": 60,
    "not_found": 10,
    "failed": 10,
    "gone": 60,
    "crashed": 60,
}
_MAX_AGE_S, _REJECTED_MAX_AGE_S = 1, 60
# Colour of placeholders, and longest side, px.
_GREY = b"\xe0\xe0\xe0"
_MAX_PLACEHOLDER_SIDE = 4_096
# Ratio of a placeholder whose request names one side only.
_RATIO = (4, 3)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `code` is that of the error, None if there is none."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None

    def to_gateway(self, method: str) -> dict[str, Any]:
        """Return the result of the function; an answer to HEAD has no body."""
        body = b"" if method == "HEAD" else self.body
        return {
            "statusCode": int(self.status),
            "headers": _HEADERS | dict(self.headers),
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }


def variant_answer(variant: Variant, request: VariantRequest) -> Answer:
    """Return the image, or a redirect to the same URL, which is answered from the bucket then."""
    if variant.data is None:
        # "#" is the URL of the request itself (RFC 3986, 5.2.2).
        headers = {"Location": request.url or "#", "Cache-Control": "no-store"}
        return Answer(HTTPStatus.FOUND, headers=headers)
    version = variant.record.version_id
    headers = {
        "Content-Type": variant.content_type,
        "Content-Disposition": variant.disposition,
        "Cache-Control": IMMUTABLE if variant.is_immutable else _FRESH,
    }
    # As S3 sends them for a stored variant, for the function that answers visitors.
    headers |= {f"x-amz-meta-iiif-{api}": uri for api, uri in variant.canonical.items()}
    if version:
        headers["x-amz-meta-version"] = version
    return Answer(HTTPStatus.OK, variant.data, headers)


def info_answer(document: Mapping[str, object], media_type: str) -> Answer:
    """Return the information document of an image."""
    headers = {"Content-Type": media_type, "Cache-Control": _FRESH}
    return Answer(HTTPStatus.OK, json.dumps(document).encode(), headers)


def error_answer(fault: ImagemillError, request: VariantRequest) -> Answer:
    """Return the problem (RFC 9457), or a placeholder image with the same status."""
    is_rejection = isinstance(fault, ImageRejected | RecordedRejection)
    status = _STATUSES.get(fault.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    if is_rejection:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    max_age_s = _REJECTED_MAX_AGE_S if is_rejection else _MAX_AGES_S.get(fault.code, _MAX_AGE_S)
    headers = {"Cache-Control": f"public, max-age={max_age_s}"}
    if fault.code in RETRY_AFTER_S:
        headers["Retry-After"] = str(RETRY_AFTER_S[fault.code])
    if isinstance(fault, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(fault.allowed))
    wanted = ImageRequest.parse_key(request.key) if request.wants_placeholder else None
    if wanted:
        headers["Content-Type"] = "image/png"
        return Answer(status, _placeholder(wanted), headers, fault.code)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": str(fault)[:MAX_DETAIL_LENGTH],
        "code": fault.code,
        "request_id": request.request_id,
    }
    if isinstance(fault, UrlFault) and fault.option:
        body["option"] = fault.option
    headers["Content-Type"] = MEDIA_TYPE
    return Answer(status, json.dumps(body).encode(), headers, fault.code)


def _placeholder(wanted: ImageRequest) -> bytes:
    """Return a grey image of the size that was asked for."""
    width, height = wanted.preset.width, wanted.preset.height
    if width == height == MAX_SIDE:
        width, height = _RATIO
    elif width == MAX_SIDE:
        width = height * _RATIO[0] // _RATIO[1]
    elif height == MAX_SIDE:
        height = max(1, width * _RATIO[1] // _RATIO[0])
    longest = max(width, height, _MAX_PLACEHOLDER_SIDE)
    width, height = (max(1, side * _MAX_PLACEHOLDER_SIDE // longest) for side in (width, height))
    return plain_png(width, height, _GREY)
