"""The images in the order of their file names: an index that has only keys, in eight shards.

Many images may have the same name. Those of one shard come in the order of DynamoDB, which no
attribute shows, and those of a lower shard first. So a page continues after an item of one shard,
at the same name in higher shards, and at the next name in lower ones.
"""

import heapq
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.aws.record_batches import RecordBatches
from imagemill.aws.record_items import FEED_SHARDS, feed_of
from imagemill.dataclass import dataclass
from imagemill.domain.image_query import name_and_id, name_position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.aws.item_clients import Item, QueryClient, QueryParams, SearchClient
    from imagemill.domain.image_query import ImageQuery
    from imagemill.domain.record import ImageRecord

_INDEX = "names"
# Keys that a page with a filter reads: the most that one BatchGetItem takes.
_FILTERED_READS = 100


@dataclass(frozen=True, slots=True)
class _Position:
    """The name and the id of an image."""

    name: str
    id: str

    @property
    def text(self) -> str:
        """The position after the image."""
        return name_position(self.name, self.id)


class NameIndex:
    """Pages of records by file name, in the order of the bytes of UTF-8."""

    def __init__(self, client: "SearchClient", table: str) -> None:
        self._client: QueryClient = client
        self._records = RecordBatches(client, table)
        self._table = table
        self._pool = ThreadPoolExecutor(FEED_SHARDS)

    def page(
        self, limit: int, query: "ImageQuery", after: str | None
    ) -> "tuple[list[ImageRecord], str | None]":
        """Return up to `limit` records after a position, and the position to continue from.

        Filters apply to the records that are read, 100 a page.
        """
        reads = limit if query.filter.is_open else _FILTERED_READS
        start = _Position(*name_and_id(after)) if after else None
        positions, is_last = self._read(reads, start, is_descending=query.sort == "name_desc")
        records = self._records.get_many([one.id for one in positions])
        shown = [
            one for one in positions if one.id in records and query.filter.accepts(records[one.id])
        ]
        found = [records[one.id] for one in shown[:limit]]
        if len(shown) > limit:
            return found, shown[limit - 1].text
        return found, None if is_last else positions[-1].text

    def _read(
        self, count: int, start: _Position | None, *, is_descending: bool
    ) -> tuple[list[_Position], bool]:
        """Return up to `count` positions, and whether nothing follows.

        Every shard is read for `count` items, so none is missing in the first `count` of all.
        """
        params = partial(self._params, count, start, is_descending=is_descending)
        with translated("the records table"):
            pages = list(self._pool.map(lambda one: self._client.query(**params(one)), _SHARDS))
        # Of equal names, the merge takes those of the first shard first, in both directions.
        merged = heapq.merge(
            *(page["Items"] for page in pages), key=_name_of, reverse=is_descending
        )
        items = list(islice(merged, count + 1))
        is_last = len(items) <= count and not any("LastEvaluatedKey" in page for page in pages)
        return [_Position(_name_of(item), str(item["id"]["S"])) for item in items[:count]], is_last

    def _params(
        self, count: int, start: _Position | None, shard: str, *, is_descending: bool
    ) -> "QueryParams":
        """Return the query for the items of a shard after a position."""
        params: QueryParams = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "#feed = :feed",
            "ExpressionAttributeNames": {"#feed": "feed"},
            "ExpressionAttributeValues": {":feed": {"S": shard}},
            "ScanIndexForward": not is_descending,
            "Limit": count,
        }
        if start is None:
            return params
        if shard == feed_of(start.id):
            return {**params, "ExclusiveStartKey": _key(shard, start)}
        comparison = _comparison(feed_of(start.id), shard, is_descending=is_descending)
        return {
            **params,
            "KeyConditionExpression": f"#feed = :feed AND #name {comparison} :name",
            "ExpressionAttributeNames": {"#feed": "feed", "#name": "filename"},
            "ExpressionAttributeValues": {":feed": {"S": shard}, ":name": {"S": start.name}},
        }


_SHARDS: "Sequence[str]" = [str(shard) for shard in range(FEED_SHARDS)]


def _comparison(before: str, shard: str, *, is_descending: bool) -> str:
    """Return how the names in a shard compare with that of an item in the shard `before`."""
    beyond = "<" if is_descending else ">"
    return beyond if shard < before else f"{beyond}="


def _key(shard: str, position: _Position) -> "Item":
    return {"feed": {"S": shard}, "filename": {"S": position.name}, "id": {"S": position.id}}


def _name_of(item: "Item") -> str:
    return str(item["filename"]["S"])
