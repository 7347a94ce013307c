"""The REST API over HTTP, as a client without AWS credentials sees it."""

import time
from collections.abc import Iterator

import httpx
import pytest
from fakes.pictures import jpeg
from live.stack import PATIENCE_S, Stack

from imagemill.local.address import Address


@pytest.fixture(scope="module")
def api(address: Address) -> Iterator[httpx.Client]:
    headers = {"x-api-key": address.api_key}
    with httpx.Client(base_url=address.api_url, headers=headers, timeout=30) as client:
        yield client


def settled(api: httpx.Client, image_id: str) -> dict[str, object]:
    """Ask until the picture is no longer pending."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = api.get(f"/images/{image_id}").raise_for_status().json()
        if found["status"] != "pending":
            return dict(found)
        time.sleep(0.05)
    raise AssertionError(f"{image_id} stayed pending")


def test_bytes_that_are_posted_become_a_rendition_to_fetch(api: httpx.Client) -> None:
    answer = api.post(
        "/images",
        params={"filename": "été (1).jpg"},
        content=jpeg(1200, 800, orientation=6),
        headers={"content-type": "image/jpeg"},
    )

    found = settled(api, answer.json()["id"])
    picture = httpx.get(found["links"]["renditions"]["500"])  # type: ignore[index]  # JSON
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert (found["status"], found["filename"]) == ("ready", "été (1).jpg")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content.startswith(b"\xff\xd8\xff")


def test_two_uploads_of_one_name_are_two_pictures(api: httpx.Client) -> None:
    ids = {
        api.post("/images", params={"filename": "a.jpg"}, content=jpeg()).json()["id"]
        for _ in range(2)
    }

    assert len(ids) == 2


def test_a_text_is_taken_in_and_rejected_with_its_code(api: httpx.Client) -> None:
    headers = {"content-type": "image/jpeg"}
    answer = api.post("/images", content=b"only words", headers=headers)

    found = settled(api, answer.json()["id"])

    assert found["status"] == "rejected"
    assert found["error"]["code"] == "not_an_image"  # type: ignore[index]  # JSON


@pytest.mark.parametrize(
    ("content", "content_type", "filename", "status", "code"),
    [
        (b"", "image/jpeg", "a.jpg", 400, "empty"),
        (b"{}", "application/json", "a.jpg", 415, "unsupported_media_type"),
        (b"x", "image/jpeg", "a" * 2000, 422, "invalid_request"),
    ],
)
def test_an_upload_at_fault_is_a_problem_with_a_code(
    api: httpx.Client, content: bytes, content_type: str, filename: str, status: int, code: str
) -> None:
    answer = api.post(
        "/images",
        params={"filename": filename},
        content=content,
        headers={"content-type": content_type},
    )

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["status"]) == (code, status)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/images/{'a' * 26}", 404, "not_found"),
        ("/images/short", 422, "invalid_request"),
        (f"/images/{'A' * 26}", 422, "invalid_request"),
    ],
)
def test_a_picture_nobody_knows_is_a_problem(
    api: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_deleted_picture_is_gone(api: httpx.Client, stack: Stack) -> None:
    key = api.post("/images", content=jpeg()).json()["key"]
    image_id = stack.settled(key).id
    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)
    stack.awaited(key, "deleted")

    answer = api.get(f"/images/{image_id}")

    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_key_nothing_is_told(api: httpx.Client, key: str) -> None:
    answer = api.get(f"/images/{'a' * 26}", headers={"x-api-key": key})

    assert answer.status_code == 403


def test_a_preflight_needs_no_key(address: Address) -> None:
    answer = httpx.options(
        f"{address.api_url}/images",
        headers={
            "origin": "https://elsewhere.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-api-key",
        },
    )

    allowed = answer.headers["access-control-allow-headers"].lower()
    assert answer.status_code in {200, 204}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-api-key" in allowed


@pytest.mark.parametrize("bucket", ["originals_bucket", "processed_bucket"])
def test_a_bucket_answers_nobody_anonymous(address: Address, stack: Stack, bucket: str) -> None:
    name = str(getattr(address, bucket))
    stack.s3.put_object(Bucket=name, Key="here", Body=b"x")

    answer = httpx.get(f"{address.endpoint}/{name}/here")

    assert answer.status_code == 403
