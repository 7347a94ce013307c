"""AWS clients in memory: the calls of our stores, with the conditions of S3 and DynamoDB.

A client runs `before_call` first; there a test may write as another client, or raise an error.
"""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

BeforeCall = Callable[[str], None]
_LONG_AGO = datetime(2026, 5, 4, 10, 20, 29, tzinfo=UTC)


def _do_nothing(_: str) -> None:
    """Default hook without an effect."""


@dataclass
class StoredObject:
    """One version of one object; `data` is None for a delete marker."""

    version_id: str
    data: bytes | None
    metadata: dict[str, str]
    modified: datetime = _LONG_AGO

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data or b"", usedforsecurity=False).hexdigest()}"'


@dataclass
class FakeS3:
    """One account's buckets; every bucket keeps all versions, the newest last."""

    before_call: BeforeCall = _do_nothing
    objects: dict[tuple[str, str], list[StoredObject]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    passed: timedelta = timedelta()
    """Time added to the modification times of the next versions."""
    _versions: int = 0

    def put_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("PutObject", request)
        current = self._current(request)
        if request.get("IfNoneMatch") == "*" and current:
            raise fault("PutObject", "PreconditionFailed")
        self._require_match("PutObject", request, current)
        stored = self.put(
            request["Bucket"], request["Key"], _bytes(request["Body"]), request.get("Metadata")
        )
        return {"ETag": stored.etag, "VersionId": stored.version_id}

    def head_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("HeadObject", request)
        found = self._wanted(request)
        if found is None or found.data is None:
            raise fault("HeadObject", "404")
        return {
            "ETag": found.etag,
            "VersionId": found.version_id,
            "Metadata": found.metadata,
            "LastModified": found.modified,
            "ContentLength": len(found.data),
        }

    def get_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("GetObject", request)
        wanted, found = request.get("VersionId"), self._wanted(request)
        if found is None or found.data is None:
            raise fault("GetObject", "NoSuchVersion" if wanted else "NoSuchKey")
        self._require_match("GetObject", request, found)
        return {
            "Body": io.BytesIO(found.data),
            "ETag": found.etag,
            "ContentLength": len(found.data),
            "ResponseMetadata": {
                "HTTPHeaders": {"etag": found.etag}
                | {f"x-amz-meta-{name}": value for name, value in found.metadata.items()}
            },
        }

    def delete_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("DeleteObject", request)
        current = self._current(request)
        if current:
            self._require_match("DeleteObject", request, current)
        self.objects.pop((request["Bucket"], request["Key"]), None)
        return {}

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("ListObjectsV2", request)
        found = [
            {
                "Key": key,
                "Size": len(versions[-1].data),
                "ETag": versions[-1].etag,
                "LastModified": versions[-1].modified,
            }
            for (bucket, key), versions in sorted(self.objects.items())
            if bucket == request["Bucket"]
            and key.startswith(request.get("Prefix", ""))
            and versions
            and versions[-1].data is not None
        ]
        return {"Contents": found, "IsTruncated": False}

    def _wanted(self, request: dict[str, Any]) -> StoredObject | None:
        """Return the version that a request names, or else the current one."""
        versions = self.objects.get((request["Bucket"], request["Key"]), [])
        wanted = request.get("VersionId")
        if not wanted:
            return self._current(request)
        return next((version for version in versions if version.version_id == wanted), None)

    def put(
        self, bucket: str, key: str, data: bytes | None, metadata: dict[str, str] | None = None
    ) -> StoredObject:
        """Add a version, or a delete marker, as another client."""
        self._versions += 1
        modified = _LONG_AGO + self.passed + timedelta(seconds=10 * self._versions)
        stored = StoredObject(f"v{self._versions}", data, metadata or {}, modified)
        self.objects.setdefault((bucket, key), []).append(stored)
        return stored

    def _call(self, name: str, request: dict[str, Any]) -> None:
        del request
        self.before_call(name)
        self.calls.append(name)

    def _current(self, request: dict[str, Any]) -> StoredObject | None:
        versions = self.objects.get((request["Bucket"], request["Key"]))
        return versions[-1] if versions and versions[-1].data is not None else None

    def _require_match(
        self, operation: str, request: dict[str, Any], current: StoredObject | None
    ) -> None:
        wanted = request.get("IfMatch")
        if wanted and current is None:
            raise fault(operation, "NoSuchKey")
        if wanted and current and current.etag.strip('"') != wanted.strip('"'):
            raise fault(operation, "PreconditionFailed")


@dataclass
class FakeDynamoDB:
    """The tables, keyed by `id`; a read that does not ask for consistency lags by one write.

    The keys of items of the table of variants have the sort key `variant` after a slash.
    """

    before_call: BeforeCall = _do_nothing
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    previous: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each item before its last write."""

    def get_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("GetItem", request)
        items = self.items if request.get("ConsistentRead") else self.previous
        found = items.get(request["Key"]["id"]["S"])
        return {"Item": dict(found)} if found else {}

    def put_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("PutItem", request)
        key = "/".join(
            request["Item"][name]["S"] for name in ("id", "variant") if name in request["Item"]
        )
        condition = request.get("ConditionExpression")
        values = request.get("ExpressionAttributeValues", {})
        if condition and not _holds(condition, self.items.get(key), values):
            raise fault("PutItem", "ConditionalCheckFailedException")
        if key in self.items:
            self.previous[key] = self.items[key]
        self.items[key] = request["Item"]
        return {}

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        """Return the variants of one image, one item on each page."""
        self._call("Query", request)
        items = self.items if request.get("ConsistentRead") else self.previous
        wanted = request["ExpressionAttributeValues"][":id"]
        found = [
            items[key]
            for key in sorted(items)
            if items[key]["id"] == wanted and "variant" in items[key]
        ]
        start = int(request.get("ExclusiveStartKey", {"at": {"N": "0"}})["at"]["N"])
        more = {"LastEvaluatedKey": {"at": {"N": str(start + 1)}}} if found[start + 1 :] else {}
        return {"Items": found[start : start + 1], **more}

    def _call(self, name: str, request: dict[str, Any]) -> None:
        del request
        self.before_call(name)
        self.calls.append(name)


def fault(operation: str, code: str) -> ClientError:
    """Return the error that botocore raises for a service's code."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def _bytes(body: Any) -> bytes:  # noqa: ANN401  # bytes, or a file
    return body if isinstance(body, bytes) else bytes(body.read())


def _holds(condition: str, item: dict[str, Any] | None, values: dict[str, Any]) -> bool:
    """Evaluate a condition in one of the forms that our stores use."""
    if " OR " in condition:
        return any(_holds(part, item, values) for part in condition.split(" OR "))
    if condition == "attribute_not_exists(id)":
        return item is None
    compared = re.fullmatch(r"(\w+) (=|<>|<) (:\w+)", condition)
    if compared is None:
        raise NotImplementedError(condition)
    if item is None:
        return False
    left, right = item[compared[1]], values[compared[3]]
    if compared[2] == "<":
        return int(left["N"]) < int(right["N"])
    return (left == right) is (compared[2] == "=")
