"""Error responses of the functions: one table from code to status."""

from http import HTTPStatus

MEDIA_TYPE = "application/problem+json"
# The status of every code; API Gateway sends some of them itself, see template.yaml.
STATUSES: dict[str, HTTPStatus] = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "share_expired": HTTPStatus.UNAUTHORIZED,
    "share_revoked": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "read_only": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "unknown_preset": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "no_address": HTTPStatus.CONFLICT,
    "ignored": HTTPStatus.CONFLICT,
    "exists": HTTPStatus.CONFLICT,
    "not_ready": HTTPStatus.CONFLICT,
    "failed": HTTPStatus.CONFLICT,
    "gone": HTTPStatus.GONE,
    "too_many_bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid_request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_cursor": HTTPStatus.UNPROCESSABLE_ENTITY,
    "empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_an_image": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unsupported_format": HTTPStatus.UNPROCESSABLE_ENTITY,
    "corrupt": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_pixels": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_frames": HTTPStatus.UNPROCESSABLE_ENTITY,
    "over_budget": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "quota_exceeded": HTTPStatus.TOO_MANY_REQUESTS,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "throttled": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "issuer_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "timed_out": HTTPStatus.GATEWAY_TIMEOUT,
}
# The codes of rejected images.
OF_IMAGES = (
    "empty",
    "not_an_image",
    "unsupported_format",
    "corrupt",
    "too_many_bytes",
    "too_many_pixels",
    "too_many_frames",
    "over_budget",
)
# Longest `detail` of a response, in characters; longer messages are cut.
MAX_DETAIL_LENGTH = 1000
# Value of the header Retry-After, in seconds.
RETRY_AFTER_S = {
    "not_ready": 1,
    "throttled": 1,
    "store_unavailable": 5,
    "issuer_unavailable": 5,
    "timed_out": 5,
}
