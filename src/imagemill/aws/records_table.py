"""The table: one item an image, written only by the newest event."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from imagemill.aws.errors import CONFLICTS, error_code, refusals, translated
from imagemill.aws.record_items import from_item, to_item
from imagemill.domain.deployment import Deployment, following
from imagemill.domain.record import ImageRecord
from imagemill.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import GetItemOutputTypeDef

_STORE = "the records table"
_REGISTRY = "the deployments' table"
_DEPLOYMENT = "deployment"
_MAX_RACES = 8
MOST_AT_ONCE = 100
"""Items that one BatchGetItem may ask for."""


class RecordsTable:
    """Implements `catalog.stores.Records`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""
        with translated(_STORE):
            found = self._client.get_item(
                TableName=self._table, Key={"id": {"S": image_id}}, ConsistentRead=True
            )
        return self._read(found)

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records there are, by id; what is held back under load comes next time."""
        found: dict[str, ImageRecord] = {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            keys = [{"id": {"S": image_id}} for image_id in ids[start : start + MOST_AT_ONCE]]
            with translated(_STORE):
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
                )
            records = map(from_item, answer["Responses"].get(self._table, []))
            found |= {record.id: record for record in records}
        return found

    def _read(self, found: "GetItemOutputTypeDef") -> ImageRecord | None:
        item = found.get("Item")
        return from_item(item) if item else None

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""
        with translated(_STORE):
            try:
                self._client.put_item(
                    TableName=self._table, Item=to_item(record), **_only_after(record.revision)
                )
            except refusals() as fault:
                if error_code(fault) in CONFLICTS:
                    return False
                raise
        return True


class DeploymentRegistry:
    """One item that says which recipe and limits are in use, and which presets were before."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def register(self, fingerprint: str, presets: Sequence[str], now_ms: int) -> Deployment:
        """Return the deployment with this fingerprint, and register it if another one was there.

        To be called before the first rendition is stored. Raises Throttled if others keep writing.
        """
        for _ in range(_MAX_RACES):
            before = self._read()
            deployment = following(before, fingerprint, presets, now_ms)
            if deployment == before or self._write(deployment):
                return deployment
        raise Throttled(f"{_MAX_RACES} deployments were registered at the same time")

    def _read(self) -> Deployment | None:
        with translated(_REGISTRY):
            found = self._client.get_item(
                TableName=self._table, Key={"id": {"S": _DEPLOYMENT}}, ConsistentRead=True
            )
        item = found.get("Item")
        if item is None:
            return None
        facts = json.loads(item["facts"]["S"])
        return Deployment(
            fingerprint=facts["fingerprint"],
            since=facts["since"],
            presets=frozenset(facts["presets"]),
            dropped=facts["dropped"],
            revision=int(item["revision"]["N"]),
        )

    def _write(self, deployment: Deployment) -> bool:
        facts = {
            "fingerprint": deployment.fingerprint,
            "since": deployment.since,
            "presets": sorted(deployment.presets),
            "dropped": dict(deployment.dropped),
        }
        item: Any = {
            "id": {"S": _DEPLOYMENT},
            "revision": {"N": str(deployment.revision)},
            "facts": {"S": json.dumps(facts)},
        }
        with translated(_REGISTRY):
            try:
                self._client.put_item(
                    TableName=self._table, Item=item, **_only_after(deployment.revision)
                )
            except refusals() as fault:
                if error_code(fault) in CONFLICTS:
                    return False
                raise
        return True


def _only_after(revision: int) -> dict[str, Any]:
    """Return the condition that the revision before this one is what stands in the table."""
    if revision == 1:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return {
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": str(revision - 1)}},
    }
