"""Clients of S3, DynamoDB and EventBridge: those methods of boto3's that the resizer needs."""

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from imagemill.stores.faults import Unreachable
from imagemill.stores.lean.connection import BROKEN, Body
from imagemill.stores.lean.endpoint import Endpoint
from imagemill.stores.lean.service import Request, Service, Sleep
from imagemill.stores.lean.signature import Signer, in_path, in_query, region_of

_METADATA = "x-amz-meta-"
_HEADERS = {
    "ContentDisposition": "content-disposition",
    "ContentType": "content-type",
    "IfMatch": "if-match",
    "IfNoneMatch": "if-none-match",
    "Tagging": "x-amz-tagging",
}


class _Protocol(NamedTuple):
    """What a service is called in addresses, in variables and in requests; its JSON's version."""

    service: str
    variable: str
    target: str
    version: str


_DYNAMODB = _Protocol("dynamodb", "DYNAMODB", "DynamoDB_20120810", "1.0")
_EVENTS = _Protocol("events", "EVENTBRIDGE", "AWSEvents", "1.1")


class S3:
    """An S3 client's `get_object`, `head_object`, `put_object` and `delete_object`."""

    def __init__(self, environ: Mapping[str, str], sleep: Sleep = time.sleep) -> None:
        self._service = Service(Signer.read(environ, "s3"), sleep)
        self._endpoint = Endpoint.find(environ, "s3", "S3", region_of(environ))

    def get_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # boto3's parameters
        """Return an object's body, to be read and closed."""
        return {"Body": _Object(self._service.stream(self._request("GetObject", "GET", asked)))}

    def head_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """Return what is known of an object."""
        headers, _ = self._service.call(self._request("HeadObject", "HEAD", asked))
        begin = len(_METADATA)
        return (
            _version(headers)
            | _encoding(headers)
            | {
                "ContentLength": int(headers["content-length"]),
                "LastModified": parsedate_to_datetime(headers["last-modified"]),
                "Metadata": {n[begin:]: v for n, v in headers.items() if n.startswith(_METADATA)},
            }
        )

    def put_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """Store an object of bytes that are in memory."""
        body = asked.pop("Body")
        headers, _ = self._service.call(self._request("PutObject", "PUT", asked, body))
        return _version(headers)

    def delete_object(self, **asked: Any) -> None:  # noqa: ANN401  # as above
        """Delete an object."""
        self._service.call(self._request("DeleteObject", "DELETE", asked))

    def _request(
        self, operation: str, method: str, asked: Mapping[str, Any], body: bytes = b""
    ) -> Request:
        endpoint, begin = self._endpoint.of_bucket(asked["Bucket"])
        address = begin + in_path(asked["Key"])
        if "VersionId" in asked:
            address += f"?versionId={in_query(asked['VersionId'])}"
        headers = {_HEADERS[name]: value for name, value in asked.items() if name in _HEADERS}
        metadata = asked.get("Metadata", {}).items()
        headers |= {f"{_METADATA}{name}": value for name, value in metadata}
        return Request(operation, method, endpoint, address, headers, body)


class DynamoDB:
    """A DynamoDB client's `get_item` and `put_item`."""

    def __init__(self, environ: Mapping[str, str], sleep: Sleep = time.sleep) -> None:
        self._call = _Json(environ, sleep, _DYNAMODB)

    def get_item(self, **asked: Any) -> Any:  # noqa: ANN401  # boto3's parameters and JSON
        """Return an item, under `Item`, where there is one."""
        return self._call("GetItem", asked)

    def put_item(self, **asked: Any) -> Any:  # noqa: ANN401  # as above
        """Write an item."""
        return self._call("PutItem", asked)


class Events:
    """An EventBridge client's `put_events`."""

    def __init__(self, environ: Mapping[str, str], sleep: Sleep = time.sleep) -> None:
        self._call = _Json(environ, sleep, _EVENTS)

    def put_events(self, **asked: Any) -> Any:  # noqa: ANN401  # boto3's parameters and JSON
        """Send events, and return what became of each."""
        return self._call("PutEvents", asked)


class _Json:
    """A service that is asked in JSON and answers in it."""

    def __init__(self, environ: Mapping[str, str], sleep: Sleep, protocol: _Protocol) -> None:
        service, variable, self._target, version = protocol
        self._service = Service(Signer.read(environ, service), sleep)
        self._endpoint = Endpoint.find(environ, service, variable, region_of(environ))
        self._kind = f"application/x-amz-json-{version}"

    def __call__(self, operation: str, asked: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        headers = {"content-type": self._kind, "x-amz-target": f"{self._target}.{operation}"}
        body = json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()
        request = Request(operation, "POST", self._endpoint, "/", headers, body)
        return json.loads(self._service.call(request)[1])


class _Object:
    """A body whose reading ends in all bytes or in Unreachable."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.close = body.close

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes, or all that are left; raises Unreachable."""
        try:
            return self._body.read(amount)
        except BROKEN as fault:
            raise Unreachable(type(fault).__name__) from fault


def _encoding(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return how an object is packed, as boto3 does: nothing for one that is not."""
    name = headers.get("content-encoding")
    return {"ContentEncoding": name} if name else {}


def _version(headers: Mapping[str, str]) -> dict[str, Any]:
    found = {"ETag": headers.get("etag", "")}
    if "x-amz-version-id" in headers:
        found["VersionId"] = headers["x-amz-version-id"]
    return found
