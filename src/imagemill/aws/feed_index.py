"""The newest-first listing: an index over eight shards, queried in parallel and merged.

The images of one owner are a partition of an index of their own, so a page of them is one query.
"""

from typing import TYPE_CHECKING

from imagemill.aws.record_items import FEED_SHARDS, from_item
from imagemill.aws.shard_pages import Order, ShardPages
from imagemill.domain.record import ImageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.aws.item_clients import QueryClient, QueryParams

# The sort key of the indexes, newest first.
BY_TIME = Order("feed_at")
_INDEX = "feed"
_OWNERS_INDEX = "owners"
# A position after every time: "~" sorts after all digits.
_END = "~"


class Feed:
    """Implements `domain.stores.Feed` and `domain.stores.PagedFeed`.

    The position of a record is `{uploaded_at}#{id}`.
    """

    def __init__(self, client: "QueryClient", table: str, **bounds: int) -> None:
        """`bounds` are those of `ShardPages`."""
        self._pages = ShardPages(client, **bounds)
        self._table = table

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

        `owner` is the id of the owner of the images; None for all images.

        The cost is bounded for a listing of any length and any filter. Therefore a page may have
        fewer than `limit` records although there are more.
        """
        queries = [
            self._params(index, partition, before or _END, status)
            for index, *partition in partitions(owner)
        ]
        items, position = self._pages.page(limit, queries, BY_TIME, is_filtered=status is not None)
        return [from_item(item) for item in items], position

    def _params(
        self, index: str, partition: "Sequence[str]", before: str, status: Status | None
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


def partitions(owner: str | None) -> "list[tuple[str, str, str]]":
    """Return the index, the attribute and the value of each partition with a part of the images.

    Those of an owner are one partition of an index of their own; None is for all images.
    """
    if owner is not None:
        return [(_OWNERS_INDEX, "owner", owner)]
    return [(_INDEX, "feed", str(shard)) for shard in range(FEED_SHARDS)]
