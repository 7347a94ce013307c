"""The fake of `imagemill.testing` and a stack on the embedded AWS answer alike."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fakes.cutting_proxy import cutting_proxy
from fakes.images import jpeg, png
from fakes.multipart_s3 import part_options
from live.stack import TIMEOUT_S

from imagemill.client import ApiError, Client, Filters, Image
from imagemill.client.credentials import KeyCredentials
from imagemill.domain.keys import image_id
from imagemill.errors import RecordedRejection, StoreUnavailable
from imagemill.rest.client import Api as RestApi
from imagemill.rest.client import ApiOriginals, ApiRecords
from imagemill.testing import FakeApi, StackApi

Api = FakeApi | StackApi


@pytest.fixture(params=["imagemill_fake", "imagemill_stack"])
def api(request: pytest.FixtureRequest) -> Api:
    """Return each API in turn."""
    found: Api = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with api.client() as found:
        yield found


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    """Return a client that sends plain requests with the key."""
    headers = {"x-api-key": api.key}
    with httpx.Client(base_url=api.url, headers=headers, timeout=TIMEOUT_S) as found:
        yield found


def test_an_upload_becomes_an_image_with_real_renditions(client: Client) -> None:
    data = jpeg(1200, 800, orientation=6)

    image = client.wait(client.upload(data, filename="été (1).jpg"))

    assert (image.status, image.filename, image.focus_applied) == ("ready", "été (1).jpg", True)
    assert image.original is not None
    assert (image.original.width, image.original.height) == (800, 1200)
    assert (image.renditions["500"].width, image.renditions["500"].height) == (333, 500)
    assert image.placeholder
    assert image.colour
    assert client.original(image.id) == data
    assert len(client.rendition(image.id, "500")) == image.renditions["500"].bytes
    assert next(client.list()).id == image.id


def test_the_addresses_of_a_rendition_lead_to_its_bytes(client: Client) -> None:
    image = client.wait(client.upload(png(640, 480), filename="a.png"))

    presigned = httpx.get(image.links.renditions["500"], timeout=TIMEOUT_S)

    assert presigned.content == client.rendition(image.id, "500")
    assert presigned.headers["content-type"] == "image/png"
    assert presigned.headers["content-disposition"].startswith("inline")
    assert image.picture(alt="") is not None
    changed = image.links.renditions["500"].replace("X-Amz-Expires=900", "X-Amz-Expires=901")
    assert httpx.get(changed, timeout=TIMEOUT_S).status_code == 403


def test_an_image_in_the_body_is_accepted(http: httpx.Client, client: Client) -> None:
    headers = {"content-type": "image/png"}

    answer = http.post("/images", params={"filename": "b.png"}, content=png(), headers=headers)

    accepted = answer.json()
    assert (answer.status_code, accepted["status"]) == (202, "pending")
    assert client.wait(accepted["id"]).filename == "b.png"


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", f"/images/{'a' * 26}", b"", 404, "not_found"),
        ("GET", "/images/x", b"", 422, "invalid_request"),
        ("GET", "/images?limit=0", b"", 422, "invalid_request"),
        ("GET", "/images?cursor=x", b"", 422, "invalid_cursor"),
        ("POST", "/uploads", b"{}", 422, "invalid_request"),
        ("POST", "/images", b"only words", 422, "not_an_image"),
    ],
)
def test_a_wrong_request_is_a_problem(
    http: httpx.Client, method: str, path: str, content: bytes, status: int, code: str
) -> None:
    kind = "application/json" if path == "/uploads" else "image/jpeg"

    headers = {"content-type": kind, "origin": "https://page.example"}
    answer = http.request(method, path, content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["request_id"]


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}])
def test_a_request_without_the_key_is_refused(api: Api, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{api.url}/images", headers=headers, timeout=TIMEOUT_S)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert httpx.get(f"{api.url}/health", headers=headers, timeout=TIMEOUT_S).status_code == 200


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (b"x", {"key": "uploads/elsewhere/a.png"}),
        (b"x", {"Content-Type": "text/html"}),
        (b"", {}),
        (bytes(2_000), {}),
        (b"x", {"x-amz-signature": "0" * 64}),
        (b"x", {"x-amz-meta-recipe": "other"}),
    ],
)
def test_a_form_accepts_only_what_was_announced(
    http: httpx.Client, data: bytes, changed: dict[str, str]
) -> None:
    announced = {"filename": "a.png", "content_type": "image/png", "bytes": 1}
    ticket = http.post("/uploads", json=announced).json()

    answer = httpx.post(
        ticket["url"],
        data=ticket["fields"] | changed,
        files={"file": ("x", data)},
        timeout=TIMEOUT_S,
    )

    assert answer.status_code in {400, 403}
    assert http.get(f"/images/{ticket['id']}").json()["status"] == "pending"


def test_a_text_is_rejected(client: Client) -> None:
    uploaded = client.upload(b"only words", filename="words.jpg")

    with pytest.raises(RecordedRejection) as caught:
        client.wait(uploaded)
    with pytest.raises(ApiError) as refused:
        client.rendition(uploaded.id, "500")

    assert (caught.value.code, refused.value.code) == ("not_an_image", "not_an_image")
    assert refused.value.status == 422


def test_images_are_made_again_in_any_final_state(client: Client) -> None:
    image = client.wait(client.upload(jpeg(90, 60)))
    words = client.upload(b"only words", filename="words.jpg")
    with pytest.raises(RecordedRejection):
        client.wait(words)

    again = client.wait(image.id, after=client.reprocess(image.id))
    before = client.reprocess(words.id)
    with pytest.raises(RecordedRejection):
        client.wait(words.id, after=before)

    assert [state.status for state in again.history] == ["pending", "ready", "ready"]
    assert again.processed_at == again.history[-1].at
    assert again.renditions.keys() == image.renditions.keys()
    assert again.sequencer > image.sequencer
    assert [(one.status, one.code) for one in client.get(words.id).history] == [
        ("pending", None),
        ("rejected", "not_an_image"),
        ("rejected", "not_an_image"),
    ]


def test_a_focal_point_is_set_and_removed(client: Client) -> None:
    image = client.wait(client.upload(jpeg(90, 60), focus=(0.2, 0.8)))

    moved = client.wait(client.set_focus(image.id, (0.5, 0.25)).id)
    removed = client.wait(client.set_focus(image.id, None).id)

    points = [one.focus and (one.focus.x, one.focus.y) for one in (image, moved, removed)]
    assert points == [(0.2, 0.8), (0.5, 0.25), None]


def test_an_image_moves_to_a_folder(client: Client) -> None:
    data = jpeg(90, 60)
    image = client.wait(client.upload(data, filename="moves.jpg", focus=(0.2, 0.8)))
    client.wait(client.set_focus(image.id, (0.5, 0.25)).id)

    moved = client.wait(client.move(image.id, "contract/moved/"))

    assert (moved.key, moved.filename) == ("contract/moved/moves.jpg", "moves.jpg")
    assert moved.focus is not None
    assert client.original(moved.id) == data
    with pytest.raises(ApiError) as gone:
        client.get(image.id)
    with pytest.raises(ApiError) as exists:
        client.move(moved.id, "contract/moved/")
    assert (gone.value.code, exists.value.code) == ("gone", "exists")
    client.delete(moved.id)


def test_a_deleted_image_is_gone_with_its_renditions(client: Client) -> None:
    image = client.wait(client.upload(jpeg(90, 60)))
    url = image.links.renditions["500"]
    made = httpx.get(url, timeout=TIMEOUT_S).content

    client.delete(image.id)
    client.delete(image.id)

    with pytest.raises(ApiError) as caught:
        client.get(image.id)
    assert (caught.value.code, caught.value.status) == ("gone", 410)
    assert image.id not in {one.id for one in client.list()}
    end_s = time.monotonic() + TIMEOUT_S
    while httpx.get(url, timeout=TIMEOUT_S).content == made:
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_images_are_listed_by_status_and_page(client: Client) -> None:
    ids = [client.wait(client.upload(jpeg(40, 30))).id for _ in range(3)]
    pending = client.upload(b"only words")

    page = client.page(limit=2, status="ready")
    following = client.page(page.cursor, limit=2, status="ready")

    assert [one.id for one in (*page.images, *following.images)][:3] == ids[::-1]
    assert pending.id not in {one.id for one in client.list(status="ready")}
    assert all(one.public for one in client.page(limit=2, status="ready", public=True).images)


def test_images_are_found_by_their_facts(client: Client) -> None:
    named = [f"by-Facts-{number}.png" for number in range(3)]
    ids = [client.wait(client.upload(png(64, 48), filename=name)).id for name in named]
    size = len(png(64, 48))
    facts: Filters = {"status": "ready", "format": "png", "min_bytes": size, "max_bytes": size}
    facts["name"] = "by-Facts"

    page = client.search_page(limit=2, public=True, **facts)
    following = client.search_page(page.cursor, limit=2, public=True, **facts)

    assert [one.id for one in (*page.images, *following.images)] == ids[::-1]
    assert all(one.public for one in page.images)
    assert [one.id for one in client.search(sort="oldest", **facts)] == ids
    since = client.get(ids[1]).uploaded_at
    assert [one.id for one in client.search(name="by-Facts", since=since)] == ids[:0:-1]
    assert [one.id for one in client.search(name="by-Facts", until=since)] == ids[:1]


def test_an_asynchronous_client_searches_alike(api: Api, client: Client) -> None:
    image = client.wait(client.upload(png(64, 48), filename="async-search.png"))

    async def found() -> tuple[list[str], list[str]]:
        async with api.async_client() as waiting:
            images = [one.id async for one in waiting.search(name="async-search")]
            below = waiting.folders("uploads/", name="async-search")
            return images, [one.id async for one in below if isinstance(one, Image)]

    assert asyncio.run(found()) == ([image.id], [image.id])


@pytest.mark.parametrize(
    ("filters", "cursor", "code"),
    [
        ({"format": "JPEG!"}, None, "invalid_request"),
        ({"since": "yesterday"}, None, "invalid_request"),
        ({"min_bytes": -1}, None, "invalid_request"),
        ({}, "x", "invalid_cursor"),
    ],
)
def test_a_wrong_search_is_an_error(
    client: Client, filters: Filters, cursor: str | None, code: str
) -> None:
    with pytest.raises(ApiError) as searched:
        client.search_page(cursor, **filters)
    with pytest.raises(ApiError) as listed:
        client.folders_page("uploads/", cursor, **filters)

    assert [(one.value.code, one.value.status) for one in (searched, listed)] == [(code, 422)] * 2


def test_an_upload_in_parts_is_an_image(http: httpx.Client, client: Client) -> None:
    data = jpeg(90, 60)
    spec = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": len(data)}
    begun = http.post("/multipart", json=spec).json()
    path, upload = f"/multipart/{begun['id']}", {"upload_id": begun["upload_id"]}
    checksum = b64encode(sha256(data).digest()).decode()
    wanted = {**upload, "parts": [{"number": 1, "sha256": checksum}]}
    [part] = http.post(f"{path}/parts", json=wanted).json()["parts"]

    broken = httpx.put(part["url"], content=data[::-1], headers=part["headers"], timeout=TIMEOUT_S)
    incomplete = http.post(f"{path}/complete", json=upload)
    sent = httpx.put(part["url"], content=data, headers=part["headers"], timeout=TIMEOUT_S)
    arrived = http.get(f"{path}/parts", params=upload).json()["parts"]
    ended = http.post(f"{path}/complete", json=upload)
    again = http.post(f"{path}/complete", json=upload)

    assert (broken.status_code, incomplete.json()["code"]) == (400, "invalid_request")
    assert (sent.status_code, arrived[0]["sha256"]) == (200, checksum)
    assert (ended.status_code, again.status_code) == (202, 202)
    assert client.original(client.wait(begun["id"]).id) == data


def rest_api(url: str, key: str) -> RestApi:
    return RestApi(url, KeyCredentials(key))


def test_an_upload_whose_last_answer_was_lost_is_not_sent_again(
    api: Api, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagemill.client.exchange._FIRST_PAUSE_S", 0)
    file = tmp_path / "lost.jpg"
    file.write_bytes(jpeg(90, 60))
    with cutting_proxy(api.url) as proxy, closing(rest_api(proxy.url, api.key)) as connected:
        options = part_options(tmp_path / "saved", from_bytes=1)
        originals = ApiOriginals(connected, ApiRecords(connected), options, proxy.url)
        proxy.cut = "/complete"
        with pytest.raises(StoreUnavailable):
            originals.upload_file("k/lost.jpg", file, "image/jpeg")
        proxy.cut = ""
        proxy.requests.clear()

        version = originals.upload_file("k/lost.jpg", file, "image/jpeg")

    image = client.wait(image_id(version.key))
    assert (image.version_id, image.filename) == (version.version_id, "lost.jpg")
    assert [(method, path.rpartition("/")[2]) for method, path in proxy.requests] == [
        ("GET", "parts"),
        ("POST", "complete"),
    ]
    assert [one.id for one in client.search(name="lost.jpg")] == [image.id]
    assert list((tmp_path / "saved").iterdir()) == []


def test_folders_have_the_images_below_them(client: Client) -> None:
    image = client.wait(client.upload(jpeg(40, 30), filename="found.jpg"))

    root = client.folders_page()
    place = client.folders_page(image.key.removesuffix("found.jpg"), public=True)
    found = client.folders("uploads/", format="jpeg", recursive=True)

    assert [one.prefix for one in root.folders] == ["uploads/"]
    assert place.breadcrumbs[0].name == "uploads"
    assert [(one.id, one.public is not None) for one in place.images] == [(image.id, True)]
    assert image.id in [one.id for one in found if isinstance(one, Image)]


def test_a_share_link_shows_one_image_until_it_is_revoked(api: Api, client: Client) -> None:
    shared, other = (client.wait(client.upload(png(8, 8), filename=name)) for name in "ab")
    made = client.share(shared.id, seconds=60)
    url = api.address.shares_api_url if isinstance(api, StackApi) else api.url

    with Client(url, token=made.token) as visitor:
        found = [one.id for one in visitor.list()]
        with pytest.raises(ApiError) as hidden:
            visitor.get(other.id)
        is_listed = made.share in client.shares()
        client.revoke_share(made.share.id)
        with pytest.raises(ApiError) as revoked:
            visitor.get(shared.id)

    assert (found, is_listed, made.share.key) == ([shared.id], True, shared.key)
    assert (hidden.value.code, revoked.value.code) == ("not_found", "share_revoked")
    assert made.share not in client.shares()
