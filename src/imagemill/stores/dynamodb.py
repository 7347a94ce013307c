"""The table: one item a picture, written only by the newest event."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from imagemill.catalog.record import ImageRecord
from imagemill.stores.faults import CONFLICTS, error_code, refusals, translated
from imagemill.stores.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_STORE = "the records table"
MOST_AT_ONCE = 100
"""Items that one BatchGetItem may ask for."""


class RecordsTable:
    """Implements `workflows.workshop.Records`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""
        with translated(_STORE):
            found = self._client.get_item(
                TableName=self._table, Key={"id": {"S": image_id}}, ConsistentRead=True
            )
        item = found.get("Item")
        return from_item(item) if item else None

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

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""
        with translated(_STORE):
            try:
                self._client.put_item(
                    TableName=self._table, Item=to_item(record), **_next_revision(record)
                )
            except refusals() as fault:
                if error_code(fault) in CONFLICTS:
                    return False
                raise
        return True


def _next_revision(record: ImageRecord) -> dict[str, Any]:
    if record.revision == 1:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return {
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": str(record.revision - 1)}},
    }
