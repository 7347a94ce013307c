"""The newest-first listing: an index over eight shards, queried in parallel and merged.

The images of one owner are a partition of an index of their own, so a page of them is one query.
"""

import heapq
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from math import ceil, sqrt
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.aws.record_items import FEED_SHARDS, from_item
from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagemill.aws.item_clients import Item, QueryClient, QueryParams

_INDEX = "feed"
_OWNERS_INDEX = "owners"
# A position after every time: "~" sorts after all digits.
_END = "~"
# Pages of a whole listing that one shard reads for a page. They bound the cost of a page if few
# items pass the filter.
_MAX_READS = 10
# Items that a query with a filter reads, even if the page has fewer.
_LEAST_READ = 25
# Standard deviations by which a shard's first query exceeds its expected share of a page. With
# three, 3% of the pages need a second query to some shard, and a page of 100 reads 184 items.
_MARGIN = 3


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
        # It starts its threads at the first page, and keeps them for the next ones.
        self._pool = ThreadPoolExecutor(FEED_SHARDS)

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
        self,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        owner: str | None = None,
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records and the position to continue from, None at the end.

        `owner` is the id of the owner whose images are listed; None for all images.

        The cost is bounded for a listing of any length and any filter. Therefore a page may have
        fewer than `limit` records although there are more.
        """
        shards = self._read_shards(limit + 1, before or _END, status, owner)
        # Before this position some shard has not been read, so records beyond it may be missing.
        horizon = max(shard.horizon for shard in shards)
        complete = (item for item in _merged(shards) if _position(item) >= horizon)
        items = list(islice(complete, limit + 1))
        position = _position(items[limit - 1]) if len(items) > limit else horizon
        return [from_item(item) for item in items[:limit]], position or None

    def _read_shards(
        self, wanted: int, before: str, status: Status | None, owner: str | None
    ) -> "Sequence[_ShardRead]":
        """Read the shards until `wanted` items are complete, or nothing more may be read.

        An id's hash chooses its shard, so each shard has about an eighth of a page. Only shards
        that may have more of it are read on. The images of an owner are one shard.
        """
        most = max(wanted, self._least_read) if status else wanted
        first = _first_read(wanted) if owner is None else wanted
        count = min(max(first, self._least_read if status else 0), most)
        left = most * self._most_reads
        shards = [_ShardRead(params, left) for params in self._all_params(before, status, owner)]
        end = ""
        while any(shard.may_have_more(end) for shard in shards):
            shards = list(self._pool.map(partial(self._read_on, count=count, end=end), shards))
            last = next(islice(_merged(shards), wanted - 1, None), None)
            end, count = _position(last) if last else "", most
        return shards

    def _read_on(self, shard: "_ShardRead", count: int, end: str) -> "_ShardRead":
        """Read the next `count` items of a shard, before the filter, if it may have some of them.

        `end` is the position at which the page ends, as far as it is known.
        """
        if not shard.may_have_more(end):
            return shard
        params: QueryParams = {**shard.params, "Limit": min(count, shard.left)}
        with translated("the records table"):
            page = self._client.query(**params)
        items, left = [*shard.items, *page["Items"]], shard.left - params["Limit"]
        if "LastEvaluatedKey" not in page:
            return _ShardRead(shard.params, left, items, "")
        start = page["LastEvaluatedKey"]
        return _ShardRead(
            {**shard.params, "ExclusiveStartKey": start}, left, items, _position(start)
        )

    def _all_params(
        self, before: str, status: Status | None, owner: str | None
    ) -> "Sequence[QueryParams]":
        if owner is not None:
            return [self._params(_OWNERS_INDEX, ("owner", owner), before, status)]
        shards = map(str, range(FEED_SHARDS))
        return [self._params(_INDEX, ("feed", shard), before, status) for shard in shards]

    def _params(
        self, index: str, partition: tuple[str, str], before: str, status: Status | None
    ) -> "QueryParams":
        name, value = partition
        values: dict[str, dict[str, str]] = {":value": {"S": value}, ":before": {"S": before}}
        params: QueryParams = {
            "TableName": self._table,
            "IndexName": index,
            # `owner` and `status` are reserved words.
            "KeyConditionExpression": "#name = :value AND feed_at < :before",
            "ExpressionAttributeNames": {"#name": name},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
        }
        if status:
            params["FilterExpression"] = "#status = :status"
            params["ExpressionAttributeNames"] = {"#name": name, "#status": "status"}
            params["ExpressionAttributeValues"] = {**values, ":status": {"S": status}}
        return params


@dataclass(frozen=True, slots=True)
class _ShardRead:
    """What was read of one shard: items, newest first, and the position read up to.

    `horizon` is before every position at first, and empty at the shard's end. `left` items may
    still be read, before the filter.
    """

    params: "QueryParams"
    left: int
    items: "Sequence[Item]" = ()
    horizon: str = _END

    def may_have_more(self, end: str) -> bool:
        """Return True if unread items may precede the position `end`, and may still be read."""
        return self.left > 0 and self.horizon > end


def _first_read(wanted: int) -> int:
    """Return how many items of one shard contain its part of the `wanted` newest, most often.

    The part is binomial: its mean is wanted / 8, its variance wanted · 1/8 · 7/8.
    """
    share = wanted / FEED_SHARDS
    return ceil(share + _MARGIN * sqrt(share * (1 - 1 / FEED_SHARDS)))


def _merged(shards: "Sequence[_ShardRead]") -> "Iterator[Item]":
    return heapq.merge(*(shard.items for shard in shards), key=_position, reverse=True)


def _position(item: "Item") -> str:
    return str(item["feed_at"]["S"])
