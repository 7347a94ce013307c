"""Folders with their images, from stores in memory."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes.cloud import deleted_record, ready_record, rejected_record
from fakes.library import FakeLookup
from fakes.stores import FakeRecords

from imagemill.api.folders import FolderDeps, FolderPage, FolderRequest, list_folder
from imagemill.domain.bound_cursor import bound_cursor
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller
from imagemill.domain.folders import Folder
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.keys import owner_id, upload_key
from imagemill.domain.record import ImageRecord
from imagemill.errors import InvalidCursor, NotFound
from imagemill.testing.folders import MemoryKeys

ADMIN = Caller("key:k", EVERYTHING)
ALICE = Caller("user:alice", OWN_IMAGES, owner_id("user:alice"))
BOB = owner_id("user:bob")


def deps(*records: ImageRecord, unrecorded: tuple[str, ...] = (), prefix: str = "") -> FolderDeps:
    table = FakeRecords({record.id: record for record in records})
    keys = MemoryKeys([*(record.key for record in records), *unrecorded])
    return FolderDeps(keys, FakeLookup(table), prefix)


def library(count: int = 3) -> FolderDeps:
    keys = ["b.jpg", "holiday/x/1.jpg", *(f"holiday/{n}.jpg" for n in range(count)), "z/1.jpg"]
    return deps(*map(ready_record, keys))


def pages(
    request: FolderRequest, stores: FolderDeps, caller: Caller = ADMIN
) -> Iterator[FolderPage]:
    page = list_folder(request, stores, caller)
    yield page
    while page.cursor:
        page = list_folder(replace(request, cursor=page.cursor), stores, caller)
        yield page


def shown(found: Iterator[FolderPage]) -> tuple[list[str], list[str]]:
    """Return the prefixes of folders and the keys of images on all pages."""
    all_pages = list(found)
    return (
        [folder.prefix for page in all_pages for folder in page.folders],
        [record.key for page in all_pages for record in page.records],
    )


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_folder_has_its_folders_and_images_once(limit: int) -> None:
    found = shown(pages(FolderRequest("holiday/", limit), library()))

    assert found == (["holiday/x/"], ["holiday/0.jpg", "holiday/1.jpg", "holiday/2.jpg"])


def test_breadcrumbs_lead_to_the_folder() -> None:
    page = list_folder(FolderRequest("holiday/x/1", 10), library(), ADMIN)

    assert page.breadcrumbs == [Folder("holiday", "holiday/"), Folder("x", "holiday/x/")]


def test_a_recursive_list_has_the_images_of_all_depths() -> None:
    found = shown(pages(FolderRequest("holiday/", 3, is_recursive=True), library(1)))

    assert found == ([], ["holiday/0.jpg", "holiday/x/1.jpg"])


def test_objects_without_a_record_and_deleted_images_are_left_out() -> None:
    stores = deps(ready_record("a.jpg"), deleted_record("b.jpg"), unrecorded=("c.jpg", "d/"))

    assert shown(pages(FolderRequest("", 1), stores)) == (["d/"], ["a.jpg"])


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (ImageFilter(status="rejected"), ["n.txt"]),
        (ImageFilter(format="jpeg"), ["a.jpg", "old.jpg"]),
        (ImageFilter(since="2026-05-04T12"), ["a.jpg", "n.txt"]),
        (ImageFilter(until="2026-05-04"), ["old.jpg"]),
        (ImageFilter(min_bytes=300_000), ["a.jpg", "old.jpg"]),
        (ImageFilter(max_bytes=299_999), ["n.txt"]),
        (ImageFilter(status="ready", until="2026-01"), []),
        (ImageFilter(name="OLD"), ["old.jpg"]),
        (ImageFilter(name="ld.png"), []),
    ],
)
def test_filters_choose_images_and_keep_folders(wanted: ImageFilter, keys: list[str]) -> None:
    old = replace(ready_record("old.jpg"), uploaded_at="2026-05-03T23:59:59.999Z")
    stores = deps(ready_record("a.jpg"), rejected_record("n.txt"), old, ready_record("x/y.jpg"))

    assert shown(pages(FolderRequest("", 1, filter=wanted), stores)) == (["x/"], keys)


def test_a_filter_reads_many_keys_for_a_page_and_loses_none() -> None:
    records = [ready_record(f"{n:04}.jpg") for n in range(250)]
    rare = [rejected_record(f"{n:04}.txt") for n in range(0, 250, 40)]

    request = FolderRequest("", 2, filter=ImageFilter(status="rejected"))

    found = list(pages(request, deps(*records, *rare)))

    assert [one.key for page in found for one in page.records] == [one.key for one in rare]
    assert max(len(page.records) for page in found) == 2
    assert len(found) <= 7


def test_an_owner_sees_its_own_images_as_one_list() -> None:
    own = [upload_key(f"{n}.jpg", f"t{n}", ALICE.owner) for n in range(2)]
    other = upload_key("3.jpg", "t", BOB)
    stores = deps(*map(ready_record, [*own, other, "a.jpg", "uploads/t/b.jpg"]))

    for prefix in ("", "uploads/", f"uploads/~{ALICE.owner}/"):
        assert shown(pages(FolderRequest(prefix, 1), stores, ALICE)) == ([], own)


@pytest.mark.parametrize("prefix", ["a", "holiday/", f"uploads/~{BOB}/", "uploads/x"])
def test_folders_of_others_are_not_found(prefix: str) -> None:
    with pytest.raises(NotFound):
        list_folder(FolderRequest(prefix, 10), library(), ALICE)


def test_the_random_parts_of_uploads_are_no_folders() -> None:
    keys = [upload_key(f"{n}.jpg", f"token{n}") for n in range(2)]
    stores = deps(*map(ready_record, keys))

    assert shown(pages(FolderRequest("", 10), stores)) == (["uploads/"], [])
    assert shown(pages(FolderRequest("uploads/", 10), stores)) == ([], keys)


def test_the_root_of_an_existing_bucket_is_its_prefix() -> None:
    stores = deps(ready_record("in/a.jpg"), ready_record("out/b.jpg"), prefix="in/")

    page = list_folder(FolderRequest("", 10), stores, ADMIN)

    assert (page.prefix, page.breadcrumbs) == ("in/", [])
    assert [record.key for record in page.records] == ["in/a.jpg"]


@pytest.mark.parametrize(
    "other",
    [
        FolderRequest("", 2),
        FolderRequest("holiday/", 2, filter=ImageFilter(status="ready")),
        FolderRequest("holiday/", 2, is_recursive=True),
    ],
)
def test_a_cursor_belongs_to_its_request(other: FolderRequest) -> None:
    cursor = list_folder(FolderRequest("holiday/", 1), library(), ADMIN).cursor

    with pytest.raises(InvalidCursor):
        list_folder(replace(other, cursor=cursor), library(), ADMIN)


@pytest.mark.parametrize("cursor", ["", "x", "MTIzNDU2Nzg", "é", "MTIzNDU2Nzh6"])
def test_a_forged_cursor_is_invalid(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        list_folder(FolderRequest("", 1, cursor=cursor or "="), library(), ADMIN)


def test_a_forged_cursor_leads_to_no_other_folder() -> None:
    request = FolderRequest("holiday/", 1)
    cursor = bound_cursor(f"holiday/|{request.filter}|False", "b.jpg")

    with pytest.raises(InvalidCursor, match="this folder"):
        list_folder(replace(request, cursor=cursor), library(), ADMIN)


def test_a_page_that_is_cut_continues_after_its_last_image() -> None:
    request = FolderRequest("", 10)
    stores = deps(*map(ready_record, ["a.jpg", "b/1.jpg", "c.jpg", "d/1.jpg", "e.jpg"]))

    first = list_folder(request, stores, ADMIN).cut(2, request)
    rest = pages(replace(request, cursor=first.cursor), stores)

    assert [one.key for one in first.records] == ["a.jpg", "c.jpg"]
    assert [one.prefix for one in first.folders] == ["b/"]
    assert shown(rest) == (["d/"], ["e.jpg"])
