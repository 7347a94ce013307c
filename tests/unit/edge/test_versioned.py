"""Addresses with a version: the functions at the edge, and their counterparts on the laptop."""

from pathlib import Path
from typing import Any

import pytest
from fakes.edge_functions import ENGINES, ROOT, require, run

from imagemill.local.responses import YEAR, of_version
from imagemill.local.versioned import key_of_version

VERSION = "000006616CC733BB86-4b10faf7d44a8c97"
ROUTED = [
    ("/~~/v/500/a.jpg", "/500/a.jpg"),
    ("/~~/v/500/b/c%20d.jpg", "/500/b/c%20d.jpg"),
    ("/~~/v/~500/mm5r6ma4aeopqlenszgyd5yymi", "/~500/mm5r6ma4aeopqlenszgyd5yymi"),
]
# The keys of variants are closed in every spelling.
REFUSED = [
    "/~~/v/~t/a/640x.keep",
    "/~~/v/%7Et/a/640x.keep",
    "/~~/v/%7et/a",
    "/~~/v/~t%2Fa/640x",
    "/~~/v//~t/a",
    "/~~/v/a.jpg",
    "/~~/v",
    "/~~//500/a.jpg",
    "/~~/v/%/a.jpg",
]
OWNER, OTHER = "a" * 26, "b" * 26
OWNED = [
    f"/500/uploads/~{OWNER}/t/a.jpg",
    f"/500/in/uploads/~{OWNER}/t/%C3%A9.jpg",
    f"/500/uploads%2F~{OWNER}/t/a.jpg",
]
# Neither the images of another owner, nor those without one.
NOT_OWNED = [
    f"/500/uploads/~{OTHER}/t/a.jpg",
    f"/500/uploads/~{OTHER}/t/uploads/~{OWNER}/a.jpg",
    f"/500/uploads%2f~{OTHER}%2ft/uploads/~{OWNER}/a.jpg",
    f"/uploads/~{OWNER}/t/a.jpg",
    f"/500/uploads/~{OWNER}/",
    f"/500/uploads/~{OWNER}/%/a.jpg",
    f"/500/uploads/~{OWNER}/%FF",
    f"/~500/{OWNER}",
    f"/~t/uploads/~{OWNER}/a",
]
STORED = {"x-amz-meta-sequencer": VERSION[:18], "x-amz-meta-recipe": VERSION[19:]}


def routed_by(engine: str, path: str, folder: Path) -> dict[str, Any]:
    require(engine)
    event = {"path": path, "now": 0, "settings": {}}
    [answer] = run(engine, (ROOT / "edge/versioned.js").read_text(), [event], folder)
    return answer


@pytest.mark.parametrize(("path", "key"), ROUTED)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_address_leads_to_its_rendition(
    engine: str, path: str, key: str, tmp_path: Path
) -> None:
    answer = routed_by(engine, path, tmp_path)

    assert (answer["uri"], answer["querystring"]) == (key, {"x-version": {"value": "v"}})
    assert key_of_version(path) == ("v", key)


@pytest.mark.parametrize("path", REFUSED)
@pytest.mark.parametrize("engine", ENGINES)
def test_another_address_is_refused(engine: str, path: str, tmp_path: Path) -> None:
    assert routed_by(engine, path, tmp_path)["statusCode"] == 403
    assert key_of_version(path) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_an_owner_before_the_version_leads_to_its_own_renditions_only(
    engine: str, tmp_path: Path
) -> None:
    require(engine)
    paths = [f"/~~/~{OWNER}/v{key}" for key in (*OWNED, *NOT_OWNED)]
    events = [{"path": path, "now": 0, "settings": {}} for path in paths]

    answers = run(engine, (ROOT / "edge/versioned.js").read_text(), events, tmp_path)

    found = [answer.get("uri") for answer in answers]
    assert found == [*OWNED, *[None] * len(NOT_OWNED)]
    assert [key_of_version(path) for path in paths] == [
        ("v", key) if key else None for key in found
    ]


@pytest.mark.parametrize(
    ("version", "headers", "expected"),
    [
        (VERSION, STORED, YEAR),
        ("another", STORED, "public, max-age=60"),
        (VERSION, {}, "public, max-age=60"),
        (VERSION, {**STORED, "cache-control": "no-store"}, YEAR),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_only_a_rendition_of_the_named_version_is_immutable(
    engine: str, version: str, headers: dict[str, str], expected: str, tmp_path: Path
) -> None:
    require(engine)
    event = {
        "path": "/500/a.jpg",
        "now": 0,
        "settings": {},
        "querystring": {"x-version": {"value": version}},
        "response": {"headers": {name: {"value": value} for name, value in headers.items()}},
    }

    [answer] = run(engine, (ROOT / "edge/immutable.js").read_text(), [event], tmp_path)

    assert answer["headers"]["cache-control"]["value"] == expected
    assert of_version(headers, version)["cache-control"] == expected
