"""Searches in the indexes of the records: ranges of times, and filters inside the queries."""

from typing import TYPE_CHECKING

from imagemill.aws.feed_index import BY_TIME, partitions
from imagemill.aws.name_index import NameIndex
from imagemill.aws.record_items import from_item
from imagemill.aws.shard_pages import Order, ShardPages
from imagemill.dataclass import dataclass
from imagemill.domain.image_query import NAME_SORTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagemill.aws.item_clients import QueryParams, SearchClient
    from imagemill.domain.image_filter import ImageFilter
    from imagemill.domain.image_query import ImageQuery, Sort
    from imagemill.domain.record import ImageRecord

_ORDERS: "dict[Sort, Order]" = {"newest": BY_TIME, "oldest": Order("feed_at", is_descending=False)}
# Positions before and after every time: digits sort between them.
_FIRST, _LAST = "0", "~"


class ImageIndexes:
    """Implements `domain.image_query.ImageIndex`.

    An order by time has the indexes of the newest-first listing, one by name an index of its own.
    """

    def __init__(self, client: "SearchClient", table: str, **bounds: int) -> None:
        """`bounds` are those of `ShardPages`."""
        self._names = NameIndex(client, table)
        self._pages = ShardPages(client, **bounds)
        self._table = table

    def page(
        self, limit: int, query: "ImageQuery", after: str | None = None, owner: str | None = None
    ) -> "tuple[list[ImageRecord], str | None]":
        """Return up to `limit` records after a position, and the position to continue from.

        A time is a range of the index. The other facts are filters, with which a query reads up to
        ten times a whole page of each shard. An order by name has the images of all owners.
        """
        if query.sort in NAME_SORTS:
            return self._names.page(limit, query, after)
        order = _ORDERS[query.sort]
        low, high = _bounds(query.filter, after, order)
        if low > high:
            return [], None
        conditions = list(_conditions(query.filter))
        queries = [
            self._params(index, (name, value), (low, high), order, conditions)
            for index, name, value in partitions(owner)
        ]
        is_filtered = bool(conditions)
        items, position = self._pages.page(limit, queries, order, is_filtered=is_filtered)
        return [from_item(item) for item in items], position

    def _params(
        self,
        index: str,
        partition: tuple[str, str],
        bounds: tuple[str, str],
        order: Order,
        conditions: "Sequence[_Condition]",
    ) -> "QueryParams":
        name, value = partition
        values = {":value": {"S": value}, ":low": {"S": bounds[0]}, ":high": {"S": bounds[1]}}
        names = {"#partition": name, "#sort": order.attribute}
        params: QueryParams = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": "#partition = :value AND #sort BETWEEN :low AND :high",
            "ScanIndexForward": not order.is_descending,
        }
        if conditions:
            params["FilterExpression"] = " AND ".join(one.expression for one in conditions)
        for one in conditions:
            names |= {f"#{word}": word for word in one.attributes}
            values |= one.values
        return {
            **params,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }


@dataclass(frozen=True, slots=True)
class _Condition:
    """A part of a filter; in its expression, `#` precedes each attribute and `:` each value."""

    expression: str
    attributes: tuple[str, ...]
    values: "Mapping[str, dict[str, str]]"


def _bounds(wanted: "ImageFilter", after: str | None, order: Order) -> tuple[str, str]:
    """Return the first and the last position of a search, both inclusive.

    No position begins with another one, because all end with an id. So a text that continues a
    position is the next one after it, and one that is a character less the last one before it.
    """
    low, high = wanted.since or _FIRST, wanted.until or _LAST
    if after is None:
        return low, high
    if order.is_descending:
        return low, min(high, f"{after[:-1]}{chr(ord(after[-1]) - 1)}~")
    return max(low, f"{after} "), high


def _conditions(wanted: "ImageFilter") -> "Iterator[_Condition]":
    """Yield the conditions that no range of the index expresses."""
    if wanted.status is not None:
        yield _Condition("#status = :status", ("status",), {":status": {"S": wanted.status}})
    if wanted.format is not None:
        found = {":format": {"S": wanted.format}}
        yield _Condition("#original.#format = :format", ("original", "format"), found)
    if wanted.min_bytes is not None:
        least = {":least": {"N": str(wanted.min_bytes)}}
        yield _Condition("#original.#bytes >= :least", ("original", "bytes"), least)
    if wanted.max_bytes is not None:
        most = {":most": {"N": str(wanted.max_bytes)}}
        yield _Condition("#original.#bytes <= :most", ("original", "bytes"), most)
    if wanted.prefix is not None:
        beginning = {":prefix": {"S": wanted.prefix}}
        yield _Condition("begins_with(#key, :prefix)", ("key",), beginning)
    if wanted.name is not None:
        names = {f":name{number}": {"S": one} for number, one in enumerate(wanted.names)}
        either = " OR ".join(f"contains(#filename, {name})" for name in names)
        yield _Condition(f"({either})", ("filename",), names)
