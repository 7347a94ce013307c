"""Newest first: the index over fixed shards, queried side by side and merged."""

import heapq
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from imagemill.catalog.record import ImageRecord, Status
from imagemill.stores.faults import translated
from imagemill.stores.items import FEED_SHARDS, from_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_INDEX = "feed"
_NOW = "~"
"""Sorts after every time there will be."""


class Feed:
    """Implements `workflows.browse.Feed`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records, newest first, from before the place `before` names.

        The place of a record is `{uploaded_at}#{id}`; constant cost however long the listing is.
        """
        with ThreadPoolExecutor(FEED_SHARDS) as pool:
            shards = list(
                pool.map(
                    lambda shard: _Shard(self._query(shard, limit, before or _NOW, status)),
                    map(str, range(FEED_SHARDS)),
                )
            )
        merged = heapq.merge(*shards, key=lambda item: item["feed_at"]["S"], reverse=True)
        return [from_item(item) for item in islice(merged, limit)]

    def _query(
        self, shard: str, limit: int, before: str, status: Status | None
    ) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "feed = :feed AND feed_at < :before",
            "ExpressionAttributeValues": {":feed": {"S": shard}, ":before": {"S": before}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if status:
            asked["FilterExpression"] = "#status = :status"
            asked["ExpressionAttributeNames"] = {"#status": "status"}
            asked["ExpressionAttributeValues"][":status"] = {"S": status}
        while True:
            with translated("the records table"):
                page = self._client.query(**asked)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class _Shard:
    """One shard's items, the first of them fetched at once and the others when wanted."""

    def __init__(self, items: Iterator[dict[str, Any]]) -> None:
        self._first = list(islice(items, 1))
        self._rest = items

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from self._first
        yield from self._rest
