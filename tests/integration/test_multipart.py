"""Uploads in parts through the REST API, by a client without AWS credentials."""

import base64
import hashlib
from typing import Any

import httpx
from fakes.images import jpeg
from live.api import wait_until_final
from live.stack import TIMEOUT_S

PART_BYTES = 8 * 1024 * 1024


def large_image() -> bytes:
    """Return an image of two parts: decoders ignore what follows its end."""
    return jpeg(640, 480) + bytes(PART_BYTES)


def begin(api: httpx.Client, data: bytes) -> dict[str, Any]:
    spec = {"filename": "large.jpg", "content_type": "image/jpeg", "bytes": len(data)}
    answer = api.post("/multipart", json=spec)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def sign(api: httpx.Client, ticket: dict[str, Any], data: bytes, number: int) -> dict[str, Any]:
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    wanted = {"upload_id": ticket["upload_id"], "parts": [{"number": number, "sha256": checksum}]}
    answer = api.post(f"/multipart/{ticket['id']}/parts", json=wanted)
    assert answer.status_code == 200
    [found] = answer.json()["parts"]
    assert isinstance(found, dict)
    return found


def put(part: dict[str, Any], data: bytes) -> int:
    return httpx.put(
        part["url"], content=data, headers=part["headers"], timeout=TIMEOUT_S
    ).status_code


def arrived(api: httpx.Client, ticket: dict[str, Any]) -> httpx.Response:
    return api.get(f"/multipart/{ticket['id']}/parts", params={"upload_id": ticket["upload_id"]})


def complete(api: httpx.Client, ticket: dict[str, Any]) -> httpx.Response:
    path = f"/multipart/{ticket['id']}/complete"
    return api.post(path, json={"upload_id": ticket["upload_id"]})


def test_an_interrupted_upload_is_continued_and_becomes_ready(api: httpx.Client) -> None:
    data = large_image()
    first, second = data[:PART_BYTES], data[PART_BYTES:]
    ticket = begin(api, data)
    assert put(sign(api, ticket, first, 1), first) == 200

    left = arrived(api, ticket).json()["parts"]
    early = complete(api, ticket)
    damaged = put(sign(api, ticket, second, 2), second[:-1] + b"x")
    longer = put(sign(api, ticket, second, 2), second + b"x")
    sent = put(sign(api, ticket, second, 2), second)
    ends = [complete(api, ticket) for _ in range(2)]

    assert (ticket["part_bytes"], ticket["parts"]) == (PART_BYTES, 2)
    assert [(part["number"], part["bytes"]) for part in left] == [(1, PART_BYTES)]
    assert (early.status_code, early.json()["code"]) == (422, "invalid_request")
    assert "1 are missing: 2" in early.json()["detail"]
    assert damaged in range(400, 500)
    assert longer in range(400, 500)
    assert (sent, [end.status_code for end in ends]) == (200, [202, 202])
    assert ends[0].json() == ends[1].json()
    found = wait_until_final(api, ticket["id"])
    assert found["version_id"] == ends[0].json()["version_id"]
    assert (found["status"], found["original"]["bytes"]) == ("ready", len(data))
    original = httpx.get(found["links"]["original"], timeout=TIMEOUT_S)
    assert original.content == data


def test_an_aborted_upload_has_no_parts(api: httpx.Client) -> None:
    data = large_image()
    ticket = begin(api, data)
    last = data[PART_BYTES:]
    put(sign(api, ticket, last, 2), last)
    path, query = f"/multipart/{ticket['id']}", {"upload_id": ticket["upload_id"]}

    ends = [api.delete(path, params=query).status_code for _ in range(2)]

    assert ends == [202, 202]
    assert (arrived(api, ticket).status_code, complete(api, ticket).status_code) == (404, 404)
