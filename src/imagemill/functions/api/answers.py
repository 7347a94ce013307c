"""The responses of routes, as entries of the OpenAPI document."""

from typing import Any

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from imagemill.functions.api.models import Problem
from imagemill.functions.problems import CONTENT_TYPE, STATUSES

# Error codes of every route; some of them are sent by API Gateway itself.
ALWAYS = (
    "bad_request",
    "invalid_request",
    "too_many_requests",
    "internal",
    "throttled",
    "store_unavailable",
    "timed_out",
)
# Error codes of every route that needs the API key.
KEYED = (*ALWAYS, "forbidden", "quota_exceeded")
# Marks a route that needs no API key.
OPEN: dict[str, Any] = {"security": []}
_OF_ONE_IMAGE = ("readImage", "fetchRendition", "fetchOriginal", "deleteImage")


def gives(status: int, description: str, model: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """Return the entry of a JSON response."""
    entry: OpenAPIResponse = {
        "description": description,
        "content": {"application/json": {"model": model}},
    }
    return {status: entry}


def problems(*codes: str) -> dict[int, OpenAPIResponse]:
    """Return the entries of errors by status; codes with the same status share an entry."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUSES[code], []).append(code)
    return {int(status): _problem(codes) for status, codes in sorted(by_status.items())}


def redirects(description: str) -> dict[int, OpenAPIResponse]:
    """Return the entry of a redirect to an image."""
    entry: OpenAPIResponse = {
        "description": description,
        "headers": {"Location": {"description": "URL of the image.", "schema": {"type": "string"}}},
        "content": {},
    }
    return {302: entry}


def with_links(answers: dict[int, OpenAPIResponse], pointer: str) -> dict[int, OpenAPIResponse]:
    """Return the entries with OpenAPI links: `pointer` is the JSON pointer to the id in a body."""
    given = {"image_id": f"$response.body#{pointer}"}
    links = {name: {"operationId": name, "parameters": given} for name in _OF_ONE_IMAGE}
    return {status: {**entry, "links": links} for status, entry in answers.items()}


def _problem(codes: list[str]) -> OpenAPIResponse:
    listed = ", ".join(f"`{code}`" for code in codes)
    return {"description": listed, "content": {CONTENT_TYPE: {"model": Problem}}}
