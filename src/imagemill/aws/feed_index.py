"""Newest first: the index over fixed shards, queried side by side and merged."""

import heapq
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from imagemill.aws.errors import translated
from imagemill.aws.record_items import FEED_SHARDS, from_item
from imagemill.domain.record import ImageRecord, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_INDEX = "feed"
_NOW = "~"
"""Sorts after every time there will be."""
_MOST_READS = 10
"""Queries to one shard for one page; a filter that little passes must not make a page dear."""
_LEAST_READ = 25
"""Items that a query with a filter looks at, however few are wanted."""


class Feed:
    """Implements `catalog.stores.Feed` and `catalog.stores.PagedFeed`."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        most_reads: int = _MOST_READS,
        least_read: int = _LEAST_READ,
    ) -> None:
        self._client = client
        self._table = table
        self._most_reads = most_reads
        self._least_read = least_read

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records, newest first, from before the place `before` names.

        The place of a record is `{uploaded_at}#{id}`. However few the filter passes, all of the
        listing is searched for them.
        """
        found, place = self.page(limit, before, status)
        while place and len(found) < limit:
            more, place = self.page(limit - len(found), place, status)
            found += more
        return found

    def page(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records, and the place to read on from, None at the end.

        Constant cost however long the listing is and however few the filter passes: fewer than
        `limit` may come although there are more.
        """
        with ThreadPoolExecutor(FEED_SHARDS) as pool:
            reads = pool.map(
                lambda shard: self._read(shard, limit, before or _NOW, status),
                map(str, range(FEED_SHARDS)),
            )
            shards = list(reads)
        horizon = max(shard.horizon for shard in shards)
        merged = heapq.merge(*(shard.items for shard in shards), key=_place, reverse=True)
        items = list(islice((item for item in merged if _place(item) >= horizon), limit + 1))
        place = _place(items[limit - 1]) if len(items) > limit else horizon
        return [from_item(item) for item in items[:limit]], place or None

    def _read(self, shard: str, limit: int, before: str, status: Status | None) -> "_Stretch":
        """Read a shard until more than `limit` items pass, it ends, or its page has cost enough."""
        items: list[dict[str, Any]] = []
        for page in islice(self._pages(shard, limit, before, status), self._most_reads):
            items += page["Items"]
            last = page.get("LastEvaluatedKey")
            if last is None:
                return _Stretch(items, "")
            if len(items) > limit:
                break
        return _Stretch(items, last["feed_at"]["S"])

    def _pages(self, shard: str, limit: int, before: str, status: Status | None) -> Iterator[Any]:
        asked: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "feed = :feed AND feed_at < :before",
            "ExpressionAttributeValues": {":feed": {"S": shard}, ":before": {"S": before}},
            "ScanIndexForward": False,
            "Limit": limit + 1,
        }
        if status:
            asked["Limit"] = max(limit + 1, self._least_read)
            asked["FilterExpression"] = "#status = :status"
            asked["ExpressionAttributeNames"] = {"#status": "status"}
            asked["ExpressionAttributeValues"][":status"] = {"S": status}
        while True:
            with translated("the records table"):
                page = self._client.query(**asked)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What was read of one shard, newest first, and the place read up to, empty at its end."""

    items: list[dict[str, Any]]
    horizon: str


def _place(item: dict[str, Any]) -> str:
    return str(item["feed_at"]["S"])
