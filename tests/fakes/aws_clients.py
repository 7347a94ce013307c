"""AWS clients in memory: the few calls our stores make, with S3's and DynamoDB's conditions.

Before each call the client takes a `turn`, where a test may let somebody else go first, or raise.
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
    """Let nobody go first."""


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
    """How much time has passed since the first version."""
    _versions: int = 0

    def put_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("PutObject")
        current = self._current(asked)
        if asked.get("IfNoneMatch") == "*" and current:
            raise fault("PutObject", "PreconditionFailed")
        self._require_match("PutObject", asked, current)
        stored = self.put(
            asked["Bucket"], asked["Key"], _bytes(asked["Body"]), asked.get("Metadata")
        )
        return {"ETag": stored.etag, "VersionId": stored.version_id}

    def head_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("HeadObject")
        found = self._current(asked)
        if found is None or found.data is None:
            raise fault("HeadObject", "404")
        return {
            "ETag": found.etag,
            "VersionId": found.version_id,
            "Metadata": found.metadata,
            "LastModified": found.modified,
            "ContentLength": len(found.data),
        }

    def get_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("GetObject")
        versions = self.objects.get((asked["Bucket"], asked["Key"]), [])
        wanted = asked.get("VersionId")
        if wanted:
            found = next((v for v in versions if v.version_id == wanted), None)
        else:
            found = self._current(asked)
        if found is None or found.data is None:
            raise fault("GetObject", "NoSuchVersion" if wanted else "NoSuchKey")
        self._require_match("GetObject", asked, found)
        return {
            "Body": io.BytesIO(found.data),
            "ETag": found.etag,
            "ContentLength": len(found.data),
            "ResponseMetadata": {"HTTPHeaders": {"etag": found.etag}},
        }

    def delete_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("DeleteObject")
        current = self._current(asked)
        if current:
            self._require_match("DeleteObject", asked, current)
        self.objects.pop((asked["Bucket"], asked["Key"]), None)
        return {}

    def put(
        self, bucket: str, key: str, data: bytes | None, metadata: dict[str, str] | None = None
    ) -> StoredObject:
        """Put a version on top, or a delete marker, as somebody else would."""
        self._versions += 1
        modified = _LONG_AGO + self.passed + timedelta(seconds=10 * self._versions)
        stored = StoredObject(f"v{self._versions}", data, metadata or {}, modified)
        self.objects.setdefault((bucket, key), []).append(stored)
        return stored

    def _call(self, name: str) -> None:
        self.before_call(name)
        self.calls.append(name)

    def _current(self, asked: dict[str, Any]) -> StoredObject | None:
        versions = self.objects.get((asked["Bucket"], asked["Key"]))
        return versions[-1] if versions and versions[-1].data is not None else None

    def _require_match(
        self, operation: str, asked: dict[str, Any], current: StoredObject | None
    ) -> None:
        wanted = asked.get("IfMatch")
        if wanted and current is None:
            raise fault(operation, "NoSuchKey")
        if wanted and current and current.etag.strip('"') != wanted.strip('"'):
            raise fault(operation, "PreconditionFailed")


@dataclass
class FakeDynamoDB:
    """One table, keyed by `id`; a read that does not ask for consistency lags by one write."""

    before_call: BeforeCall = _do_nothing
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    former: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each item was before its last write."""

    def get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("GetItem")
        items = self.items if asked.get("ConsistentRead") else self.former
        found = items.get(asked["Key"]["id"]["S"])
        return {"Item": dict(found)} if found else {}

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("PutItem")
        key = asked["Item"]["id"]["S"]
        condition = asked.get("ConditionExpression")
        values = asked.get("ExpressionAttributeValues", {})
        if condition and not _holds(condition, self.items.get(key), values):
            raise fault("PutItem", "ConditionalCheckFailedException")
        if key in self.items:
            self.former[key] = self.items[key]
        self.items[key] = asked["Item"]
        return {}

    def _call(self, name: str) -> None:
        self.before_call(name)
        self.calls.append(name)


def fault(operation: str, code: str) -> ClientError:
    """Return the error that botocore raises for a service's code."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def _bytes(body: Any) -> bytes:  # noqa: ANN401  # bytes, or a file
    return body if isinstance(body, bytes) else bytes(body.read())


def _holds(condition: str, item: dict[str, Any] | None, values: dict[str, Any]) -> bool:
    """Evaluate the two forms of condition that our stores use, and no other."""
    if condition == "attribute_not_exists(id)":
        return item is None
    compared = re.fullmatch(r"(\w+) = (:\w+)", condition)
    if compared is None:
        raise NotImplementedError(condition)
    return item is not None and item.get(compared[1]) == values[compared[2]]
