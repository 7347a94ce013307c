"""Requests to the REST API, as a client sends them."""

from collections.abc import Iterator
from typing import Any

import httpx

from live.stack import TIMEOUT_S, attempts


def wait_until_final(api: httpx.Client, image_id: str) -> dict[str, Any]:
    """Poll until the image is no longer pending, and return it."""
    for _ in attempts():
        found = api.get(f"/images/{image_id}").raise_for_status().json()
        if found["status"] != "pending":
            return dict(found)
    raise AssertionError(f"{image_id} stayed pending")


def post_image(api: httpx.Client, data: bytes, filename: str = "a.jpg") -> str:
    """Upload bytes as a JPEG, valid or not, and return the id."""
    headers = {"content-type": "image/jpeg"}
    answer = api.post("/images", params={"filename": filename}, content=data, headers=headers)
    return str(answer.raise_for_status().json()["id"])


def request_upload(api: httpx.Client, filename: str, kind: str, size: int) -> dict[str, Any]:
    """Request a presigned upload and return it."""
    upload = {"filename": filename, "content_type": kind, "bytes": size}
    return dict(api.post("/uploads", json=upload).raise_for_status().json())


def post_form(ticket: dict[str, Any], data: bytes, **changed: str) -> httpx.Response:
    """Upload a file with the presigned form of a ticket; `changed` replaces fields."""
    fields = ticket["fields"] | changed
    return httpx.post(ticket["url"], data=fields, files={"file": ("x", data)}, timeout=TIMEOUT_S)


def upload_rejected(api: httpx.Client) -> str:
    """Upload a text file that is declared as a JPEG and return its id."""
    ticket = request_upload(api, "words.jpg", "image/jpeg", 10)
    post_form(ticket, b"only words")
    return str(ticket["id"])


def all_pages(api: httpx.Client, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield every page of a listing."""
    page = api.get("/images", params=query).raise_for_status().json()
    yield page
    while page["cursor"]:
        asked = query | {"cursor": page["cursor"]}
        page = api.get("/images", params=asked).raise_for_status().json()
        yield page
