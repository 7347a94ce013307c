"""The newest-first listing: every record once, at a bounded cost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Unpack

import pytest
from fakes.events import created
from live.account import Account

from imagemill.aws.feed_index import Feed
from imagemill.aws.item_clients import ItemsResult, QueryClient, QueryParams
from imagemill.aws.light import DynamoDB
from imagemill.aws.records_table import RecordsTable
from imagemill.domain.keys import owner_id, upload_key
from imagemill.domain.record import Fault, ImageRecord, Status
from imagemill.domain.transitions import AttemptTimes, pending, rejected

WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)
IMAGES = 60
OWNER = owner_id("user:alice")


@dataclass
class CountedQueries:
    """A client that counts its queries."""

    client: QueryClient
    queries: int = 0

    def query(self, **params: Unpack[QueryParams]) -> ItemsResult:
        self.queries += 1
        return self.client.query(**params)


@pytest.fixture(scope="module")
def table(account: Account) -> str:
    """Return a table of 60 images, one for each second, every twentieth rejected."""
    name = account.create_table("RecordsTable")
    records = RecordsTable(account.client("dynamodb"), name)
    for number in range(IMAGES):
        records.put(record(number))
    return name


def record(number: int) -> ImageRecord:
    moment = f"2026-05-04T10:21:{number:02}.000Z"
    if number % 20 == 0:
        event = replace(created(f"{number}.jpg"), happened_at=moment)
        return rejected(event, WORK, Fault("corrupt", "x"))
    name = f"{number}.jpg"
    key = upload_key(name, "token", OWNER) if number % 15 == 0 else name
    return pending(key, 1, moment, 0)


@pytest.fixture(params=["boto3", "light"])
def queries(request: pytest.FixtureRequest, account: Account) -> CountedQueries:
    is_light = request.param == "light"
    return CountedQueries(DynamoDB(account.environment) if is_light else account.client("dynamodb"))


def pages(feed: Feed, limit: int, status: Status | None) -> Iterator[list[ImageRecord]]:
    """Yield every page to the end of the listing."""
    found, position = feed.page(limit, None, status)
    yield found
    while position:
        found, position = feed.page(limit, position, status)
        yield found


# The last page is full with 15 images, and not with 7. Pages of one image are in the next test.
@pytest.mark.parametrize("limit", [7, 15, 60, 100])
def test_pages_hold_every_record_once_newest_first(
    queries: CountedQueries, table: str, limit: int
) -> None:
    found = [one for page in pages(Feed(queries, table), limit, None) for one in page]

    positions = [f"{one.uploaded_at}#{one.id}" for one in found]
    assert len(set(positions)) == IMAGES
    assert positions == sorted(positions, reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_an_owner_hold_all_of_its_images(
    queries: CountedQueries, table: str, limit: int
) -> None:
    feed = Feed(queries, table)
    found, position = feed.page(limit, owner=OWNER)
    while position:
        more, position = feed.page(limit, position, owner=OWNER)
        found += more

    assert [one.filename for one in found] == ["45.jpg", "30.jpg", "15.jpg"]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_one_status_hold_all_of_it(
    queries: CountedQueries, table: str, limit: int
) -> None:
    found = [one for page in pages(Feed(queries, table), limit, "rejected") for one in page]

    assert {one.key for one in found} == {"0.jpg", "20.jpg", "40.jpg"}
    assert len(found) == 3


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_with_few_matches_leave_out_no_record(
    queries: CountedQueries, table: str, limit: int
) -> None:
    feed = Feed(queries, table, most_reads=1, least_read=2)

    found = [one.key for page in pages(feed, limit, "rejected") for one in page]

    assert found == ["40.jpg", "20.jpg", "0.jpg"]


def test_the_last_page_is_known_to_be_the_last(queries: CountedQueries, table: str) -> None:
    found, position = Feed(queries, table).page(IMAGES)

    assert (len(found), position) == (IMAGES, None)


def test_the_newest_of_a_rare_status_are_found_in_a_long_listing(
    queries: CountedQueries, table: str
) -> None:
    found = Feed(queries, table).newest(2, status="rejected")

    assert [one.status for one in found] == ["rejected", "rejected"]


@pytest.mark.parametrize("status", [None, "rejected", "failed"])
def test_a_page_makes_a_bounded_number_of_queries_to_each_shard(
    queries: CountedQueries, table: str, status: Status | None
) -> None:
    feed = Feed(queries, table, most_reads=2, least_read=2)

    feed.page(1, None, status)

    assert queries.queries <= 8 * 2
