"""Cookies of private images: which URLs they open, and how the distribution sets them."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes.edge_functions import ENGINES, ROOT, require, run

from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller
from imagemill.private.cookies import AREAS, cookies_of, cookies_url, resources
from imagemill.private.policies import Policy
from imagemill.private.signer import LinkSigner

SITE = "https://d1.cloudfront.net"
OWNER, OTHER = "a" * 26, "b" * 26
EVERY = Caller("key:1", EVERYTHING)
OWN = Caller("user:a", OWN_IMAGES, OWNER)
SIGNER = LinkSigner("K1", lambda text: b"s" + text[:3], 3600, lambda: 1_795_953_600)


def is_open(url: str, caller: Caller, prefix: str = "") -> bool:
    found = resources(SITE, caller, prefix).values()
    return any(Policy(resource, 2).covers(SITE + url, 1) for resource in found)


@pytest.mark.parametrize(
    "url",
    [
        f"/~~/~{OWNER}/01-ab/500/uploads/~{OWNER}/t/a.jpg",
        f"/~/uploads/~{OWNER}/t/a.jpg?w=500",
        f"/iiif/3/uploads%2F~{OWNER}%2Ft%2Fa.jpg/full/max/0/default.jpg",
    ],
)
def test_an_owner_sees_own_images(url: str) -> None:
    assert is_open(url, OWN)
    assert is_open(url, EVERY)


@pytest.mark.parametrize(
    "url",
    [
        f"/500/uploads/~{OTHER}/t/a.jpg",
        f"/500/uploads/~{OTHER}/t/a.jpg?/uploads/~{OWNER}/",
        f"/~~/01-ab/500/uploads/~{OTHER}/t/a.jpg?~{OWNER}/",
        f"/~~/~{OTHER}/01-ab/500/uploads/~{OTHER}/t/a.jpg?/~~/~{OWNER}/",
        f"/~/uploads/~{OTHER}/t/a.jpg?w=500&x=/~/uploads/~{OWNER}/",
        f"/iiif/3/uploads%2F~{OTHER}%2Ft%2Fa.jpg/full/max/0/default.jpg",
        "/~/holiday/a.jpg",
    ],
)
def test_an_owner_sees_no_other_images(url: str) -> None:
    assert not is_open(url, OWN)
    assert is_open(url, EVERY)


def test_the_prefix_of_an_existing_bucket_is_part_of_the_folder() -> None:
    assert is_open(f"/~/in/uploads/~{OWNER}/t/a.jpg", OWN, "in/")
    assert is_open(f"/iiif/3/in%2Fuploads%2F~{OWNER}%2Ft%2Fa.jpg/info.json", OWN, "in/")
    assert not is_open(f"/~/uploads/~{OWNER}/t/a.jpg", OWN, "in/")


def test_a_caller_without_images_gets_no_urls() -> None:
    assert resources(SITE, Caller("key:1", frozenset({"read"}))) == {}


def set_by(engine: str, queries: list[dict[str, str]], folder: Path) -> list[list[str] | None]:
    """Return the cookies that the function at the edge sets for each query."""
    require(engine)
    base = {"path": "/~cookies", "now": 0, "settings": {}}
    events = [base | {"querystring": {n: {"value": v} for n, v in q.items()}} for q in queries]
    answers = run(engine, (ROOT / "edge/cookies.js").read_text(), events, folder)
    return [lines_of(answer) if answer["statusCode"] == 204 else None for answer in answers]


def lines_of(answer: dict[str, Any]) -> list[str]:
    """Return the values of Set-Cookie, in the order of the function in Python."""
    return [
        f"{name}={found['multiValue'][at]['value']}; {found['multiValue'][at]['attributes']}"
        for at in range(len(AREAS))
        for name, found in answer["cookies"].items()
    ]


def query_of(caller: Caller) -> dict[str, str]:
    url = cookies_url(SITE, resources(SITE, caller), SIGNER)
    assert url.startswith(f"{SITE}/~cookies?")
    return {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_url_sets_cookies_and_deletes_those_of_other_areas(engine: str, tmp_path: Path) -> None:
    queries: list[dict[str, str]] = [query_of(EVERY), query_of(OWN), {}]

    found = [cookies_of(query) for query in queries]

    assert set_by(engine, queries, tmp_path) == found


@pytest.mark.parametrize(
    ("query", "areas"),
    [
        (query_of(EVERY), {"all"}),
        (query_of(OWN), {"renditions", "sizes", "iiif"}),
        # After signing out.
        ({}, set()),
    ],
)
def test_cookies_are_sent_to_their_area_and_end_with_the_signature(
    query: dict[str, str], areas: set[str]
) -> None:
    lines: Any = cookies_of(query)

    kept = {line.split("; ")[1] for line in lines if "Max-Age=3600;" in line}
    gone = {line.split("; ")[1] for line in lines if "Max-Age=0;" in line}
    assert kept == {f"Path={AREAS[area]}" for area in areas}
    assert gone == {f"Path={path}" for path in AREAS.values()} - kept
    assert all(line.endswith("; Secure; HttpOnly; SameSite=Lax") for line in lines)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_malformed_url_sets_no_cookies(engine: str, tmp_path: Path) -> None:
    signed = {"all": "a.b", "key": "K1", "seconds": "9"}
    queries = [
        signed | {"all": "a"},
        signed | {"all": "a.b; Path=/"},
        signed | {"key": "K-1"},
        signed | {"seconds": "9; Domain=example.com"},
        signed | {"sizes": ""},
        {"all": "a.b"},
    ]

    assert set_by(engine, queries, tmp_path) == [None] * len(queries)
    assert [cookies_of(query) for query in queries] == [None] * len(queries)
