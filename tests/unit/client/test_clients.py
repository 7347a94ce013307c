"""What the clients send, and to which server."""

import os
from inspect import signature
from typing import Any

import pytest
from fakes.client_server import FakeServer, WaitingClient

from imagemill.client import AsyncClient, Client, Folder, Image
from imagemill.errors import SetupFailed, StoreUnavailable

ID = "a" * 26
PATH = f"/live/images/{ID}"


def facts(image: str = ID) -> dict[str, Any]:
    names = ("key", "filename", "sequencer", "uploaded_at", "version_id", "etag")
    return {"id": image, "status": "ready", "links": {}} | dict.fromkeys(names, "")


def test_a_key_is_sent_to_the_api(server: FakeServer, kind: type[Client]) -> None:
    server.answer(PATH, 200, facts())

    with kind(f"{server.url}/live/", key="k1") as client:
        image = client.get(ID)

    assert image.id == ID
    assert [one.headers["x-api-key"] for one in server.received] == ["k1"]


def test_the_bucket_gets_the_whole_file_at_each_attempt_and_no_credentials(
    server: FakeServer, kind: type[Client]
) -> None:
    data = os.urandom(200_000)
    form = {"url": f"{server.url}/bucket", "fields": {"key": "uploads/t/a.png", "policy": "p"}}
    server.answer("/live/uploads", 201, {"id": ID, "key": "uploads/t/a.png"} | form)
    server.answer("/bucket", 503, b"<Code>SlowDown</Code>", {"Retry-After": "0"})
    server.answer("/bucket", 204, b"", {"etag": '"e"', "x-amz-version-id": "v"})
    reports: list[tuple[int, int]] = []

    with kind(f"{server.url}/live", token="t1") as client:
        uploaded = client.upload(
            data, filename="a.png", progress=lambda *sent: reports.append(sent)
        )

    announced, *attempts = server.received
    assert (uploaded.id, uploaded.version_id) == (ID, "v")
    assert announced.headers["authorization"] == "Bearer t1"
    assert len(attempts) == 2
    for one in attempts:
        assert "authorization" not in one.headers
        assert one.body.index(b"uploads/t/a.png") < one.body.index(data)
    assert reports.count((200_000, 200_000)) == 2


def test_a_refused_token_is_replaced_once(server: FakeServer, kind: type[Client]) -> None:
    tokens = iter(["old", "new", "never"])
    server.answer(PATH, 401, {"code": "unauthorized", "detail": "ended"})
    server.answer(PATH, 200, facts())

    with kind(f"{server.url}/live", token=lambda: next(tokens)) as client:
        client.get(ID)

    sent = [one.headers["authorization"] for one in server.received]
    assert sent == ["Bearer old", "Bearer new"]


def test_a_token_may_come_from_a_coroutine(server: FakeServer) -> None:
    async def token() -> str:
        return "t2"

    server.answer(PATH, 200, facts())

    with WaitingClient(f"{server.url}/live", token=token) as client:
        client.get(ID)

    assert server.received[0].headers["authorization"] == "Bearer t2"


def test_a_list_goes_on_to_the_last_page(server: FakeServer, kind: type[Client]) -> None:
    server.answer("/live/images", 200, {"images": [facts("b" * 26)], "cursor": "c1"})
    server.answer("/live/images", 200, {"images": [], "cursor": "c2"})
    server.answer("/live/images", 200, {"images": [facts()], "cursor": None})

    with kind(f"{server.url}/live", key="k1") as client:
        found = [image.id for image in client.list(status="ready")]

    assert found == ["b" * 26, ID]
    assert [one.path.partition("?")[2] for one in server.received] == [
        "limit=100&status=ready",
        "limit=100&status=ready&cursor=c1",
        "limit=100&status=ready&cursor=c2",
    ]


def test_a_search_goes_on_to_the_last_page_with_its_filters(
    server: FakeServer, kind: type[Client]
) -> None:
    server.answer("/live/search", 200, {"images": [], "cursor": "c1"})
    server.answer("/live/search", 200, {"images": [facts()], "cursor": None})

    with kind(f"{server.url}/live", key="k1") as client:
        found = [image.id for image in client.search(name="a b", min_bytes=0, sort="oldest")]

    assert found == [ID]
    assert [one.path.partition("?")[2] for one in server.received] == [
        "limit=100&sort=oldest&name=a+b&min_bytes=0",
        "limit=100&cursor=c1&sort=oldest&name=a+b&min_bytes=0",
    ]


def test_a_folder_goes_on_to_the_last_page(server: FakeServer, kind: type[Client]) -> None:
    place = {"prefix": "a/", "breadcrumbs": []}
    first = {"folders": [{"name": "b", "prefix": "a/b/"}], "images": [facts("b" * 26)]}
    last = {"folders": [], "images": [facts()]}
    server.answer("/live/folders", 200, {**place, **first, "cursor": "c1"})
    server.answer("/live/folders", 200, {**place, **last, "cursor": None})

    with kind(f"{server.url}/live", key="k1") as client:
        folder, *images = client.folders("a/", format="png")

    assert folder == Folder("b", "a/b/")
    assert [one.id for one in images if isinstance(one, Image)] == ["b" * 26, ID]
    assert [one.path.partition("?")[2] for one in server.received] == [
        "limit=100&prefix=a%2F&format=png",
        "limit=100&cursor=c1&prefix=a%2F&format=png",
    ]


def test_a_server_that_is_not_there_is_unavailable(
    kind: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagemill.client.exchange._FIRST_PAUSE_S", 0)

    with (
        kind("http://127.0.0.1:1", key="k") as client,
        pytest.raises(StoreUnavailable, match="the API could not be reached"),
    ):
        client.get(ID)


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize("url", ["nowhere", "ftp://example.com", "https://"])
def test_a_url_that_leads_to_no_api_is_refused(
    make: type[Client] | type[AsyncClient], url: str
) -> None:
    with pytest.raises(SetupFailed, match="expected the URL of an API"):
        make(url, key="k")


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize("credentials", [{}, {"key": "k", "token": "t"}])
def test_a_client_has_either_a_key_or_a_token(
    make: type[Client] | type[AsyncClient], credentials: dict[str, str]
) -> None:
    with pytest.raises(SetupFailed, match="expected either the key or the token"):
        make("https://api.example", **credentials)  # type: ignore[arg-type]


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    names = {name for name in vars(Client) if not name.startswith("_")}

    assert names == {name for name in vars(AsyncClient) if not name.startswith("_")}
    for name in names:
        own, other = signature(getattr(Client, name)), signature(getattr(AsyncClient, name))
        assert own.parameters.keys() == other.parameters.keys()
