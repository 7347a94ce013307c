"""Searches in the indexes of the records: ranges of times, and filters inside the queries."""

from typing import TYPE_CHECKING

from imagemill.aws.feed_index import BY_TIME, partitions
from imagemill.aws.record_items import from_item
from imagemill.aws.shard_pages import Order, ShardPages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemill.aws.item_clients import QueryClient, QueryParams
    from imagemill.domain.image_filter import ImageFilter
    from imagemill.domain.image_query import ImageQuery, Sort
    from imagemill.domain.record import ImageRecord

_ORDERS: "dict[Sort, Order]" = {"newest": BY_TIME, "oldest": Order("feed_at", is_descending=False)}
# Positions before and after every time: digits sort between them.
_FIRST, _LAST = "0", "~"


class ImageIndexes:
    """Implements `domain.image_query.ImageIndex` with the indexes of the newest-first listing."""

    def __init__(self, client: "QueryClient", table: str, **bounds: int) -> None:
        """`bounds` are those of `ShardPages`."""
        self._pages = ShardPages(client, **bounds)
        self._table = table

    def page(
        self, limit: int, query: "ImageQuery", after: str | None = None, owner: str | None = None
    ) -> "tuple[list[ImageRecord], str | None]":
        """Return up to `limit` records after a position, and the position to continue from.

        A time is a range of the index. The other facts are filters, with which a query reads up to
        ten times a whole page of each shard.
        """
        order = _ORDERS[query.sort]
        low, high = _bounds(query.filter, after, order)
        if low > high:
            return [], None
        expressions = dict(_conditions(query.filter))
        queries = [
            self._params(index, (name, value), (low, high), order, expressions)
            for index, name, value in partitions(owner)
        ]
        is_filtered = bool(expressions)
        items, position = self._pages.page(limit, queries, order, is_filtered=is_filtered)
        return [from_item(item) for item in items], position

    def _params(
        self,
        index: str,
        partition: tuple[str, str],
        bounds: tuple[str, str],
        order: Order,
        conditions: dict[str, dict[str, str]],
    ) -> "QueryParams":
        name, value = partition
        values = {":value": {"S": value}, ":low": {"S": bounds[0]}, ":high": {"S": bounds[1]}}
        params: QueryParams = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": "#partition = :value AND #sort BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#partition": name, "#sort": order.attribute},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not order.is_descending,
        }
        if conditions:
            parts = [f"{_escaped(key)} :f{number}" for number, key in enumerate(conditions)]
            params["FilterExpression"] = " AND ".join(parts)
            params["ExpressionAttributeNames"] = {
                "#partition": name,
                "#sort": order.attribute,
                **{f"#{word}": word for key in conditions for word in _words(key)},
            }
            params["ExpressionAttributeValues"] = {
                **values,
                **{f":f{number}": one for number, one in enumerate(conditions.values())},
            }
        return params


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


def _conditions(wanted: "ImageFilter") -> "Iterator[tuple[str, dict[str, str]]]":
    """Yield a path of attributes with an operator, and the value to compare with."""
    if wanted.status is not None:
        yield "status =", {"S": wanted.status}
    if wanted.format is not None:
        yield "original.format =", {"S": wanted.format}
    if wanted.min_bytes is not None:
        yield "original.bytes >=", {"N": str(wanted.min_bytes)}
    if wanted.max_bytes is not None:
        yield "original.bytes <=", {"N": str(wanted.max_bytes)}


def _words(condition: str) -> list[str]:
    """Return the attributes of a condition: names of DynamoDB may be reserved words."""
    return condition.partition(" ")[0].split(".")


def _escaped(condition: str) -> str:
    path, _, operator = condition.partition(" ")
    return f"{'.'.join(f'#{word}' for word in path.split('.'))} {operator}"
