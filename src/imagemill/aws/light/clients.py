"""Clients of five services with thirteen of the methods of boto3's clients.

Each method raises ServiceError for an error response of AWS, and NoValidResponse if the response is
missing, incomplete, or not as AWS documents it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from imagemill.aws.light.checks import CRC32_HEADER, crc32_of
from imagemill.aws.light.connection import Timeouts
from imagemill.aws.light.endpoint import Endpoint, region_of
from imagemill.aws.light.outputs import (
    METADATA_PREFIX,
    batch_output,
    get_object_output,
    head_object_output,
    item_output,
    items_output,
    list_objects_output,
    put_events_output,
    put_object_output,
    secret_output,
    sent_output,
    visibility_output,
)
from imagemill.aws.light.sigv4 import Signer, quote_path, quote_query
from imagemill.aws.light.transport import (
    Request,
    Transport,
    error_with_status_200,
    json_error_code,
    parse_json,
    parse_xml,
    read_empty,
    read_whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.inputs import (
        BatchGetItemInput,
        ChangeVisibilityInput,
        GetItemInput,
        GetObjectInput,
        GetSecretInput,
        ListObjectsInput,
        ObjectInput,
        PutEventsInput,
        PutItemInput,
        PutObjectInput,
        QueryInput,
        SendMessageInput,
    )
    from imagemill.aws.light.results import (
        BatchGetItemOutput,
        GetItemOutput,
        GetObjectOutput,
        HeadObjectOutput,
        ItemsOutput,
        ListObjectsOutput,
        PutEventsOutput,
        SecretOutput,
        SentOutput,
        VersionOutput,
        VisibilityOutput,
    )
    from imagemill.aws.light.transport import Sleep

# The header of each parameter that is sent as one.
_HEADERS = {
    "CacheControl": "cache-control",
    "ChecksumMode": "x-amz-checksum-mode",
    "ContentDisposition": "content-disposition",
    "ContentType": "content-type",
    "IfMatch": "if-match",
    "IfNoneMatch": "if-none-match",
    "Tagging": "x-amz-tagging",
}
_TIMEOUTS = Timeouts()

T = TypeVar("T")


class S3:
    """An S3 client with methods for single objects, and `list_objects_v2`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._transport = Transport(Signer.from_environ(environ, "s3"), sleep, timeouts)
        self._endpoint = Endpoint.find(environ, "s3", "S3", region_of(environ))

    def get_object(self, **params: Unpack[GetObjectInput]) -> GetObjectOutput:
        """Return an object; the caller reads and closes its body."""
        request = self._request("GetObject", "GET", {**params, "ChecksumMode": "ENABLED"})
        return self._transport.call(request, get_object_output)

    def head_object(self, **params: Unpack[ObjectInput]) -> HeadObjectOutput:
        """Return the facts about an object."""
        return self._transport.call(self._request("HeadObject", "HEAD", params), head_object_output)

    def put_object(self, **params: Unpack[PutObjectInput]) -> VersionOutput:
        """Store an object and return its version.

        The request carries the CRC-32 and the signed SHA-256 of the bytes. S3 compares both and
        rejects bytes that were damaged on the way. It keeps the CRC-32 with the object.
        """
        crc32 = crc32_of(params["Body"])
        request = self._request("PutObject", "PUT", params, params["Body"])
        request.headers[CRC32_HEADER] = crc32

        def read(response: Response) -> VersionOutput:
            read_empty(request, response)
            return put_object_output(response, crc32)

        return self._transport.call(request, read)

    def delete_object(self, **params: Unpack[ObjectInput]) -> None:
        """Delete an object."""
        request = self._request("DeleteObject", "DELETE", params)
        self._transport.call(request, lambda response: read_empty(request, response))

    def list_objects_v2(self, **params: Unpack[ListObjectsInput]) -> ListObjectsOutput:
        """Return up to 1,000 objects of a bucket, in the order of their keys."""
        endpoint, prefix = self._endpoint.of_bucket(params["Bucket"])
        # Sorted by name, as the signature needs them. Without the encoding, a key with a control
        # character would make the response invalid XML.
        query = {
            "continuation-token": params.get("ContinuationToken", ""),
            "delimiter": params.get("Delimiter", ""),
            "encoding-type": "url",
            "list-type": "2",
            "max-keys": str(params["MaxKeys"]) if "MaxKeys" in params else "",
            "prefix": params.get("Prefix", ""),
            "start-after": params.get("StartAfter", ""),
        }
        pairs = [f"{name}={quote_query(value)}" for name, value in query.items() if value]
        target = f"{prefix.rstrip('/') or '/'}?{'&'.join(pairs)}"
        request = Request("ListObjectsV2", "GET", endpoint, target)
        return self._transport.call(
            request, lambda response: list_objects_output(parse_xml(read_whole(response)))
        )

    def _request(
        self, operation: str, method: str, params: Mapping[str, object], body: bytes = b""
    ) -> Request:
        texts = {name: value for name, value in params.items() if isinstance(value, str)}
        endpoint, prefix = self._endpoint.of_bucket(texts["Bucket"])
        target = prefix + quote_path(texts["Key"])
        if "VersionId" in texts:
            target += f"?versionId={quote_query(texts['VersionId'])}"
        headers = {_HEADERS[name]: value for name, value in texts.items() if name in _HEADERS}
        metadata = params.get("Metadata")
        if isinstance(metadata, Mapping):
            headers |= {f"{METADATA_PREFIX}{name}": value for name, value in metadata.items()}
        return Request(operation, method, endpoint, target, headers, body)


class DynamoDB:
    """A DynamoDB client with `batch_get_item`, `get_item`, `put_item` and `query`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._call = _JsonService(environ, sleep, timeouts, _DYNAMODB)

    def get_item(self, **params: Unpack[GetItemInput]) -> GetItemOutput:
        """Return an item under `Item`, if the table has one with this key."""
        return self._call("GetItem", params, item_output)

    def batch_get_item(self, **params: Unpack[BatchGetItemInput]) -> BatchGetItemOutput:
        """Return up to 100 items, and the keys that were not read because of the load."""
        return self._call("BatchGetItem", params, batch_output)

    def put_item(self, **params: Unpack[PutItemInput]) -> GetItemOutput:
        """Write an item; the result is empty."""
        return self._call("PutItem", params, item_output)

    def query(self, **params: Unpack[QueryInput]) -> ItemsOutput:
        """Return one page of the items with a partition key."""
        return self._call("Query", params, items_output)


class Events:
    """An EventBridge client with `put_events`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._call = _JsonService(environ, sleep, timeouts, _EVENTS)

    def put_events(self, **params: Unpack[PutEventsInput]) -> PutEventsOutput:
        """Send events and return the result for each."""
        count = len(params["Entries"])
        return self._call("PutEvents", params, lambda found: put_events_output(found, count))


class SQS:
    """An SQS client with `change_message_visibility_batch` and `send_message`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._call = _JsonService(environ, sleep, timeouts, _SQS)

    def change_message_visibility_batch(
        self, **params: Unpack[ChangeVisibilityInput]
    ) -> VisibilityOutput:
        """Change when messages become visible; the result lists those for which it failed."""
        return self._call("ChangeMessageVisibilityBatch", params, visibility_output)

    def send_message(self, **params: Unpack[SendMessageInput]) -> SentOutput:
        """Send a message and return the MD5 of its body, as the queue received it."""
        return self._call("SendMessage", params, sent_output)


class SecretsManager:
    """A client of Secrets Manager with `get_secret_value`."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep = time.sleep, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._call = _JsonService(environ, sleep, timeouts, _SECRETS_MANAGER)

    def get_secret_value(self, **params: Unpack[GetSecretInput]) -> SecretOutput:
        """Return the current text of a secret; InvalidResponse if it has bytes instead."""
        return self._call("GetSecretValue", params, secret_output)


class _JsonProtocol(NamedTuple):
    """Names of a service: in host names, environment variables and requests; its JSON version."""

    service: str
    variable: str
    target: str
    version: str


_DYNAMODB = _JsonProtocol("dynamodb", "DYNAMODB", "DynamoDB_20120810", "1.0")
_EVENTS = _JsonProtocol("events", "EVENTBRIDGE", "AWSEvents", "1.1")
_SECRETS_MANAGER = _JsonProtocol("secretsmanager", "SECRETS_MANAGER", "secretsmanager", "1.1")
_SQS = _JsonProtocol("sqs", "SQS", "AmazonSQS", "1.0")


class _JsonService:
    """A service with requests and responses in JSON."""

    def __init__(
        self, environ: Mapping[str, str], sleep: Sleep, timeouts: Timeouts, protocol: _JsonProtocol
    ) -> None:
        service, variable = protocol.service, protocol.variable
        self._transport = Transport(Signer.from_environ(environ, service), sleep, timeouts)
        self._endpoint = Endpoint.find(environ, service, variable, region_of(environ))
        self._target = protocol.target
        self._content_type = f"application/x-amz-json-{protocol.version}"

    def __call__(
        self,
        operation: str,
        params: Mapping[str, object],
        read: Callable[[Mapping[str, object]], T],
    ) -> T:
        headers = {
            "content-type": self._content_type,
            "x-amz-target": f"{self._target}.{operation}",
        }
        body = json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode()
        request = Request(operation, "POST", self._endpoint, "/", headers, body)

        def parse(response: Response) -> T:
            found = parse_json(read_whole(response))
            if code := json_error_code(found, response.headers):
                raise error_with_status_200(request, code, response)
            return read(found)

        return self._transport.call(request, parse)
