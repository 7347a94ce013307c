"""Searches and folders, as the requests that they yield. Nothing is sent."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import httpx
import pytest

from imagemill.client import library
from imagemill.client.exchange import Ask, Running
from imagemill.client.library import Filters, Folder, PageRequest, Sort
from imagemill.domain.image_query import SORTS
from imagemill.functions.api import library_fields
from imagemill.functions.api.fields import STATUS

ID = "a" * 26
SUMMER = timezone(timedelta(hours=2))


def image() -> dict[str, Any]:
    names = ("key", "filename", "sequencer", "uploaded_at", "version_id", "etag")
    return {"id": ID, "status": "ready", "links": {}} | dict.fromkeys(names, "")


def asked(running: Running[Any]) -> Ask:
    assert isinstance(running.step, Ask)
    return running.step


def test_the_orders_are_those_of_the_api() -> None:
    assert get_args(Sort) == SORTS


@pytest.mark.parametrize("sort", get_args(Sort))
def test_a_search_is_requested_with_its_page_and_its_filters(sort: Sort) -> None:
    page = PageRequest("c1", 7, public=True)
    running = Running(library.search(page, sort, {"status": "ready", "max_bytes": 9}))
    step = asked(running)

    running.answer(httpx.Response(200, json={"images": [image()], "cursor": "c2"}))

    assert (step.method, step.path) == ("GET", "/search")
    assert step.params == {
        "limit": 7,
        "cursor": "c1",
        "public": "true",
        "sort": sort,
        "status": "ready",
        "max_bytes": 9,
    }
    assert ([one.id for one in running.result.images], running.result.cursor) == ([ID], "c2")


def test_a_folder_has_its_folders_images_and_breadcrumbs() -> None:
    page = PageRequest(None, 100, public=False)
    running = Running(library.folder(page, "a/b/", {}, recursive=True))
    params = asked(running).params

    crumbs, folders = [{"name": "a", "prefix": "a/"}], [{"name": "c", "prefix": "a/b/c/"}]
    facts = {"prefix": "a/b/", "breadcrumbs": crumbs, "folders": folders, "images": [image()]}
    running.answer(httpx.Response(200, json={**facts, "cursor": None}))

    assert params == {"limit": 100, "prefix": "a/b/", "recursive": "true"}
    found = running.result
    assert (found.breadcrumbs, found.folders) == (
        (Folder("a", "a/"),),
        (Folder("c", "a/b/c/"),),
    )
    assert [one.id for one in found.images] == [ID]


def test_the_filters_are_those_of_the_api() -> None:
    fields = (
        library_fields.NAME,
        STATUS,
        library_fields.FORMAT,
        library_fields.SINCE,
        library_fields.UNTIL,
        library_fields.MIN_BYTES,
        library_fields.MAX_BYTES,
    )

    assert list(Filters.__annotations__) == [field.name for field in fields]


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (date(2026, 5, 4), "2026-05-04"),
        (datetime(2026, 5, 4, 10, 20, 30, 123_999, UTC), "2026-05-04T10:20:30.123Z"),
        (datetime(2026, 5, 4, 1, tzinfo=SUMMER), "2026-05-03T23:00:00.000Z"),
        ("2026-05-04T10Z", "2026-05-04T10Z"),
    ],
)
def test_a_time_is_sent_in_utc(since: date | str, text: str) -> None:
    assert library.filter_params({"since": since}) == {"since": text}


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a time with a time zone, got 2026-05-04T10:00"):
        library.filter_params({"until": datetime(2026, 5, 4, 10)})  # noqa: DTZ001


def test_what_is_not_given_is_no_filter() -> None:
    assert library.filter_params({"name": "", "status": None, "min_bytes": 0}) == {"min_bytes": 0}


def test_an_unknown_filter_is_refused() -> None:
    with pytest.raises(TypeError, match="there is no filter 'colour'"):
        library.filter_params({"colour": "red"})  # type: ignore[typeddict-unknown-key]
