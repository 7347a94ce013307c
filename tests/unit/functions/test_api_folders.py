"""Folders through the API."""

import pytest
from fakes.api import FakeApiDeps, FakeLinks, ask
from fakes.cloud import ready_record
from fakes.stores import FakeRecords

from imagemill.functions.api.limits import MAX_ANSWER_BYTES


def library(*keys: str, url_length: int = 10) -> FakeApiDeps:
    records = FakeRecords({one.id: one for one in map(ready_record, keys)})
    return FakeApiDeps(records=records, presigner=FakeLinks(length=url_length))


def test_a_folder_is_answered_with_breadcrumbs_folders_and_images() -> None:
    answer = ask(library("a/b/c.jpg", "a/d.jpg"), "GET", "/folders", query={"prefix": "a/"})

    assert answer.status == 200
    assert answer.json["prefix"] == "a/"
    assert answer.json["breadcrumbs"] == [{"name": "a", "prefix": "a/"}]
    assert answer.json["folders"] == [{"name": "b", "prefix": "a/b/"}]
    assert [image["key"] for image in answer.json["images"]] == ["a/d.jpg"]
    assert answer.json["cursor"] is None


def test_filters_and_times_are_read_from_the_query() -> None:
    query = {"status": "ready", "format": "jpeg", "since": "2026-05-04T12:00Z", "min_bytes": "1"}

    found = ask(library("a.jpg"), "GET", "/folders", query=query).json["images"]
    none = ask(library("a.jpg"), "GET", "/folders", query={"until": "2026-05-04T12Z"}).json

    assert [image["key"] for image in found] == ["a.jpg"]
    assert none["images"] == []


def test_a_page_is_cut_to_the_size_limit_and_its_cursor_continues_there() -> None:
    deps = library(*(f"{n:03}.jpg" for n in range(100)), url_length=100_000)

    first = ask(deps, "GET", "/folders", query={"limit": "100"})
    cursor = first.json["cursor"]
    second = ask(deps, "GET", "/folders", query={"limit": "100", "cursor": cursor})

    assert len(first.body.encode()) < MAX_ANSWER_BYTES
    seen = [image["key"] for page in (first, second) for image in page.json["images"]]
    assert seen == [f"{n:03}.jpg" for n in range(len(seen))]
    assert len(first.json["images"]) < len(seen)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"until": "2026-13-01"},
        {"min_bytes": "-1"},
        {"format": "JPEG"},
        {"prefix": "x" * 1025},
        {"cursor": "MQ"},
        {"recursive": "yes"},
    ],
)
def test_wrong_parameters_are_named(query: dict[str, str]) -> None:
    answer = ask(library("a.jpg"), "GET", "/folders", query=query)

    assert answer.status == 422
    assert answer.json["code"] in {"invalid_request", "invalid_cursor"}
