"""The routes of uploads in parts."""

import json
from typing import Any

import pytest
from fakes.api import Answer, FakeApiDeps, ask

from imagemill.domain.upload_parts import PART_BYTES, StoredPart

JSON = {"content-type": "application/json"}
SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
SPEC = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": PART_BYTES + 1}


def post(deps: FakeApiDeps, path: str, body: object) -> Answer:
    return ask(deps, "POST", path, body=json.dumps(body).encode(), headers=JSON)


def begun(deps: FakeApiDeps) -> dict[str, Any]:
    answer = post(deps, "/multipart", SPEC)
    assert (answer.status, answer.headers["Location"]) == (201, f"images/{answer.json['id']}")
    found: dict[str, Any] = answer.json
    return found


def test_an_upload_begins_with_the_number_and_size_of_its_parts() -> None:
    found = begun(FakeApiDeps())

    assert (found["status"], found["part_bytes"], found["parts"]) == ("pending", PART_BYTES, 2)


def test_parts_get_urls_with_the_headers_to_send() -> None:
    deps = FakeApiDeps()
    ticket = begun(deps)
    wanted = {"upload_id": ticket["upload_id"], "parts": [{"number": 2, "sha256": SHA256}]}

    answer = post(deps, f"/multipart/{ticket['id']}/parts", wanted)

    [part] = answer.json["parts"]
    assert (answer.status, part["number"]) == (200, 2)
    assert part["headers"] == {"length": "1", "sha256": SHA256}
    assert answer.json["expires_at"].endswith("Z")


def test_arrived_parts_are_listed_and_completed() -> None:
    deps = FakeApiDeps()
    ticket = begun(deps)
    path, upload = f"/multipart/{ticket['id']}", ticket["upload_id"]
    sent = [StoredPart(1, PART_BYTES, "e", SHA256), StoredPart(2, 1, "e", SHA256)]
    deps.parts.begun[ticket["key"], upload] += sent

    listed = ask(deps, "GET", f"{path}/parts", query={"upload_id": upload})
    ended = post(deps, f"{path}/complete", {"upload_id": upload})

    assert listed.json["parts"] == [
        {"number": 1, "bytes": PART_BYTES, "sha256": SHA256},
        {"number": 2, "bytes": 1, "sha256": SHA256},
    ]
    assert (ended.status, ended.json["id"], ended.json["status"]) == (202, ticket["id"], "pending")
    assert (ended.json["version_id"], ended.json["etag"]) == ("v1", "e-2")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"parts": [{"number": 1, "sha256": SHA256}]}, "upload_id"),
        ({"upload_id": "a b", "parts": [{"number": 1, "sha256": SHA256}]}, "upload_id"),
        ({"upload_id": "u"}, "parts"),
        ({"upload_id": "u", "parts": []}, "parts"),
        ({"upload_id": "u", "parts": [{"number": 0, "sha256": SHA256}]}, "parts"),
        ({"upload_id": "u", "parts": [{"number": 1, "sha256": "x"}]}, "parts"),
        ({"upload_id": "u", "parts": [{"number": 1}]}, "parts"),
        ({"upload_id": "u", "parts": [1]}, "parts"),
        ({"upload_id": "u", "parts": [{"number": 1, "sha256": SHA256}] * 65}, "parts"),
    ],
)
def test_wrong_fields_are_named(body: object, field: str) -> None:
    deps = FakeApiDeps()

    answer = post(deps, f"/multipart/{begun(deps)['id']}/parts", body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(("method", "end"), [("GET", "/parts"), ("DELETE", "")])
def test_the_id_of_the_upload_is_required(method: str, end: str) -> None:
    deps = FakeApiDeps()

    answer = ask(deps, method, f"/multipart/{begun(deps)['id']}{end}")

    assert (answer.status, "upload_id" in answer.json["detail"]) == (422, True)
