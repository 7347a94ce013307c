"""Patch of MiniStack's DynamoDB: a page of a scan does not read all items of the table.

A backfill scans all records. For 100,000 of them, MiniStack read all for each of 130 pages.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any

from imagemill.local.growth import PackedItems, packed_bytes, packed_items, seen_through

Request = dict[str, Any]
# JSON of an item for each byte that DynamoDB counts: at most the names of types and punctuation.
_MOST_JSON_A_BYTE = 4
_PAGE_BYTES = 1 << 20


def scan_quickly(dynamodb: Any) -> None:  # noqa: ANN401  # a module of MiniStack, which has no types
    """Replace the function that answers a scan. Call it after `limit_growth`, and once."""
    dynamodb._scan = _scanning(dynamodb._scan, dynamodb)


def _scanning(scan: Callable[[Request], Any], dynamodb: Any) -> Callable[[Request], Any]:  # noqa: ANN401  # as above
    """Return a function that shows `scan` only the partitions of its page, and one more."""

    def scanned(request: Request) -> Any:  # noqa: ANN401  # MiniStack's response
        table = dynamodb._tables.get(request.get("TableName"))
        if not table or request.get("IndexName") or "Segment" in request:
            return scan(request)
        items = packed_items(table)
        with seen_through(list(_page(items, _start(request, table), request.get("Limit")))):
            return scan(request)

    return scanned


def _start(request: Request, table: dict[str, Any]) -> str:
    """Return the partition key that the last page ended with, "" for the first page."""
    key = request.get("ExclusiveStartKey") or {}
    return str(key.get(table["pk_name"], {}).get("S", ""))


def _page(items: PackedItems, start: str, limit: int | None) -> Iterator[str]:
    """Yield partition keys from `start` on, until they hold more than a page."""
    keys = sorted(items)
    size = found = 0
    for key in keys[bisect_left(keys, start) :]:
        yield key
        size += packed_bytes(items[key])
        found += len(items[key])
        # The item that the last page ended with does not count.
        if size > _PAGE_BYTES * _MOST_JSON_A_BYTE or (limit and found > int(limit) + 1):
            return
