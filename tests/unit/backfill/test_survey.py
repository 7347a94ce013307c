from dataclasses import replace

import pytest
from fakes.cloud import deleted_record, ready_record
from fakes.yard import RECIPE, FakeYard

from imagemill.backfill.survey import Survey, Wanted, Why, survey
from imagemill.domain.reconciliation import EVERYTHING, Concern, StoredObject
from imagemill.domain.record import pending

MISSING = frozenset({Concern.MISSING})
STALE = frozenset({Concern.STALE})


@pytest.fixture
def yard() -> FakeYard:
    return FakeYard()


def looked(yard: FakeYard, prefix: str = "", concerns: frozenset[Concern] = EVERYTHING) -> Survey:
    wanted = Wanted(prefix, concerns, RECIPE.hash, frozenset({"500"}))
    return survey(wanted, yard.archive, lambda _: None)


def reasons(found: Survey) -> list[tuple[str, str]]:
    return [(due.key, due.why) for due in found.due]


def test_nothing_is_due_where_all_is_well(yard: FakeYard) -> None:
    yard.picture("a.jpg")

    found = looked(yard)

    assert (found.originals, found.records, found.renditions, found.due) == (1, 1, 1, [])


@pytest.mark.parametrize("status", ["pending", "failed", "deleted"])
def test_an_original_whose_record_is_not_final_is_due(yard: FakeYard, status: str) -> None:
    record = yard.picture("a.jpg")
    yard.shelf.add(replace(record, status=status))  # type: ignore[arg-type]  # one of the statuses
    reason = {"pending": Why.UNFINISHED, "failed": Why.FAILED, "deleted": Why.UNRECORDED}[status]

    assert reasons(looked(yard)) == [("a.jpg", reason)]


def test_an_original_without_a_record_is_due_and_what_is_made_of_it_is_no_stray(
    yard: FakeYard,
) -> None:
    yard.picture("a.jpg")
    yard.shelf.items.clear()

    assert reasons(looked(yard)) == [("a.jpg", Why.UNRECORDED)]


def test_a_record_of_other_bytes_is_due(yard: FakeYard) -> None:
    yard.picture("a.jpg")
    yard.archive.listed["a.jpg"] = replace(yard.archive.listed["a.jpg"], etag="etag of v2")

    assert reasons(looked(yard)) == [("a.jpg", Why.CHANGED)]


def test_what_another_recipe_made_is_due(yard: FakeYard) -> None:
    yard.picture("a.jpg", recipe="another")

    assert reasons(looked(yard)) == [("a.jpg", Why.STALE)]


def test_only_what_is_asked_for_is_due(yard: FakeYard) -> None:
    yard.picture("old.jpg", recipe="another")
    yard.original("new.jpg")

    assert reasons(looked(yard, concerns=STALE)) == [("old.jpg", Why.STALE)]
    assert reasons(looked(yard, concerns=MISSING)) == [("new.jpg", Why.UNRECORDED)]


def test_a_record_without_an_original_is_due(yard: FakeYard) -> None:
    yard.picture("a.jpg")
    yard.archive.listed.clear()

    assert reasons(looked(yard)) == [("a.jpg", Why.GONE)]


def test_an_original_that_came_after_the_listing_is_not_gone(yard: FakeYard) -> None:
    yard.picture("a.jpg")
    yard.archive.listed.clear()
    yard.archive.late.add("a.jpg")

    assert looked(yard).due == []


def test_tombstones_and_uploads_still_awaited_are_as_they_should_be(yard: FakeYard) -> None:
    yard.shelf.add(deleted_record("a.jpg"))
    yard.shelf.add(pending("b.jpg", 1, "2026-05-04T12:00:00.000Z", 0))

    assert looked(yard).due == []


def test_a_record_whose_rendition_is_lost_is_due(yard: FakeYard) -> None:
    yard.picture("a.jpg")
    yard.archive.stored.clear()

    [due] = looked(yard).due

    assert (due.why, due.renditions) == (Why.DAMAGED, ("500/a.jpg",))


@pytest.mark.parametrize("stray", ["old/a.jpg", "500/never.jpg"])
def test_a_rendition_that_no_record_lists_is_due(yard: FakeYard, stray: str) -> None:
    yard.picture("a.jpg")
    yard.archive.stored[stray] = StoredObject(stray, 9)

    [due] = looked(yard).due

    assert (due.key, due.why, due.renditions) == (stray.partition("/")[2], Why.STRAY, (stray,))


def test_a_stray_with_a_long_name_is_found_by_its_record(yard: FakeYard) -> None:
    record = yard.picture("a.jpg")
    name = f"~old/{record.id}"
    yard.archive.stored[name] = StoredObject(name, 9)

    assert reasons(looked(yard)) == [("a.jpg", Why.STRAY)]


def test_a_prefix_leaves_everything_else_alone(yard: FakeYard) -> None:
    yard.original("in/a.jpg")
    yard.original("out/a.jpg")
    yard.shelf.add(ready_record("out/b.jpg"))
    yard.archive.stored["old/out/c.jpg"] = StoredObject("old/out/c.jpg", 9)

    found = looked(yard, prefix="in/")

    assert (reasons(found), found.originals) == ([("in/a.jpg", Why.UNRECORDED)], 1)


@pytest.mark.parametrize("key", ["Some folder/a.jpg", "~/a.jpg", "500"])
def test_an_object_that_cannot_be_a_rendition_is_left_alone(yard: FakeYard, key: str) -> None:
    yard.archive.stored[key] = StoredObject(key, 9)

    assert reasons(looked(yard)) == []
