"""Requests and responses, as API Gateway passes them to the function and back.

Source: "Set up Lambda proxy integrations in API Gateway" in the API Gateway Developer Guide.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.domain.caller import ANYONE, Caller

JSON = "application/json"
# The embedded AWS serves an API under this path instead of under a host name.
_EMBEDDED = "/_aws/execute-api"
# json.dumps would make one for each image of a page.
_ENCODER = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Site:
    """The distribution: its URL without a slash at the end, empty if there is none.

    `widths` is the ladder of widths, in px, that it makes on request; empty if it makes none.
    `keeps_versions` tells whether it has addresses with a version, which never change.
    """

    url: str = ""
    widths: tuple[int, ...] = ()
    keeps_versions: bool = False

    @classmethod
    def from_stage(cls, variables: Mapping[str, str]) -> "Site":
        """Return the site that the variables of the API's stage describe."""
        widths = variables.get("widths", "").split(",")
        return cls(
            variables.get("site", ""),
            tuple(int(width) for width in widths if width),
            "versioned" in variables,
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a request, and how they are checked.

    `kind` is a variable of the stage, which no client can set: `key`, `jwt` or `iam`. API Gateway
    has checked the key, or the signature by which it knows the ARN. `key` is empty if it is unknown
    which of several keys was checked.
    """

    kind: str = "key"
    key_id: str = ""
    key: str = ""
    arn: str = ""

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Credentials":
        """Return the credentials in an event of API Gateway."""
        identity = event["requestContext"].get("identity") or {}
        return cls(
            kind=(event.get("stageVariables") or {}).get("auth", "key"),
            key_id=identity.get("apiKeyId") or "",
            key=identity.get("apiKey") or _only_key(event),
            arn=identity.get("userArn") or "",
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    `headers` are keyed by lower-case names, and `query` has all values of each parameter. `body` is
    in base64 if `is_base64`. `base_url` is the URL of the API as the client sees it; on the
    embedded AWS it is a path.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: str
    is_base64: bool
    request_id: str
    base_url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The parts of the path that the route names, still percent-encoded."""
    site: Site = field(default_factory=Site)
    credentials: Credentials = field(default_factory=Credentials)
    caller: Caller = ANYONE

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Request":
        """Return the request in an event of API Gateway."""
        context = event["requestContext"]
        headers = (event.get("headers") or {}).items()
        return cls(
            method=event["httpMethod"].upper(),
            path=event["path"],
            query=event.get("multiValueQueryStringParameters") or {},
            headers={name.lower(): value for name, value in headers},
            body=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
            request_id=context.get("requestId") or "",
            base_url=_base_url(context, event["path"]),
            site=Site.from_stage(event.get("stageVariables") or {}),
            credentials=Credentials.from_event(event),
        )


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; `media_type` is empty if there is no body."""

    status: int
    media_type: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_gateway(self, common: Mapping[str, str]) -> dict[str, Any]:
        """Return the result of the function; the response's own headers replace common ones."""
        typed = {"Content-Type": self.media_type} if self.media_type else {}
        headers = {**common, **typed, **self.headers}
        return {
            "statusCode": int(self.status),
            "body": self.body,
            "isBase64Encoded": False,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
        }


def _only_key(event: Mapping[str, Any]) -> str:
    """Return the key that the client sent; empty if it sent several.

    The embedded AWS checks the key, but does not name it in the event.
    """
    headers = event.get("multiValueHeaders") or {}
    values = [one for name, all_ in headers.items() if name.lower() == "x-api-key" for one in all_]
    return values[0] if len(values) == 1 else ""


def json_text(value: object) -> str:
    """Return JSON in ASCII without spaces."""
    return _ENCODER.encode(value)


def _base_url(context: Mapping[str, Any], path: str) -> str:
    prefix = (context.get("path") or "").removesuffix(path)
    if context.get("domainName"):
        return f"https://{context['domainName']}{prefix}"
    return f"{_EMBEDDED}/{context.get('apiId')}{prefix}"
