"""Folders and keys of a bucket, page by page."""

from collections.abc import Callable, Sequence

import pytest

from imagemill.domain.folders import KeyListing, RecordLookup
from imagemill.domain.stores import Records
from imagemill.domain.transitions import pending

KEYS = [
    "a b+c é.jpg",
    "holiday.jpg",
    "holiday/2025/one.jpg",
    "holiday/2026/one.jpg",
    "holiday/2026/two.jpg",
    "holiday/IMG_1.jpg",
    "holiday/IMG_2.jpg",
    "holiday/ü &=?#%2F.jpg",
    "holiday0.jpg",
    # The marker of a folder.
    "z/",
    "z/last.jpg",
]


@pytest.fixture(scope="module")
def listing(list_keys: Callable[[Sequence[str]], KeyListing]) -> KeyListing:
    return list_keys(KEYS)


def entries(listing: KeyListing, prefix: str, limit: int, *, is_flat: bool = False) -> list[str]:
    """Return all entries of all pages, in the order of the pages."""
    page = listing.page(prefix, "", limit, is_flat=is_flat).cut(limit)
    found = page.entries
    while not page.is_last:
        page = listing.page(prefix, page.end, limit, is_flat=is_flat).cut(limit)
        found += page.entries
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_every_folder_and_key_once(listing: KeyListing, limit: int) -> None:
    assert entries(listing, "", limit) == [
        "a b+c é.jpg",
        "holiday.jpg",
        "holiday/",
        "holiday0.jpg",
        "z/",
    ]


def test_a_page_tells_folders_from_keys(listing: KeyListing) -> None:
    page = listing.page("holiday/", "", 100, is_flat=False)

    assert page.folders == ("holiday/2025/", "holiday/2026/")
    assert page.keys == ("holiday/IMG_1.jpg", "holiday/IMG_2.jpg", "holiday/ü &=?#%2F.jpg")
    assert page.is_last


@pytest.mark.parametrize("limit", [2, 100])
def test_a_flat_listing_has_the_keys_of_all_depths(listing: KeyListing, limit: int) -> None:
    found = entries(listing, "holiday/", limit, is_flat=True)

    assert found == [key for key in KEYS if key.startswith("holiday/")]


def test_a_prefix_may_end_inside_a_name(listing: KeyListing) -> None:
    assert entries(listing, "holiday/IMG", 1) == ["holiday/IMG_1.jpg", "holiday/IMG_2.jpg"]


def test_the_marker_of_a_folder_is_a_key_inside_it(listing: KeyListing) -> None:
    page = listing.page("z/", "", 10, is_flat=False)

    assert (page.folders, page.keys) == ((), ("z/", "z/last.jpg"))


def test_a_prefix_without_keys_is_an_empty_page(listing: KeyListing) -> None:
    page = listing.page("nothing/", "", 10, is_flat=False)

    assert (page.entries, page.is_last) == ([], True)


def test_records_are_read_by_their_ids(batches: tuple[RecordLookup, Records]) -> None:
    lookup, writer = batches
    stored = [pending(f"{n}.jpg", n, "2026-05-04T10:20:30.123Z", 0) for n in range(1, 4)]
    for record in stored:
        writer.put(record)

    found = lookup.get_many([*(record.id for record in stored), "a" * 26])

    assert found == {record.id: record for record in stored}
    assert lookup.get_many([]) == {}
