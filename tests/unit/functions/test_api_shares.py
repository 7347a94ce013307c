"""Share links: who may make them, and each route with each kind of token."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fakes.api import Answer, FakeApiDeps, FakeFeed, FakeTokens, ask
from fakes.cloud import ready_record
from fakes.stores import FakeRecords, StoppedClock

from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, Grant, owning
from imagemill.domain.keys import upload_key
from imagemill.domain.share_tokens import SignedShare, read_token, token_of
from imagemill.functions.logs import formatter
from imagemill.private.signer import LinkSigner

NOW_S = StoppedClock().now_s()
INSIDE, DEEPER, OUTSIDE = (ready_record(key) for key in ("a/1.jpg", "a/b/2.jpg", "ab/3.jpg"))
DAY_S = 24 * 3600
ALICE, BOB = owning("user:alice", OWN_IMAGES), owning("user:bob", OWN_IMAGES)
OF_ALICE = ready_record(upload_key("a.jpg", "token", ALICE.owner))
TOKENS = FakeTokens(
    {
        "alice": ALICE,
        "bob": BOB,
        "root": owning("user:root", EVERYTHING),
        "uploader": Caller("key:u", frozenset({"upload"}), "u" * 26),
        "reader": Caller("key:r", frozenset({"read"}), "r" * 26),
    }
)


class LaterClock(StoppedClock):
    """The clock a week and a second later."""

    def now_s(self) -> int:
        return NOW_S + 7 * DAY_S + 1


def deps_of(**changes: Any) -> FakeApiDeps:  # noqa: ANN401  # fields of different types
    records = (INSIDE, DEEPER, OUTSIDE, OF_ALICE)
    found = FakeRecords({one.id: one for one in records})
    return FakeApiDeps(found, FakeFeed(list(records)), tokens=TOKENS, **changes)


def make(deps: FakeApiDeps, body: dict[str, object], caller: str = "root") -> Answer:
    return by(deps, caller, "POST", "/shares", json.dumps(body).encode())


def by(deps: FakeApiDeps, token: str, method: str, path: str, body: bytes = b"") -> Answer:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return ask(deps, method, path, body, headers, auth="jwt")


def shared(
    deps: FakeApiDeps,
    token: str,
    method: str,
    path: str,
    body: bytes = b"",
    query: dict[str, str] | None = None,
) -> Answer:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return ask(deps, method, path, body, headers, query, auth="share")


def routes(inside: str, outside: str) -> dict[str, tuple[str, str, bytes]]:
    """Return every route of the API, by a name; `inside` and `outside` are ids of images."""
    upload = json.dumps({"filename": "a.jpg", "bytes": 1}).encode()
    return {
        "the share": ("GET", "/share", b""),
        "list": ("GET", "/images", b""),
        "search": ("GET", "/search", b""),
        "folder": ("GET", "/folders", b""),
        "read": ("GET", f"/images/{inside}", b""),
        "rendition": ("GET", f"/images/{inside}/renditions/500", b""),
        "original": ("GET", f"/images/{inside}/original", b""),
        "read another": ("GET", f"/images/{outside}", b""),
        "another rendition": ("GET", f"/images/{outside}/renditions/500", b""),
        "another original": ("GET", f"/images/{outside}/original", b""),
        "upload": ("POST", "/images", b"123"),
        "announce": ("POST", "/uploads", upload),
        "change": ("PATCH", f"/images/{inside}", b'{"focus": null}'),
        "delete": ("DELETE", f"/images/{inside}", b""),
        "begin parts": ("POST", "/multipart", upload),
        "sign parts": ("POST", f"/multipart/{inside}/parts", b"{}"),
        "list parts": ("GET", f"/multipart/{inside}/parts", b""),
        "complete": ("POST", f"/multipart/{inside}/complete", b"{}"),
        "abort": ("DELETE", f"/multipart/{inside}", b""),
        "cookies": ("POST", "/cookies", b""),
        "make a share": ("POST", "/shares", json.dumps({"image": inside}).encode()),
        "list shares": ("GET", "/shares", b""),
        "revoke": ("DELETE", f"/shares/{'0' * 26}", b""),
        "else": ("GET", "/else", b""),
    }


# Status of each route with the token of an image, and with that of a folder with originals.
ALLOWED = {
    "the share": (200, 200),
    "list": (200, 200),
    "search": (200, 200),
    "folder": (404, 200),
    "read": (200, 200),
    "rendition": (302, 302),
    "original": (403, 302),
    "read another": (404, 404),
    "another rendition": (404, 404),
    "another original": (404, 404),
    "cookies": (404, 404),
    "else": (404, 404),
}


@pytest.mark.parametrize("name", routes("", ""))
@pytest.mark.parametrize(
    ("column", "body"),
    [(0, {"image": INSIDE.id}), (1, {"prefix": "a/", "originals": True})],
    ids=["image", "folder"],
)
def test_a_share_opens_the_routes_of_its_images(
    name: str, column: int, body: dict[str, object]
) -> None:
    deps = deps_of()
    token = make(deps, body).json["token"]

    answer = shared(deps, token, *routes(INSIDE.id, OUTSIDE.id)[name])

    assert answer.status == ALLOWED.get(name, (403, 403))[column]


def expired(deps: FakeApiDeps) -> tuple[FakeApiDeps, str]:
    token = make(deps, {"prefix": "a/"}).json["token"]
    return replace(deps, clock=LaterClock()), token


def revoked(deps: FakeApiDeps) -> tuple[FakeApiDeps, str]:
    made = make(deps, {"prefix": "a/"}).json
    by(deps, "root", "DELETE", f"/shares/{made['id']}")
    return deps, made["token"]


def forged(deps: FakeApiDeps) -> tuple[FakeApiDeps, str]:
    key, _, signature = make(deps, {"image": INSIDE.id}).json["token"].split(".")
    facts = make(deps, {"prefix": "a/"}).json["token"].split(".")[1]
    return deps, f"{key}.{facts}.{signature}"


def of_another_key(deps: FakeApiDeps) -> tuple[FakeApiDeps, str]:
    grant = Grant(NOW_S + DAY_S, prefix="a/")
    return deps, token_of(SignedShare("0" * 26, grant), "a secret of another stack")


def unknown(deps: FakeApiDeps) -> tuple[FakeApiDeps, str]:
    grant = Grant(NOW_S + DAY_S, prefix="a/")
    return deps, token_of(SignedShare("0" * 26, grant), "present")


REFUSED = [
    (expired, "share_expired"),
    (revoked, "share_revoked"),
    (unknown, "share_revoked"),
    (forged, "unauthorized"),
    (of_another_key, "unauthorized"),
    (lambda deps: (deps, "ims1-00000000.e30.e30"), "unauthorized"),
    (lambda deps: (deps, "ims1-ä.b.c"), "unauthorized"),
]


@pytest.mark.parametrize("name", [name for name in routes("", "") if name != "else"])
@pytest.mark.parametrize(("spoil", "code"), REFUSED)
def test_no_route_takes_a_token_that_is_not_valid(name: str, spoil: Any, code: str) -> None:  # noqa: ANN401  # functions
    deps, token = spoil(deps_of())

    answer = shared(deps, token, *routes(INSIDE.id, OUTSIDE.id)[name])

    assert (answer.status, answer.json["code"]) == (401, code)


@pytest.mark.parametrize("auth", ["jwt", "iam"])
def test_other_urls_of_the_api_take_no_token_of_a_share(auth: str) -> None:
    deps = deps_of()
    token = make(deps, {"prefix": "a/"}).json["token"]
    headers = {"authorization": f"Bearer {token}"}

    answer = ask(deps, "GET", "/share", headers=headers, auth=auth, identity={"caller": "x"})

    assert answer.status == 401


@pytest.mark.parametrize("path", ["/images", "/search"])
@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"image": INSIDE.id}, {"a/1.jpg"}),
        ({"prefix": "a/"}, {"a/1.jpg", "a/b/2.jpg"}),
        ({"prefix": "a/b/"}, {"a/b/2.jpg"}),
    ],
)
def test_a_list_has_the_shared_images(path: str, body: dict[str, object], keys: set[str]) -> None:
    deps = deps_of()
    token = make(deps, body).json["token"]

    answer = shared(deps, token, "GET", path)

    assert {one["key"] for one in answer.json["images"]} == keys


def test_a_shared_folder_is_listed_from_its_own_top() -> None:
    deps = deps_of()
    token = make(deps, {"prefix": "a/"}).json["token"]

    top = shared(deps, token, "GET", "/folders").json
    deeper = shared(deps, token, "GET", "/folders", query={"prefix": "a/b/"}).json
    beside = shared(deps, token, "GET", "/folders", query={"prefix": "ab/"})

    assert (top["prefix"], [one["key"] for one in top["images"]]) == ("a/", ["a/1.jpg"])
    assert top["breadcrumbs"] == []
    assert [one["prefix"] for one in deeper["breadcrumbs"]] == ["a/b/"]
    assert beside.status == 404


@pytest.mark.parametrize("originals", [True, False])
def test_the_addresses_end_with_the_share_and_leave_the_original_out(originals: bool) -> None:
    deps = deps_of(links=LinkSigner("K", lambda _: b"s", 3600, lambda: NOW_S))
    body: dict[str, object] = {"image": INSIDE.id, "seconds": 60, "originals": originals}
    token = make(deps, body).json["token"]
    stage = {"site": "https://gallery.example", "widths": "320,640"}
    headers = {"authorization": f"Bearer {token}"}

    image = ask(
        deps, "GET", f"/images/{INSIDE.id}", headers=headers, auth="share", stage=stage
    ).json

    assert (image["links"]["original"] is not None) is originals
    assert f"Expires={NOW_S + 60}&" in image["public"]["renditions"]["500"]
    assert image["public"]["iiif"] is None


def test_a_share_says_what_it_shows_and_not_who_made_it() -> None:
    deps = deps_of()
    made = make(deps, {"prefix": "a/", "seconds": 3600}).json

    assert shared(deps, made["token"], "GET", "/share").json == {
        "image": None,
        "prefix": "a/",
        "originals": False,
        "expires_at": "2026-05-04T11:20:30.000Z",
    }
    signed = read_token(made["token"], ["present"])
    assert signed == SignedShare(made["id"], Grant(NOW_S + 3600, prefix="a/"))


def test_a_link_leads_to_the_gallery_with_the_token_in_the_fragment() -> None:
    stage = {"site": "https://gallery.example"}
    headers = {"authorization": "Bearer root", "content-type": "application/json"}

    made = ask(deps_of(), "POST", "/shares", b'{"prefix":"a/"}', headers, auth="jwt", stage=stage)

    assert made.status == 201
    assert made.json["url"] == f"https://gallery.example/#share={made.json['token']}"
    assert made.headers["Cache-Control"] == "no-store"
    assert make(deps_of(), {"prefix": "a/"}).json["url"] is None


MAKERS = [
    ("root", {"image": OF_ALICE.id}, 201),
    ("root", {"prefix": "a/"}, 201),
    ("alice", {"image": OF_ALICE.id}, 201),
    ("alice", {"prefix": f"uploads/~{ALICE.owner}/"}, 201),
    ("alice", {"prefix": f"uploads/~{BOB.owner}/"}, 404),
    ("alice", {"prefix": "uploads/"}, 404),
    ("bob", {"image": OF_ALICE.id}, 404),
    ("reader", {"prefix": f"uploads/~{'r' * 26}/"}, 403),
    ("uploader", {"prefix": f"uploads/~{'u' * 26}/"}, 403),
]


@pytest.mark.parametrize(("token", "body", "status"), MAKERS)
def test_who_may_read_and_upload_an_image_may_share_it(
    token: str, body: dict[str, object], status: int
) -> None:
    assert make(deps_of(), body, token).status == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"image": INSIDE.id, "prefix": "a/"},
        {"image": "short"},
        {"prefix": ""},
        {"prefix": "a"},
        {"prefix": "a/", "seconds": 59},
        {"prefix": "a/", "seconds": 90 * DAY_S + 1},
        {"prefix": "a/", "originals": 1},
        {"prefix": "a/", "other": 1},
    ],
)
def test_a_wrong_request_is_refused(body: dict[str, object]) -> None:
    answer = make(deps_of(), body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")


def test_an_owner_lists_and_revokes_own_shares_and_an_administrator_all() -> None:
    deps = deps_of()
    own = make(deps, {"image": OF_ALICE.id}, "alice").json
    other = make(deps, {"prefix": "a/"}).json

    def listed(token: str) -> set[str]:
        return {one["id"] for one in by(deps, token, "GET", "/shares").json["shares"]}

    assert (listed("alice"), listed("root")) == ({own["id"]}, {own["id"], other["id"]})
    assert listed("bob") == set()
    assert by(deps, "bob", "DELETE", f"/shares/{own['id']}").status == 404
    assert by(deps, "alice", "DELETE", f"/shares/{other['id']}").status == 404
    assert by(deps, "root", "DELETE", f"/shares/{own['id']}").json["revoked_at"]
    assert by(deps, "alice", "DELETE", f"/shares/{own['id']}").status == 200
    assert (listed("alice"), listed("root")) == (set(), {other["id"]})


def test_a_list_of_shares_has_pages() -> None:
    deps = deps_of()
    ids = {make(deps, {"prefix": f"{name}/"}).json["id"] for name in "abc"}
    headers = {"authorization": "Bearer root"}

    first = ask(deps, "GET", "/shares", headers=headers, query={"limit": "2"}, auth="jwt").json
    query = {"limit": "2", "cursor": first["cursor"]}
    second = ask(deps, "GET", "/shares", headers=headers, query=query, auth="jwt").json

    assert {one["id"] for one in (*first["shares"], *second["shares"])} == ids
    assert (len(first["shares"]), second["cursor"]) == (2, None)


def test_a_token_is_valid_until_the_second_rotation() -> None:
    deps = deps_of()
    token = make(deps, {"prefix": "a/"}).json["token"]

    statuses = [
        shared(replace(deps, secrets=valid), token, "GET", "/share").status
        for valid in (("new", "present"), ("newer", "new"))
    ]

    assert statuses == [200, 401]


def test_making_and_revoking_are_audited_and_no_token_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deps = deps_of()
    made = make(deps, {"image": OF_ALICE.id}, "alice").json
    shared(deps, made["token"], "GET", f"/images/{OF_ALICE.id}")
    by(deps, "root", "DELETE", f"/shares/{made['id']}")

    lines = [formatter().format(record) for record in caplog.records]
    found = [line for line in map(json.loads, lines) if line["message"] == "audit"]

    assert [(one["action"], one["actor"], one["key"], one["share"]) for one in found] == [
        ("share", "user:alice", OF_ALICE.key, made["id"]),
        ("revoke share", "user:root", OF_ALICE.key, made["id"]),
    ]
    assert not any(made["token"][-20:] in line for line in lines)
