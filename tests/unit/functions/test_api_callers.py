"""The credentials of a request: a key, the token of a user, or the signature of an AWS identity."""

import pytest
from fakes.api import FakeApiDeps, FakeTokens, ask

from imagemill.domain.caller import OWN_IMAGES, Caller
from imagemill.domain.keys import image_id

ID = image_id("a.jpg")
ROUTES = [
    ("POST", "/images", "upload"),
    ("POST", "/uploads", "upload"),
    ("GET", "/images", "read"),
    ("GET", f"/images/{ID}", "read"),
    ("GET", f"/images/{ID}/original", "read"),
    ("GET", f"/images/{ID}/renditions/500", "read"),
    ("DELETE", f"/images/{ID}", "delete"),
]
OPEN = ["/health", "/openapi.json", "/docs"]
ALICE = Caller("user:alice", OWN_IMAGES)


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
