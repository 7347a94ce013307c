"""Searches through the API."""

import pytest
from fakes.api import FakeApiDeps, FakeLinks, ask
from fakes.cloud import ready_record, rejected_record
from fakes.stores import FakeRecords

from imagemill.domain.bound_cursor import bound_cursor
from imagemill.domain.caller import key_value
from imagemill.domain.image_query import ImageQuery
from imagemill.domain.keys import owner_id, upload_key

OWN = upload_key("own.jpg", "t", owner_id("key:booth"))


def library(*, count: int = 3, url_length: int = 10) -> FakeApiDeps:
    records = [ready_record(f"{n}.jpg") for n in range(count)]
    records += [rejected_record("x.txt"), ready_record(OWN)]
    table = FakeRecords({one.id: one for one in records})
    return FakeApiDeps(records=table, presigner=FakeLinks(length=url_length))


def keys(
    deps: FakeApiDeps, query: dict[str, str], identity: dict[str, str] | None = None
) -> list[str]:
    """Return the keys on all pages."""
    found, cursor = [], ""
    while True:
        sent = query | ({"cursor": cursor} if cursor else {})
        page = ask(deps, "GET", "/search", query=sent, identity=identity).json
        found += [image["key"] for image in page["images"]]
        cursor = page["cursor"]
        if cursor is None:
            return found


def test_all_that_pass_the_filter_are_found_in_either_order() -> None:
    newest = keys(library(), {"status": "ready", "limit": "1"})
    oldest = keys(library(), {"status": "ready", "limit": "2", "sort": "oldest"})

    assert sorted(newest) == sorted(["0.jpg", "1.jpg", "2.jpg", OWN])
    assert oldest == newest[::-1]


def test_an_owner_finds_its_own_images() -> None:
    booth = key_value("booth", frozenset({"read"}), "a" * 40)

    assert keys(library(), {}, {"apiKey": booth}) == [OWN]


def test_all_are_found_by_name_in_either_direction() -> None:
    first = keys(library(), {"status": "ready", "limit": "1", "sort": "name"})
    last = keys(library(), {"status": "ready", "limit": "2", "sort": "name_desc"})

    assert first == ["0.jpg", "1.jpg", "2.jpg", OWN]
    assert last == first[::-1]


def test_an_owner_has_no_order_by_name() -> None:
    booth = key_value("booth", frozenset({"read"}), "a" * 40)

    answer = ask(library(), "GET", "/search", query={"sort": "name"}, identity={"apiKey": booth})

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("sort", ["newest", "name"])
def test_a_page_that_is_too_large_continues_with_its_cursor(sort: str) -> None:
    deps = library(count=60, url_length=100_000)

    found = keys(deps, {"limit": "100", "status": "ready", "sort": sort})

    assert len(found) == len(set(found)) == 61
    assert ask(deps, "GET", "/search", query={"limit": "100"}).json["cursor"] is not None


@pytest.mark.parametrize("other", [{"sort": "oldest"}, {"status": "ready"}, {"since": "2026"}])
def test_a_cursor_belongs_to_its_search(other: dict[str, str]) -> None:
    cursor = ask(library(), "GET", "/search", query={"limit": "1"}).json["cursor"]

    answer = ask(library(), "GET", "/search", query={"cursor": cursor} | other)

    assert (answer.status, answer.json["code"]) in {
        (422, "invalid_cursor"),
        (422, "invalid_request"),
    }


NO_POSITION = bound_cursor(str(ImageQuery()), "x" * 1000)
NO_NAME = bound_cursor(str(ImageQuery(sort="name")), "x" * 1000)


@pytest.mark.parametrize(
    ("cursor", "sort"),
    [(text, "newest") for text in ("MQ", "x", "MTIzNDU2Nzg5", NO_POSITION)] + [(NO_NAME, "name")],
)
def test_a_forged_cursor_is_invalid(cursor: str, sort: str) -> None:
    answer = ask(library(), "GET", "/search", query={"cursor": cursor, "sort": sort})

    assert (answer.status, answer.json["code"]) == (422, "invalid_cursor")
