"""The listing over HTTP: every image once, newest first."""

import secrets

import httpx
import pytest
from fakes.images import jpeg, png
from live.api import all_pages, post_image, upload_rejected, wait_until_final
from live.stack import Stack


def test_pages_list_every_image_once_newest_first(api: httpx.Client) -> None:
    made = [wait_until_final(api, post_image(api, jpeg(), f"{n}.jpg"))["id"] for n in range(5)]

    first = api.get("/images", params={"limit": 2}).json()
    second = api.get("/images", params={"limit": 3, "cursor": first["cursor"]}).json()

    seen = [image["id"] for image in first["images"] + second["images"]]
    assert sorted(seen) == sorted(made)
    assert seen[0] == made[-1]


def test_the_last_page_has_no_cursor(api: httpx.Client) -> None:
    post_image(api, jpeg())

    pages = list(all_pages(api, {"limit": "100"}))

    assert pages[-1]["cursor"] is None
    assert all(page["cursor"] for page in pages[:-1])


def test_a_status_filter_lists_only_that_status(api: httpx.Client) -> None:
    image = upload_rejected(api)
    wait_until_final(api, image)

    pages = list(all_pages(api, {"status": "rejected", "limit": "2"}))

    found = [one for page in pages for one in page["images"]]
    assert {one["status"] for one in found} == {"rejected"}
    assert image in {one["id"] for one in found}


def test_folders_show_the_images_of_the_bucket_by_their_keys(
    api: httpx.Client, stack: Stack
) -> None:
    folder = f"folder-{secrets.token_hex(4)}/"
    keys = [f"{folder}{name}" for name in ("a +ü.jpg", "b.png", "deep/c.jpg")]
    for key in keys:
        stack.put(key, jpeg())
    for key in keys:
        stack.wait_until_final(key)

    first = api.get("/folders", params={"prefix": folder, "limit": 1}).json()
    second = api.get("/folders", params={"prefix": folder, "cursor": first["cursor"]}).status_code
    rest = api.get(
        "/folders", params={"prefix": folder, "limit": 9, "cursor": first["cursor"]}
    ).json()
    deep = api.get("/folders", params={"prefix": folder, "recursive": "true"}).json()

    assert [image["key"] for image in first["images"]] == keys[:1]
    assert (second, [image["key"] for image in rest["images"]]) == (200, keys[1:2])
    assert [one["name"] for one in rest["folders"]] == ["deep"]
    assert rest["cursor"] is None
    assert [image["key"] for image in deep["images"]] == keys
    assert [one["prefix"] for one in deep["breadcrumbs"]] == [folder]


def test_a_search_finds_images_by_their_facts_in_the_order_of_time(api: httpx.Client) -> None:
    made = [wait_until_final(api, post_image(api, png(), f"s{n}.png")) for n in range(2)]
    since = made[0]["uploaded_at"]

    query = {"format": "png", "status": "ready", "since": since, "sort": "oldest", "limit": 1}
    first = api.get("/search", params=query).json()
    second = api.get("/search", params=query | {"cursor": first["cursor"]}).json()
    none = api.get("/search", params={"until": "2000-01-01"}).json()

    assert [one["id"] for one in first["images"] + second["images"]] == [one["id"] for one in made]
    assert none == {"images": [], "cursor": None}


@pytest.mark.parametrize(
    "query",
    [{"cursor": "MQ"}, {"cursor": "%"}, {"limit": "0"}, {"limit": "101"}, {"status": "deleted"}],
)
def test_an_invalid_listing_request_is_answered_with_a_problem(
    api: httpx.Client, query: dict[str, str]
) -> None:
    answer = api.get("/images", params=query)

    assert answer.status_code == 422
    assert answer.json()["code"] in {"invalid_cursor", "invalid_request"}


def test_a_cursor_is_invalid_with_another_filter(api: httpx.Client) -> None:
    post_image(api, jpeg())
    post_image(api, jpeg())
    cursor = api.get("/images", params={"limit": 1}).json()["cursor"]

    answer = api.get("/images", params={"cursor": cursor, "status": "ready"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
