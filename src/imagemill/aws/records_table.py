"""The table of records, one item for each image, and the registry of deployments."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import CONFLICTS, error_code, error_responses, translated
from imagemill.aws.record_items import from_item, to_item
from imagemill.domain.deployment import Deployment, following
from imagemill.domain.record import ImageRecord
from imagemill.errors import Throttled

if TYPE_CHECKING:
    from imagemill.aws.item_clients import BatchClient, Item, ItemClient, PutItemParams

_STORE = "the records table"
_REGISTRY = "the deployments' table"
_DEPLOYMENT = "deployment"
# Attempts to register a deployment while others register theirs.
_MAX_RACES = 8
# Items of one BatchGetItem. Source: DynamoDB API reference.
MOST_AT_ONCE = 100


class RecordStore:
    """Implements `domain.stores.Records`: reads and writes one record at a time."""

    def __init__(self, client: "ItemClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written; None if there is none."""
        with translated(_STORE):
            found = self._client.get_item(
                TableName=self._table, Key={"id": {"S": image_id}}, ConsistentRead=True
            )
        return from_item(found["Item"]) if "Item" in found else None

    def put(self, record: ImageRecord) -> bool:
        """Write the next revision of a record; False if another writer was first."""
        with translated(_STORE):
            return _put_revision(self._client, self._table, to_item(record), record.revision)


class RecordsTable(RecordStore):
    """The records for the commands, which also read many at once."""

    def __init__(self, client: "BatchClient", table: str) -> None:
        super().__init__(client, table)
        self._batch_client = client

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return records by id.

        Those that DynamoDB leaves out because of the load are missing: callers ask again anyway.
        """
        found: dict[str, ImageRecord] = {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            keys = [{"id": {"S": image_id}} for image_id in ids[start : start + MOST_AT_ONCE]]
            with translated(_STORE):
                answer = self._batch_client.batch_get_item(
                    RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
                )
            records = map(from_item, answer["Responses"].get(self._table, []))
            found |= {record.id: record for record in records}
        return found


class DeploymentRegistry:
    """One item with the recipe and limits in use, and the presets that were dropped before."""

    def __init__(self, client: "ItemClient", table: str) -> None:
        self._client = client
        self._table = table

    def register(
        self, fingerprint: str, presets: Sequence[str], now_ms: int, rules: str = ""
    ) -> Deployment:
        """Return the deployment with this fingerprint; register it if another one was in use.

        Call it before the first rendition is stored. Raises Throttled after eight lost races.
        """
        for _ in range(_MAX_RACES):
            before = self._read()
            deployment = following(before, fingerprint, presets, now_ms, rules)
            if deployment == before or self._write(deployment):
                return deployment
        raise Throttled(f"{_MAX_RACES} deployments were registered at the same time")

    def _read(self) -> Deployment | None:
        with translated(_REGISTRY):
            found = self._client.get_item(
                TableName=self._table, Key={"id": {"S": _DEPLOYMENT}}, ConsistentRead=True
            )
        if "Item" not in found:
            return None
        item = found["Item"]
        facts = json.loads(str(item["facts"]["S"]))
        return Deployment(
            fingerprint=facts["fingerprint"],
            since=facts["since"],
            presets=frozenset(facts["presets"]),
            dropped=facts["dropped"],
            # Former versions had one recipe for all originals.
            rules=facts.get("rules", ""),
            revision=int(str(item["revision"]["N"])),
        )

    def _write(self, deployment: Deployment) -> bool:
        facts = {
            "fingerprint": deployment.fingerprint,
            "since": deployment.since,
            "presets": sorted(deployment.presets),
            "dropped": dict(deployment.dropped),
        }
        facts |= {"rules": deployment.rules} if deployment.rules else {}
        item = {
            "id": {"S": _DEPLOYMENT},
            "revision": {"N": str(deployment.revision)},
            "facts": {"S": json.dumps(facts)},
        }
        with translated(_REGISTRY):
            return _put_revision(self._client, self._table, item, deployment.revision)


def _put_revision(client: "ItemClient", table: str, item: "Item", revision: int) -> bool:
    """Write an item if the table holds the revision before it; False if it does not."""
    params: PutItemParams = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(id)",
    }
    if revision > 1:
        params["ConditionExpression"] = "revision = :read"
        params["ExpressionAttributeValues"] = {":read": {"N": str(revision - 1)}}
    try:
        client.put_item(**params)
    except error_responses() as fault:
        if error_code(fault) in CONFLICTS:
            return False
        raise
    return True
