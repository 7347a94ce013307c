"""Requests for variants."""

from imagemill.domain.image_request import VARIANT_PREFIX, ImageRequest
from imagemill.domain.keys import image_id


def request_of(key: str, canonical: str) -> ImageRequest:
    """Return the request for a variant of an original, which must be canonical."""
    request = ImageRequest.parse_key(f"{VARIANT_PREFIX}{image_id(key)}/{canonical}")
    assert request is not None
    return request
