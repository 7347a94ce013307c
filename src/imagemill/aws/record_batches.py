"""Records by id, many at once, for lists."""

from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.aws.record_items import from_item
from imagemill.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.aws.item_clients import BatchReadClient
    from imagemill.domain.record import ImageRecord

_STORE = "the records table"
# Requests for the same ids. DynamoDB leaves items out above 16 MB, which 100 records hardly reach,
# and under load.
_MAX_REQUESTS = 5


class RecordBatches:
    """Implements `domain.folders.RecordLookup`: eventually consistent reads, of half the price."""

    def __init__(self, client: "BatchReadClient", table: str) -> None:
        self._client = client
        self._table = table

    def get_many(self, ids: "Sequence[str]") -> "dict[str, ImageRecord]":
        """Return the records of up to 100 ids that exist; raises Throttled under load."""
        keys = [{"id": {"S": image_id}} for image_id in ids]
        found: dict[str, ImageRecord] = {}
        for _ in range(_MAX_REQUESTS):
            if not keys:
                return found
            with translated(_STORE):
                answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys}})
            records = map(from_item, answer["Responses"].get(self._table, []))
            found |= {record.id: record for record in records}
            unread = answer.get("UnprocessedKeys", {}).get(self._table, {"Keys": []})
            keys = [{"id": {"S": str(key["id"]["S"])}} for key in unread["Keys"]]
        if keys:
            raise Throttled(f"{_STORE} did not return {len(keys)} records")
        return found
