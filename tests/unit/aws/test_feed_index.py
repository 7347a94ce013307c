"""Pages of the listing are complete and in order, and a page reads few items."""

import threading
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Unpack

import pytest
from fakes.events import created

from imagemill.aws.feed_index import Feed
from imagemill.aws.item_clients import ItemsResult, QueryParams
from imagemill.aws.record_items import to_item
from imagemill.domain.keys import owner_id, upload_key
from imagemill.domain.record import Fault, ImageRecord, Status
from imagemill.domain.transitions import AttemptTimes, pending, rejected

OWNER = owner_id("user:alice")
WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)
Item = dict[str, Any]


@dataclass
class FakeFeedIndex:
    """The index in memory; `read` lists the items that each query evaluated."""

    items: list[Item]
    read: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def query(self, **params: Unpack[QueryParams]) -> ItemsResult:
        values: Any = params["ExpressionAttributeValues"]
        before = values[":before"]["S"]
        start: Any = params.get("ExclusiveStartKey", {"feed_at": {"S": before}})
        end = min(before, start["feed_at"]["S"])
        name = params["ExpressionAttributeNames"]["#name"]
        shard = [i for i in self.items if i.get(name) == values[":value"] and position_of(i) < end]
        seen = shard[: params["Limit"]]
        with self.lock:
            self.read.append(len(seen))
        status = values.get(":status")
        page: Any = {"Items": [i for i in seen if status in (None, i["status"])]}
        # DynamoDB returns a position after every full page, at the end of the index too.
        if len(seen) == params["Limit"]:
            page["LastEvaluatedKey"] = seen[-1]
        result: ItemsResult = page
        return result


def position_of(item: Item) -> str:
    return str(item["feed_at"]["S"])


def record(number: int, *, is_rejected: bool = False) -> ImageRecord:
    moment = f"2026-05-04T10:{number // 60:02}:{number % 60:02}.000Z"
    if is_rejected:
        event = replace(created(f"{number}.jpg"), happened_at=moment)
        return rejected(event, WORK, Fault("corrupt", "x"))
    return pending(f"{number}.jpg", 1, moment, 0)


def index_of(records: list[ImageRecord]) -> FakeFeedIndex:
    return FakeFeedIndex(items_of(records))


def items_of(records: list[ImageRecord]) -> list[Item]:
    items: list[Item] = [to_item(one) for one in records]
    return sorted(items, key=position_of, reverse=True)


RANDOM = Random(1)  # noqa: S311  # repeatable
MIXED = [record(n, is_rejected=RANDOM.random() < 0.3) for n in range(1_000)]
MIXED_ITEMS = items_of(MIXED)


@pytest.fixture(scope="module")
def pending_items() -> list[Item]:
    """Return the items of thousands of records that are all pending."""
    return items_of([record(n) for n in range(3_000)])


def expected(limit: int, before: str, status: Status | None) -> list[str]:
    """Return the positions of a page, from all items at once."""
    places = (f"{one.uploaded_at}#{one.id}" for one in MIXED if status in {None, one.status})
    return sorted((one for one in places if one < before), reverse=True)[:limit]


def positions_of(page: tuple[list[ImageRecord], str | None]) -> list[str]:
    return [f"{one.uploaded_at}#{one.id}" for one in page[0]]


@pytest.mark.parametrize("status", [None, "rejected", "pending"])
@pytest.mark.parametrize("limit", [1, 2, 20, 100])
def test_a_page_has_the_newest_records_and_its_position_is_of_the_last(
    limit: int, status: Status | None
) -> None:
    feed = Feed(FakeFeedIndex(MIXED_ITEMS), "t")
    before = "~"
    for _ in range(2):
        page = feed.page(limit, before, status)

        assert positions_of(page) == expected(limit, before, status)
        assert page[1] == positions_of(page)[-1]
        before = page[1]


def test_a_page_reads_about_twice_its_records() -> None:
    index = FakeFeedIndex(MIXED_ITEMS)

    Feed(index, "t").page(100)

    assert sum(index.read) < 250
    assert len(index.read) <= 10


def test_a_page_of_a_common_status_is_read_at_once() -> None:
    index = FakeFeedIndex(MIXED_ITEMS)

    Feed(index, "t").page(20, None, "pending")

    assert index.read == [25] * 8


def test_a_shard_with_more_of_a_page_than_its_first_query_returns_is_read_on() -> None:
    one_shard = [one for one in MIXED if to_item(one)["feed"] == {"S": "3"}]
    index = index_of(one_shard)

    page = Feed(index, "t").page(100)

    assert [one.id for one in page[0]] == [one.id for one in reversed(one_shard[-100:])]
    assert len(index.read) == 8 + 1


@pytest.mark.parametrize("limit", [1, 20, 100])
def test_a_page_of_an_absent_status_evaluates_a_bounded_number_of_items(
    pending_items: list[Item], limit: int
) -> None:
    index = FakeFeedIndex(pending_items)
    feed = Feed(index, "t", most_reads=2)

    found, position = feed.page(limit, None, "failed")

    assert found == []
    assert position is not None
    assert sum(index.read) == 8 * 2 * max(limit + 1, 25)


@pytest.mark.parametrize("limit", [1, 20, 100])
def test_a_page_of_an_owner_is_one_query_for_as_many_items(limit: int) -> None:
    owned = [replace(record(n), key=upload_key(f"{n}.jpg", "t", OWNER)) for n in range(300)]
    index = index_of([*MIXED, *owned])

    found, position = Feed(index, "t").page(limit, owner=OWNER)

    assert [one.id for one in found] == [one.id for one in reversed(owned[-limit:])]
    assert position
    assert index.read == [limit + 1]


@pytest.mark.parametrize("count", [0, 1, 99, 100])
def test_the_last_page_has_no_position(count: int) -> None:
    page = Feed(index_of(MIXED[:count]), "t").page(100)

    assert (len(page[0]), page[1]) == (count, None)
