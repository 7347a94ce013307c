"""Pages of a list in partitions, which are queried in parallel and merged.

An id's hash chooses its shard, so each of several partitions has about the same part of a page.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from math import ceil, sqrt
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.dataclass import dataclass

if TYPE_CHECKING:
    from imagemill.aws.item_clients import Item, QueryClient, QueryParams

# Pages of a whole listing that one shard reads for a page. They bound the cost of a page if few
# items pass the filter.
_MAX_READS = 10
# Items that a query with a filter reads, even if the page has fewer.
_LEAST_READ = 25
# Standard deviations by which a shard's first query exceeds its expected share of a page. With
# three, 3% of the pages need a second query to some shard, and a page of 100 reads 184 items.
_MARGIN = 3
# Threads that query side by side: one for each shard of the listing.
_THREADS = 8
# A text that sorts after all others: the last character of Unicode.
LAST_TEXT = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: the attribute that is the index's sort key, and its direction.

    A position is the attribute's value; no two items of a list have the same.
    """

    attribute: str
    is_descending: bool = True

    @property
    def start(self) -> str:
        """The position before every item."""
        return LAST_TEXT if self.is_descending else ""

    @property
    def end(self) -> str:
        """The position after every item."""
        return "" if self.is_descending else LAST_TEXT

    def precedes(self, one: str, other: str) -> bool:
        """Return whether a position comes before another one."""
        return one > other if self.is_descending else one < other

    def first(self, positions: Iterable[str]) -> str:
        """Return the position that comes first."""
        return max(positions) if self.is_descending else min(positions)

    def position(self, item: "Item") -> str:
        """Return the position of an item."""
        return str(item[self.attribute]["S"])

    def merged(self, shards: "Sequence[_ShardRead]") -> "Iterator[Item]":
        """Yield the items of all shards in this order."""
        items = (shard.items for shard in shards)
        return heapq.merge(*items, key=self.position, reverse=self.is_descending)


@dataclass(frozen=True, slots=True)
class _ShardRead:
    """The part of a shard that was read: items in order, and the position after them.

    `horizon` is before every position at first, and after every one at the shard's end. `left`
    items may still be read, before the filter.
    """

    params: "QueryParams"
    left: int
    horizon: str
    items: "Sequence[Item]" = ()


class ShardPages:
    """Reads pages of lists; keeps its threads from the first page on."""

    def __init__(
        self, client: "QueryClient", most_reads: int = _MAX_READS, least_read: int = _LEAST_READ
    ) -> None:
        self._client = client
        self._most_reads = most_reads
        self._least_read = least_read
        self._pool = ThreadPoolExecutor(_THREADS)

    def page(
        self, limit: int, partitions: "Sequence[QueryParams]", order: Order, *, is_filtered: bool
    ) -> "tuple[list[Item], str | None]":
        """Return up to `limit` items and the position to continue from, None at the end.

        `partitions` are queries for the items that follow a position, without a limit. The cost is
        bounded for any filter in them. Therefore a page may have fewer than `limit` items although
        there are more.
        """
        shards = self._read_shards(limit + 1, partitions, order, is_filtered=is_filtered)
        # Up to this position every shard has been read; items beyond it may be missing.
        horizon = order.first(shard.horizon for shard in shards)
        complete = (
            item
            for item in order.merged(shards)
            if not order.precedes(horizon, order.position(item))
        )
        items = list(islice(complete, limit + 1))
        position = order.position(items[limit - 1]) if len(items) > limit else horizon
        return items[:limit], None if position == order.end else position

    def _read_shards(
        self,
        wanted: int,
        partitions: "Sequence[QueryParams]",
        order: Order,
        *,
        is_filtered: bool,
    ) -> "Sequence[_ShardRead]":
        """Read the shards until `wanted` items are complete, or nothing more may be read.

        After the first queries, only shards that may have more of the page are read on.
        """
        most = max(wanted, self._least_read) if is_filtered else wanted
        first = _first_read(wanted, len(partitions))
        count = min(max(first, self._least_read if is_filtered else 0), most)
        left = most * self._most_reads
        shards = [_ShardRead(params, left, order.start) for params in partitions]
        end = order.end
        while any(_may_have_more(shard, end, order) for shard in shards):
            read = partial(self._read_on, count=count, end=end, order=order)
            shards = list(self._pool.map(read, shards))
            last = next(islice(order.merged(shards), wanted - 1, None), None)
            end, count = order.position(last) if last else order.end, most
        return shards

    def _read_on(self, shard: _ShardRead, count: int, end: str, order: Order) -> _ShardRead:
        """Read the next `count` items of a shard, before the filter, if it may have some of them.

        `end` is the position at which the page ends, as far as it is known.
        """
        if not _may_have_more(shard, end, order):
            return shard
        params: QueryParams = {**shard.params, "Limit": min(count, shard.left)}
        with translated("the records table"):
            page = self._client.query(**params)
        items, left = [*shard.items, *page["Items"]], shard.left - params["Limit"]
        if "LastEvaluatedKey" not in page:
            return _ShardRead(shard.params, left, order.end, items)
        start = page["LastEvaluatedKey"]
        return _ShardRead(
            {**shard.params, "ExclusiveStartKey": start}, left, order.position(start), items
        )


def _may_have_more(shard: _ShardRead, end: str, order: Order) -> bool:
    """Return True if unread items may precede the position `end`, and may still be read."""
    return shard.left > 0 and order.precedes(shard.horizon, end)


def _first_read(wanted: int, shards: int) -> int:
    """Return how many items of one shard contain its part of the first `wanted`, most often.

    The part is binomial: for n shards its mean is wanted / n, its variance
    wanted · 1/n · (1 - 1/n).
    """
    share = wanted / shards
    return ceil(share + _MARGIN * sqrt(share * (1 - 1 / shards)))
