"""Error texts of wrong requests: short, with the field and its allowed values."""

import json
import re
import resource
from typing import Any

import pytest
from fakes.api import Answer, FakeApiDeps, ask, form, with_record
from fakes.events import created

from imagemill.domain.keys import image_id
from imagemill.domain.record import Fault
from imagemill.domain.transitions import AttemptTimes, rejected
from imagemill.functions.api import fields, library_fields, share_fields
from imagemill.functions.api.__main__ import contract_text
from imagemill.functions.api.limits import MAX_JSON_BYTES

ID = image_id("a.jpg")
INNER = re.compile(
    r"\b(path|query|body|header)\.[a-z_]+|Input should|String should|Value error|Extra inputs|"
    r"Field required|match pattern|\^\[|pydantic|Error\(|parser",
    re.IGNORECASE,
)
JSON = {"content-type": "application/json"}
UPLOAD_REQUEST = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 5}
MAX_ANSWER_BYTES = 2_000
LONG = "x" * 50_000
HOSTILE = "\u202e\x00\r\n\ud800\x1b[31m"


def announce(body: Any) -> Answer:  # noqa: ANN401  # any JSON
    return announce_at(FakeApiDeps(), body)


def announce_at(deps: FakeApiDeps, body: Any) -> Answer:  # noqa: ANN401  # any JSON
    return ask(deps, "POST", "/uploads", json.dumps(body).encode(), JSON)


def test_every_declared_field_is_in_the_contract_and_no_other() -> None:
    contract = json.loads(contract_text())
    operations = [one for item in contract["paths"].values() for one in item.values()]
    parameters = [one for item in operations for one in item.get("parameters", [])]
    named = {one["name"] for one in parameters if one["in"] != "header"}
    bodies = [
        contract["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        for path, method in (
            ("/uploads", "post"),
            ("/images/{image_id}", "patch"),
            ("/shares", "post"),
            ("/multipart/{image_id}/parts", "post"),
        )
    ]
    bodies.append(bodies[-1]["properties"]["parts"]["items"])

    every = [*vars(fields).values(), *vars(library_fields).values(), *vars(share_fields).values()]
    declared = {one.name for one in every if isinstance(one, fields.Field)}
    assert named.union(*(body["properties"] for body in bodies)) == declared


@pytest.mark.parametrize(
    ("method", "path", "query", "detail"),
    [
        ("GET", "/images/not-an-id", {}, "image_id: expected the id of an image"),
        ("DELETE", f"/images/{ID}x", {}, "image_id: expected the id of an image"),
        ("GET", f"/images/{ID}/renditions/A%20B", {}, "preset: expected the name of a preset"),
        ("GET", "/images", {"limit": "0"}, "limit: expected a whole number from 1 to 100, got '0'"),
        ("GET", "/images", {"limit": "abc"}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": "101"}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": "5.5"}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": "5."}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": "1__0"}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": "٣"}, "limit: expected a whole number from 1 to 100"),
        ("GET", "/images", {"limit": ""}, "limit: expected a whole number from 1 to 100"),
        (
            "GET",
            "/images",
            {"limit": "0", "cursor": "", "status": "x", "other": "x"},
            (
                "limit: expected a whole number from 1 to 100, got '0'; cursor: expected the "
                "cursor of a page, 1 to 128 characters, got ''; status: expected one of"
            ),
        ),
        ("GET", "/images", {"limit": "9" * 5_000}, "limit: expected a whole number"),
        ("GET", "/images", {"status": "deleted"}, "status: expected one of pending, ready"),
        ("GET", "/images", {"cursor": ""}, "cursor: expected the cursor of a page"),
        ("GET", "/images", {"cursor": LONG}, "cursor: expected the cursor of a page"),
        ("POST", "/images", {"filename": LONG}, "filename: expected text of 1 to 1024 characters"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_allowed_values(
    method: str, path: str, query: dict[str, str], detail: str
) -> None:
    answer = ask(FakeApiDeps(), method, path, query=query)

    assert_short(answer)
    assert answer.json["detail"].startswith(detail)
    assert answer.json["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"filename": "a"},
            "bytes: expected the size of the file, a whole number of at least 1, got",
        ),
        (UPLOAD_REQUEST | {"bytes": -1}, "bytes: expected the size of the file"),
        (
            UPLOAD_REQUEST | {"bytes": 10**4000},
            "expected at most 50000000 bytes, got a number of many digits",
        ),
        (UPLOAD_REQUEST | {"size": 5}, "'size': there is no such field"),
        (UPLOAD_REQUEST | {"content_type": "text/html"}, "content_type: expected an image type"),
        (
            UPLOAD_REQUEST | {"content_type": "\u202e\x00\r\n"},
            "content_type: expected an image type",
        ),
        (UPLOAD_REQUEST | {"filename": HOSTILE}, "expected a JSON object as the body"),
        (
            UPLOAD_REQUEST | {"filename": ["a"]},
            "filename: expected text of 1 to 1024 characters, got a list",
        ),
        ([], "expected a JSON object as the body"),
        ("x", "expected a JSON object as the body"),
        ({LONG[:9_000]: 1}, f"'{LONG[:40]}…': there is no such field; filename: expected text"),
    ],
)
def test_a_wrong_field_is_named_with_its_allowed_values(body: object, detail: str) -> None:
    answer = announce(body)

    assert_short(answer)
    assert answer.json["detail"].startswith(detail)


def test_only_the_first_errors_are_named_and_the_others_counted() -> None:
    answer = announce(UPLOAD_REQUEST | {f"{n:x}": 1 for n in range(1_000)})

    assert answer.json["detail"] == (
        "'0': there is no such field; '1': there is no such field; '2': there is no such field; "
        "and 997 more"
    )


@pytest.mark.parametrize("limit", ["1", "100", "+5", " 5 ", "05", "5.00", "1_0"])
def test_a_whole_number_may_be_written_in_several_ways(limit: str) -> None:
    assert ask(FakeApiDeps(), "GET", "/images", query={"limit": limit}).status == 200


def test_a_repeated_parameter_is_refused() -> None:
    answer = ask(FakeApiDeps(), "GET", "/images", many={"limit": ["1", "2"]})

    assert (answer.status, answer.json["detail"]) == (422, "limit: expected one value, got several")


def test_a_body_that_is_far_too_long_is_refused_before_it_is_read() -> None:
    body = json.dumps({f"{n:x}": 1 for n in range(400_000)}).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime

    answer = ask(FakeApiDeps(), "POST", "/uploads", body, JSON)

    assert_short(answer)
    assert f"at most {MAX_JSON_BYTES} bytes" in answer.json["detail"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1


@pytest.mark.parametrize("letter", ["a", "é", "🦊"])
def test_the_longest_name_fits_into_the_body_with_any_escaping(letter: str) -> None:
    assert announce(UPLOAD_REQUEST | {"filename": letter * 1_024}).status == 201


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/" + LONG, b"x"),
        ("text/" + HOSTILE, b"x"),
        ("image/" + "j" * 500, b"x"),
        ("image/\xe9", b"x"),
        ("image/a b", b"x"),
        ("multipart/form-data; boundary=" + "b" * 900, b"x" * 9_000),
        ("multipart/form-data; boundary=b0", form(("f", "a", LONG[:3_000], b"x"))),
        ("multipart/form-data; boundary=b0", b"--b0\r\nX: \xff" + LONG[:3_000].encode() + b"\r\n"),
        ('; a="\\' * 200, b"x"),
    ],
)
def test_the_detail_of_a_wrong_body_is_short(kind: str, body: bytes) -> None:
    answer = ask(FakeApiDeps(), "POST", "/images", body, {"content-type": kind})

    assert_short(answer)


def test_a_compressed_body_is_refused_by_its_encoding() -> None:
    headers = {"content-type": "image/jpeg", "content-encoding": "gzip"}

    answer = ask(FakeApiDeps(), "POST", "/images", b"\x1f\x8b", headers)

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")
    assert "Content-Encoding" in answer.json["detail"]


def test_an_image_of_an_unspecific_type_is_accepted() -> None:
    deps = FakeApiDeps()

    ask(deps, "POST", "/images", b"x", {"content-type": "image/*"})

    assert [kind for _, kind in deps.inbox.objects.values()] == ["application/octet-stream"]


def test_the_detail_from_a_record_is_short() -> None:
    work = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)
    deps = with_record(rejected(created("a.jpg"), work, Fault("corrupt", LONG)))

    assert_short(ask(deps, "GET", f"/images/{ID}/renditions/500"))


@pytest.mark.parametrize("path", ["/" + LONG, "/images/" + LONG, f"/images/{ID}/" + HOSTILE])
@pytest.mark.parametrize("method", ["GET", "PATCH", "QUERY", "x" * 200])
def test_a_path_of_any_length_gets_a_short_response(method: str, path: str) -> None:
    assert_short(ask(FakeApiDeps(), method, path))


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_changes_the_method(name: str) -> None:
    deps = with_record(
        rejected(created("a.jpg"), AttemptTimes("r1", 1, "x", 1), Fault("corrupt", "x"))
    )

    answer = ask(deps, "GET", f"/images/{ID}", headers={name: "DELETE"})

    assert (answer.status, answer.json["status"]) == (200, "rejected")


def assert_short(answer: Answer) -> None:
    assert 400 <= answer.status < 500
    assert len(answer.body.encode()) < MAX_ANSWER_BYTES
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not INNER.search(answer.json["detail"]), answer.json["detail"]
    assert answer.json["detail"].isprintable()
