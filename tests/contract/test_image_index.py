"""Searches: every image that passes the filter once, in order, at a bounded cost."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fakes.cloud import ready_record, rejected_record

from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.image_query import ImageIndex, ImageQuery, Sort, record_position
from imagemill.domain.keys import owner_id, upload_key
from imagemill.domain.record import ImageRecord, Original

OWNER = owner_id("user:alice")


def record(number: int) -> ImageRecord:
    """Return one of 40 records: two a day, every tenth rejected, every fifth of an owner."""
    moment = f"2026-05-{number // 2 + 1:02}T{number % 2 * 12:02}:00:00.000Z"
    if number % 10 == 9:
        return replace(rejected_record(f"{number}.txt"), uploaded_at=moment)
    key = upload_key(f"{number}.jpg", "t", OWNER) if number % 5 == 0 else f"{number}.jpg"
    kind = "png" if number % 4 == 0 else "jpeg"
    return replace(
        ready_record(key), uploaded_at=moment, original=Original(number * 1000, 9, 9, kind)
    )


RECORDS = [record(number) for number in range(40)]


@pytest.fixture(scope="module")
def index(index_records: Callable[[list[ImageRecord]], ImageIndex]) -> ImageIndex:
    return index_records(RECORDS)


def pages(
    index: ImageIndex, limit: int, query: ImageQuery, owner: str | None = None
) -> Iterator[list[ImageRecord]]:
    found, after = index.page(limit, query, owner=owner)
    yield found
    while after:
        found, after = index.page(limit, query, after, owner)
        yield found


FILTERS = [
    ImageFilter(),
    ImageFilter(status="rejected"),
    ImageFilter(format="png"),
    ImageFilter(since="2026-05-03", until="2026-05-06T12"),
    ImageFilter(min_bytes=7_000, max_bytes=12_000),
    ImageFilter("ready", "jpeg", "2026-05-02", "2026-05-20", 1, 30_000),
    ImageFilter(name="1"),
    ImageFilter("ready", name="3.JPG"),
    ImageFilter(since="2026-06"),
    ImageFilter(prefix="3"),
    ImageFilter(since="2026-05-09", until="2026-05-08"),
]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("wanted", FILTERS)
def test_pages_hold_every_match_once_in_order(
    index: ImageIndex, wanted: ImageFilter, sort: Sort
) -> None:
    expected = [one for one in RECORDS if wanted.accepts(one)]
    if sort == "newest":
        expected.reverse()

    found = [one for page in pages(index, 20, ImageQuery(wanted, sort)) for one in page]

    assert list(map(record_position, found)) == list(map(record_position, expected))


NAMES = [*(["1.png"] * 9), "2.png", "0.png", "0", "0.png#a.png", "Ä.png", "z.PNG"]


@pytest.fixture(scope="module")
def named(index_records: Callable[[list[ImageRecord]], ImageIndex]) -> ImageIndex:
    """Return an index in which nine images have the same name, two of them in the same shard."""
    return index_records([ready_record(f"{at}/{name}") for at, name in enumerate(NAMES)])


@pytest.mark.parametrize(("sort", "is_descending"), [("name", False), ("name_desc", True)])
def test_pages_by_name_hold_every_image_once_in_order(
    named: ImageIndex, sort: Sort, *, is_descending: bool
) -> None:
    found = [one for page in pages(named, 4, ImageQuery(sort=sort)) for one in page]

    assert [one.filename for one in found] == sorted(NAMES, reverse=is_descending)
    assert len({one.id for one in found}) == len(NAMES)


def test_a_filter_narrows_an_order_by_name(index: ImageIndex) -> None:
    query = ImageQuery(ImageFilter(format="png", max_bytes=12_000), "name")

    found = [one.filename for page in pages(index, 2, query) for one in page]

    assert found == ["0.jpg", "12.jpg", "4.jpg", "8.jpg"]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_an_owner_finds_its_own_images(index: ImageIndex, sort: Sort) -> None:
    query = ImageQuery(ImageFilter(format="png"), sort)

    found = [one.key for page in pages(index, 1, query, OWNER) for one in page]

    expected = [one.key for one in RECORDS if one.owner and query.filter.accepts(one)]
    assert sorted(found) == sorted(expected)


def test_the_last_page_is_known_to_be_the_last(index: ImageIndex) -> None:
    found, after = index.page(40, ImageQuery(sort="oldest"))

    assert (found, after) == (RECORDS, None)
