"""Uploads through the REST API, by a client without AWS credentials."""

import httpx
import pytest
from fakes.images import jpeg, png
from live.api import post_form, post_image, request_upload, upload_rejected, wait_until_final
from live.stack import TIMEOUT_S


def test_a_posted_image_gets_a_rendition_to_download(api: httpx.Client) -> None:
    answer = api.post(
        "/images",
        params={"filename": "été (1).jpg"},
        content=jpeg(1200, 800, orientation=6),
        headers={"content-type": "image/jpeg"},
    )

    found = wait_until_final(api, answer.json()["id"])
    rendition = httpx.get(found["links"]["renditions"]["500"], timeout=TIMEOUT_S)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert (found["status"], found["filename"]) == ("ready", "été (1).jpg")
    assert (rendition.status_code, rendition.headers["content-type"]) == (200, "image/jpeg")
    assert rendition.content.startswith(b"\xff\xd8\xff")


def test_a_multipart_form_is_accepted(api: httpx.Client) -> None:
    data = png(300, 200)

    answer = api.post("/images", files={"anything": ("é.png", data, "image/png")})

    found = wait_until_final(api, answer.json()["id"])
    assert (found["status"], found["filename"]) == ("ready", "é.png")
    assert httpx.get(found["links"]["original"], timeout=TIMEOUT_S).content == data


def test_the_location_header_names_the_new_image(api: httpx.Client) -> None:
    headers = {"content-type": "image/jpeg"}

    answer = api.post("/images", content=jpeg(), headers=headers)

    location = answer.url.join(answer.headers["location"])
    assert api.get(location).json()["id"] == answer.json()["id"]


def test_two_uploads_with_the_same_name_are_two_images(api: httpx.Client) -> None:
    assert post_image(api, jpeg()) != post_image(api, jpeg())


def test_a_file_uploaded_with_the_presigned_form_becomes_ready(api: httpx.Client) -> None:
    data = png(640, 480)
    ticket = request_upload(api, "large.png", "image/png", len(data))
    before = api.get(f"/images/{ticket['id']}").json()["status"]

    stored = post_form(ticket, data)

    assert (before, stored.status_code) == ("pending", 204)
    assert wait_until_final(api, ticket["id"])["status"] == "ready"


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (b"", {}),
        (b"x", {"key": "uploads/elsewhere/a.png"}),
        (b"x", {"Content-Type": "text/html"}),
        (b"x", {"Content-Type": "image/svg+xml"}),
        (bytes(2_000), {}),
        (b"x", {"x-amz-signature": "0" * 64}),
    ],
)
def test_a_presigned_form_accepts_only_the_announced_key_type_and_size(
    api: httpx.Client, data: bytes, changed: dict[str, str]
) -> None:
    ticket = request_upload(api, "a.png", "image/png", 1)

    assert post_form(ticket, data, **changed).status_code in {400, 403}


@pytest.mark.parametrize("filename", ["${filename}", "x${filename}.png"])
def test_a_file_name_with_a_form_variable_does_not_allow_another_key(
    api: httpx.Client, filename: str
) -> None:
    data = png(640, 480)
    ticket = request_upload(api, filename, "image/png", len(data))

    stored = post_form(ticket, data)
    other_key = post_form(ticket, data, key=ticket["key"].rpartition("/")[0] + "/other.png")

    assert (stored.status_code, other_key.status_code) == (204, 403)
    assert wait_until_final(api, ticket["id"])["status"] == "ready"


def test_a_file_above_the_size_limit_is_rejected_before_the_upload(api: httpx.Client) -> None:
    request = {"filename": "a.png", "content_type": "image/png", "bytes": 101 << 20}

    answer = api.post("/uploads", json=request)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_bytes")


def test_an_uploaded_text_is_rejected_with_its_code(api: httpx.Client) -> None:
    image = upload_rejected(api)

    found = wait_until_final(api, image)
    rendition = api.get(f"/images/{image}/renditions/500")

    assert (found["status"], found["error"]["code"]) == ("rejected", "not_an_image")
    assert (rendition.status_code, rendition.json()["code"]) == (422, "not_an_image")


@pytest.mark.parametrize(
    ("content", "content_type", "filename", "status", "code"),
    [
        (b"", "image/jpeg", "a.jpg", 422, "empty"),
        (b"only words", "image/jpeg", "a.jpg", 422, "not_an_image"),
        (b"%PDF-1.7", "image/jpeg", "a.jpg", 422, "unsupported_format"),
        (b"{}", "application/json", "a.jpg", 415, "unsupported_media_type"),
        (b"x", "image/jpeg", "a" * 2000, 422, "invalid_request"),
        (bytes(5_000_000), "image/jpeg", "a.jpg", 413, "too_many_bytes"),
    ],
)
def test_an_invalid_upload_is_answered_with_a_problem_and_its_code(
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
