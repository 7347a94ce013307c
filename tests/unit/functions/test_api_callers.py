"""The credentials of a request: a key, the token of a user, or the signature of an AWS identity."""

import json

import pytest
from fakes.api import FakeApiDeps, FakeFeed, FakeTokens, ask, upload
from fakes.cloud import ready_record
from fakes.stores import FakeRecords

from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, key_value, owning
from imagemill.domain.keys import image_id, upload_key
from imagemill.functions.logs import formatter

ID = image_id("a.jpg")
ROUTES = [
    ("POST", "/images", "upload"),
    ("POST", "/uploads", "upload"),
    ("GET", "/images", "read"),
    ("GET", f"/images/{ID}", "read"),
    ("GET", f"/images/{ID}/original", "read"),
    ("GET", f"/images/{ID}/renditions/500", "read"),
    ("PATCH", f"/images/{ID}", "upload"),
    ("POST", "/multipart", "upload"),
    ("POST", f"/multipart/{ID}/parts", "upload"),
    ("GET", f"/multipart/{ID}/parts", "upload"),
    ("POST", f"/multipart/{ID}/complete", "upload"),
    ("DELETE", f"/multipart/{ID}", "upload"),
    ("DELETE", f"/images/{ID}", "delete"),
    ("POST", f"/images/{ID}/reprocess", "upload"),
]
OPEN = ["/health", "/openapi.json", "/docs"]
ALICE, BOB = owning("user:alice", OWN_IMAGES), owning("user:bob", OWN_IMAGES)
ADMIN = owning("user:root", EVERYTHING)
TOKENS = FakeTokens({"alice": ALICE, "bob": BOB, "root": ADMIN})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "origin": "https://page.example"}


@pytest.mark.parametrize(("method", "path", "_scope"), ROUTES)
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer"}, bearer("wrong")]
)
def test_the_url_of_users_needs_a_token(
    method: str, path: str, _scope: str, headers: dict[str, str]
) -> None:
    answer = ask(FakeApiDeps(), method, path, headers=headers, auth="jwt")

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_refusal_can_be_read_by_a_page() -> None:
    answer = ask(FakeApiDeps(), "GET", "/images", headers=bearer("wrong"), auth="jwt")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_user_with_a_token_is_answered() -> None:
    deps = FakeApiDeps(tokens=FakeTokens({"t": ALICE}))

    assert ask(deps, "GET", "/images", headers=bearer("t"), auth="jwt").status == 200


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_a_route_needs_its_scope(method: str, path: str, scope: str) -> None:
    others = OWN_IMAGES - {scope}
    deps = FakeApiDeps(tokens=FakeTokens({"t": Caller("user:bob", frozenset(others))}))

    answer = ask(deps, method, path, headers=bearer("t"), auth="jwt")

    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert scope in answer.json["detail"]


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("auth", [None, "jwt", "iam"])
def test_health_and_docs_need_no_credentials(path: str, auth: str | None) -> None:
    assert ask(FakeApiDeps(), "GET", path, auth=auth).status == 200


def test_an_aws_identity_is_answered() -> None:
    who = {"userArn": "arn:aws:iam::123456789012:user/joe"}

    assert ask(FakeApiDeps(), "GET", "/images", auth="iam", identity=who).status == 200


@pytest.mark.parametrize("auth", ["iam", "invented"])
def test_a_request_without_an_identity_is_refused(auth: str) -> None:
    answer = ask(FakeApiDeps(), "GET", "/images", auth=auth)

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")


def test_a_token_at_the_url_of_keys_changes_nothing() -> None:
    assert ask(FakeApiDeps(), "GET", "/images", headers=bearer("wrong")).status == 200


RECORD = ready_record(upload_key("a.jpg", "token", ALICE.owner))
PATHS = [
    ("GET", f"/images/{RECORD.id}"),
    ("GET", f"/images/{RECORD.id}/original"),
    ("GET", f"/images/{RECORD.id}/renditions/500"),
    ("PATCH", f"/images/{RECORD.id}"),
    ("DELETE", f"/images/{RECORD.id}"),
    ("POST", f"/images/{RECORD.id}/reprocess"),
]


def of_alice() -> FakeApiDeps:
    feed = FakeFeed([RECORD, ready_record("b.jpg")])
    return FakeApiDeps(FakeRecords({RECORD.id: RECORD}), feed, tokens=TOKENS)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(("token", "found"), [("alice", True), ("root", True), ("bob", False)])
def test_only_its_owner_and_administrators_find_an_image(
    method: str, path: str, token: str, found: bool
) -> None:
    body = b'{"focus": null}' if method == "PATCH" else b""

    answer = ask(of_alice(), method, path, body, bearer(token), auth="jwt")

    assert (answer.status != 404) is found
    if not found:
        assert answer.json["code"] == "not_found"


@pytest.mark.parametrize(("token", "keys"), [("alice", 1), ("bob", 0), ("root", 2)])
def test_a_list_has_the_images_of_its_caller(token: str, keys: int) -> None:
    answer = ask(of_alice(), "GET", "/images", headers=bearer(token), auth="jwt")

    assert len(answer.json["images"]) == keys


@pytest.mark.parametrize("path", ["/images", "/uploads"])
def test_an_upload_is_of_its_caller(path: str) -> None:
    deps = FakeApiDeps(tokens=TOKENS)
    body = b'{"filename": "a.jpg", "bytes": 3}'
    kind = "image/jpeg" if path == "/images" else "application/json"

    answer = ask(deps, "POST", path, body, {**bearer("alice"), "content-type": kind}, auth="jwt")
    image = ask(deps, "GET", f"/images/{answer.json['id']}", headers=bearer("alice"), auth="jwt")

    assert answer.json["key"].startswith(f"uploads/~{ALICE.owner}/")
    assert image.json["owner"] == ALICE.owner


def test_an_upload_with_the_key_of_the_stack_has_no_owner() -> None:
    deps = FakeApiDeps()

    image_id_ = upload(deps, "a.jpg").json["id"]

    assert ask(deps, "GET", f"/images/{image_id_}").json["owner"] is None


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_a_key_permits_what_its_value_says(method: str, path: str, scope: str) -> None:
    value = key_value("k", frozenset(OWN_IMAGES - {scope}), "a" * 40)

    answer = ask(FakeApiDeps(), method, path, identity={"apiKey": value})

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_of_two_keys_in_a_request_none_is_believed() -> None:
    event_key = {"x-api-key": "a valid key"}
    answer = ask(
        FakeApiDeps(), "GET", "/images", headers=event_key, identity={"caller": "x"}, keys=2
    )

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("level", ["INFO", "ERROR"])
def test_an_upload_a_change_and_a_deletion_are_audited_at_every_level(
    level: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    deps = of_alice()
    kind = {**bearer("alice"), "content-type": "image/jpeg"}
    made = ask(deps, "POST", "/images", b"123", kind, auth="jwt").json
    point = b'{"focus": {"x": 0, "y": 1}}'
    ask(deps, "PATCH", f"/images/{RECORD.id}", point, bearer("bob"), auth="jwt")
    ask(deps, "PATCH", f"/images/{RECORD.id}", point, bearer("alice"), auth="jwt")
    again = f"/images/{RECORD.id}/reprocess"
    ask(deps, "POST", again, headers=bearer("alice"), auth="jwt")
    ask(deps, "POST", again, headers=bearer("bob"), auth="jwt")
    ask(deps, "DELETE", f"/images/{RECORD.id}", headers=bearer("alice"), auth="jwt")
    ask(deps, "DELETE", f"/images/{RECORD.id}", headers=bearer("bob"), auth="jwt")

    lines = [json.loads(formatter().format(record)) for record in caplog.records]
    found = [line for line in lines if line["message"] == "audit"]

    assert [(one["action"], one["actor"], one["image"], one["owner"]) for one in found] == [
        ("upload", "user:alice", made["id"], ALICE.owner),
        ("focus", "user:alice", RECORD.id, ALICE.owner),
        ("reprocess", "user:alice", RECORD.id, ALICE.owner),
        ("delete", "user:alice", RECORD.id, ALICE.owner),
    ]
