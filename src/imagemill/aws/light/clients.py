"""Clients of S3, DynamoDB and EventBridge: those methods of boto3's that the resizer needs.

Each method raises Refused for an error that AWS answers, and Unreachable where the answer is
missing, ends early, or is not as AWS documents it.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar, Unpack

from imagemill.aws.errors import ResponseInvalid
from imagemill.aws.light.answer import Answer
from imagemill.aws.light.checks import CRC32_HEADER, crc32_of
from imagemill.aws.light.connection import Timeouts
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.inputs import GetObjectInput, Json, ObjectInput, PutObjectInput
from imagemill.aws.light.outputs import (
    METADATA,
    GetObjectOutput,
    HeadObjectOutput,
    PutEventsOutput,
    VersionOutput,
    events_of,
    facts_of,
    item_of,
    object_of,
    version_of,
)
from imagemill.aws.light.sigv4 import Signer, in_path, in_query, region_of
from imagemill.aws.light.transport import (
    Request,
    Sleep,
    Transport,
    json_code,
    parsed,
    refused_within,
    whole,
    xml_code,
)

_HEADERS = {
    "ChecksumMode": "x-amz-checksum-mode",
    "ContentDisposition": "content-disposition",
    "ContentType": "content-type",
    "IfMatch": "if-match",
    "IfNoneMatch": "if-none-match",
    "Tagging": "x-amz-tagging",
}
_TIMEOUTS = Timeouts()

T = TypeVar("T")


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

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        self._service = Transport(Signer.read(environ, "s3"), sleep, timeouts)
        self._endpoint = Endpoint.find(environ, "s3", "S3", region_of(environ))

    def get_object(self, **asked: Unpack[GetObjectInput]) -> GetObjectOutput:
        """Return an object's body, to be read and closed; reading it raises Unreachable."""
        request = self._request("GetObject", "GET", {**asked, "ChecksumMode": "ENABLED"})
        return self._service.call(request, object_of)

    def head_object(self, **asked: Unpack[ObjectInput]) -> HeadObjectOutput:
        """Return what is known of an object."""
        return self._service.call(self._request("HeadObject", "HEAD", asked), facts_of)

    def put_object(self, **asked: Unpack[PutObjectInput]) -> VersionOutput:
        """Store an object of bytes that are in memory.

        S3 compares them with the CRC-32 and the signed SHA-256 that are sent along, and refuses
        bytes that were damaged on the way. The CRC-32 stays with the object.
        """
        crc32 = crc32_of(asked["Body"])
        request = self._request("PutObject", "PUT", asked, asked["Body"])
        request.headers[CRC32_HEADER] = crc32

        def use(answer: Answer) -> VersionOutput:
            _done(request, answer)
            return version_of(answer, crc32)

        return self._service.call(request, use)

    def delete_object(self, **asked: Unpack[ObjectInput]) -> None:
        """Delete an object."""
        request = self._request("DeleteObject", "DELETE", asked)
        self._service.call(request, lambda answer: _done(request, answer))

    def _request(
        self, operation: str, method: str, asked: Mapping[str, object], body: bytes = b""
    ) -> Request:
        told = {name: value for name, value in asked.items() if isinstance(value, str)}
        endpoint, begin = self._endpoint.of_bucket(told["Bucket"])
        address = begin + in_path(told["Key"])
        if "VersionId" in told:
            address += f"?versionId={in_query(told['VersionId'])}"
        headers = {_HEADERS[name]: value for name, value in told.items() if name in _HEADERS}
        metadata = asked.get("Metadata")
        if isinstance(metadata, Mapping):
            headers |= {f"{METADATA}{name}": value for name, value in metadata.items()}
        return Request(operation, method, endpoint, address, headers, body)


class DynamoDB:
    """A DynamoDB client's `get_item` and `put_item`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        self._call = _Json(environ, sleep, timeouts, _DYNAMODB)

    def get_item(self, **asked: Json) -> Mapping[str, object]:
        """Return an item, under `Item`, where there is one."""
        return self._call("GetItem", asked, item_of)

    def put_item(self, **asked: Json) -> Mapping[str, object]:
        """Write an item."""
        return self._call("PutItem", asked, item_of)


class Events:
    """An EventBridge client's `put_events`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        self._call = _Json(environ, sleep, timeouts, _EVENTS)

    def put_events(self, *, Entries: Sequence[Mapping[str, str]]) -> PutEventsOutput:  # noqa: N803  # boto3's
        """Send events, and return what became of each."""
        asked: dict[str, Json] = {"Entries": Entries}
        return self._call("PutEvents", asked, lambda told: events_of(told, len(Entries)))


class _Json:
    """A service that is asked in JSON and answers in it."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep, timeouts: Timeouts, protocol: _Protocol
    ) -> None:
        service, variable, self._target, version = protocol
        self._service = Transport(Signer.read(environ, service), sleep, timeouts)
        self._endpoint = Endpoint.find(environ, service, variable, region_of(environ))
        self._kind = f"application/x-amz-json-{version}"

    def __call__(
        self, operation: str, asked: Mapping[str, Json], read: Callable[[Mapping[str, object]], T]
    ) -> T:
        headers = {"content-type": self._kind, "x-amz-target": f"{self._target}.{operation}"}
        body = json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()
        request = Request(operation, "POST", self._endpoint, "/", headers, body)

        def use(answer: Answer) -> T:
            told = parsed(whole(answer))
            if code := json_code(told, answer.headers):
                raise refused_within(request, code, answer)
            return read(told)

        return self._service.call(request, use)


def _done(request: Request, answer: Answer) -> None:
    """Read an answer that should have no body; raises Refused for one that bears an error."""
    data = whole(answer)
    if not data:
        return
    code = xml_code(data)
    if not code:
        raise ResponseInvalid(f"{request.operation} was answered with a body")
    raise refused_within(request, code, answer)
