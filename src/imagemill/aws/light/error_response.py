"""The type of an error response; imported for type checking only, like results."""

from typing import TypedDict


class ErrorFacts(TypedDict):
    """The error of a response; `Code` is the service's code or, without one, the status."""

    Code: str


class ResponseFacts(TypedDict):
    """Facts about a response."""

    HTTPStatusCode: int


class ErrorResponse(TypedDict):
    """An error response with the keys that botocore's ClientError uses."""

    Error: ErrorFacts
    ResponseMetadata: ResponseFacts
