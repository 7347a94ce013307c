"""The newest-first listing: an index over eight shards, queried in parallel and merged."""

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.aws.record_items import FEED_SHARDS, from_item
from imagemill.domain.record import ImageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemill.aws.item_clients import Item, ItemsResult, QueryClient, QueryParams

_INDEX = "feed"
# A position after every time: "~" sorts after all digits.
_END = "~"
# Queries to one shard for one page. They bound the cost of a page if few items pass the filter.
_MAX_READS = 10
# Items that a query with a filter reads, even if the page has fewer.
_LEAST_READ = 25


class Feed:
    """Implements `domain.stores.Feed` and `domain.stores.PagedFeed`.

    The position of a record is `{uploaded_at}#{id}`.
    """

    def __init__(
        self,
        client: "QueryClient",
        table: str,
        most_reads: int = _MAX_READS,
        least_read: int = _LEAST_READ,
    ) -> None:
        self._client = client
        self._table = table
        self._most_reads = most_reads
        self._least_read = least_read

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records, newest first, that come after the position `before`.

        Searches the whole listing if few records pass the filter.
        """
        found, position = self.page(limit, before, status)
        while position and len(found) < limit:
            more, position = self.page(limit - len(found), position, status)
            found += more
        return found

    def page(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records and the position to continue from, None at the end.

        The cost is bounded for a listing of any length and any filter. Therefore a page may have
        fewer than `limit` records although there are more.
        """
        with ThreadPoolExecutor(FEED_SHARDS) as pool:
            reads = pool.map(
                lambda shard: self._read(shard, limit, before or _END, status),
                map(str, range(FEED_SHARDS)),
            )
            shards = list(reads)
        # Before this position some shard has not been read, so records beyond it may be missing.
        horizon = max(shard.horizon for shard in shards)
        merged = heapq.merge(*(shard.items for shard in shards), key=_position, reverse=True)
        items = list(islice((item for item in merged if _position(item) >= horizon), limit + 1))
        position = _position(items[limit - 1]) if len(items) > limit else horizon
        return [from_item(item) for item in items[:limit]], position or None

    def _read(self, shard: str, limit: int, before: str, status: Status | None) -> "_ShardItems":
        """Read a shard until more than `limit` items pass, it ends, or all queries are used up."""
        items: list[Item] = []
        horizon = ""
        for page in islice(self._pages(shard, limit, before, status), self._most_reads):
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return _ShardItems(items, "")
            horizon = _position(page["LastEvaluatedKey"])
            if len(items) > limit:
                break
        return _ShardItems(items, horizon)

    def _pages(
        self, shard: str, limit: int, before: str, status: Status | None
    ) -> "Iterator[ItemsResult]":
        values: dict[str, dict[str, str]] = {":feed": {"S": shard}, ":before": {"S": before}}
        params: QueryParams = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "feed = :feed AND feed_at < :before",
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "Limit": limit + 1,
        }
        if status:
            params["Limit"] = max(limit + 1, self._least_read)
            params["FilterExpression"] = "#status = :status"
            params["ExpressionAttributeNames"] = {"#status": "status"}
            params["ExpressionAttributeValues"] = {**values, ":status": {"S": status}}
        while True:
            with translated("the records table"):
                page = self._client.query(**params)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@dataclass(frozen=True, slots=True)
class _ShardItems:
    """Items of one shard, newest first, and the position read up to; empty at its end."""

    items: "list[Item]"
    horizon: str


def _position(item: "Item") -> str:
    return str(item["feed_at"]["S"])
