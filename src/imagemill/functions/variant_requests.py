"""Requests of CloudFront to the Function URL of TransformFunction.

CloudFront has replaced the visitor's URL by the path of the variant. Source: "Invoking Lambda
function URLs" in the AWS Lambda Developer Guide, payload format 2.0.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import ImageRequest
from imagemill.errors import MethodNotAllowed, NotFound
from imagemill.transform.describe import InfoRequest

_METHODS = frozenset({"GET", "HEAD"})
# The header with the visitor's URL, which the CloudFront Function sets.
_URL_HEADER = "x-imagemill-url"


@dataclass(frozen=True, slots=True)
class VariantRequest:
    """One request: the key in the path, and the facts that are not part of the key.

    `version` is the version that the visitor's URL names, empty for none; `url` is that URL, empty
    if CloudFront did not send it. With `wants_placeholder` an error is answered with an image.
    """

    method: str
    key: str
    version: str
    url: str
    wants_placeholder: bool
    request_id: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "VariantRequest":
        """Return the request in an event of the Function URL."""
        context = event["requestContext"]
        query = parse_qs(event.get("rawQueryString", ""), keep_blank_values=True)
        url = event.get("headers", {}).get(_URL_HEADER, "")
        return cls(
            method=context["http"]["method"],
            key=event["rawPath"].removeprefix("/"),
            version=query.get("v", [""])[-1],
            url=url if url.startswith(("https://", "http://")) else "",
            wants_placeholder="placeholder" in query,
            request_id=context.get("requestId", ""),
        )

    def target(self) -> ImageRequest | InfoRequest:
        """Return the target of the request: a variant, or the information document of an image.

        Raises a RequestFault for any other request.
        """
        if self.method not in _METHODS:
            raise MethodNotAllowed(_METHODS)
        found = ImageRequest.parse_key(self.key) or InfoRequest.parse_key(self.key)
        if found is None:
            raise NotFound("the path is not the key of a variant")
        return found

    @property
    def base_url(self) -> str:
        """The visitor's URL of an information document, without the name of the document."""
        return self.url.partition("?")[0].removesuffix("/info.json")
