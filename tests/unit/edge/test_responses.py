"""The function for responses and its counterpart on the laptop: tests/cases/responses.json."""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.edge_functions import ENGINES, ROOT, require, run

from imagemill.local.responses import for_visitors

TABLE = json.loads((ROOT / "tests/cases/responses.json").read_text())
CASES = [pytest.param(case, id=case["name"]) for case in TABLE["cases"]]


def event(case: dict[str, Any]) -> dict[str, Any]:
    headers = {name: {"value": value} for name, value in case["headers"].items()}
    version = {"v": {"value": case["version"]}} if "version" in case else {}
    return {
        "path": "/~t/a/640x.keep",
        "now": 0,
        "url": case.get("url"),
        "settings": {"iiif": "level2"},
        "querystring": version,
        "response": {"statusCode": 200, "headers": headers},
    }


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_function_sets_the_headers_of_the_table(
    engine: str, case: dict[str, Any], tmp_path: Path
) -> None:
    require(engine)

    [answer] = run(engine, (ROOT / "edge/response.js").read_text(), [event(case)], tmp_path)

    assert {name: field["value"] for name, field in answer["headers"].items()} == case["expect"]


@pytest.mark.parametrize("case", CASES)
def test_the_laptop_sets_the_headers_of_the_table(case: dict[str, Any]) -> None:
    url = case.get("url", "https://images.example/~/a.jpg?w=640")

    assert for_visitors(case["headers"], case.get("version"), url, "level2") == case["expect"]


@pytest.mark.parametrize("code", ["response.js", "immutable.js"])
@pytest.mark.parametrize("engine", ENGINES)
def test_no_shared_cache_keeps_a_private_image(engine: str, code: str, tmp_path: Path) -> None:
    require(engine)
    asked = {**event(TABLE["cases"][0]), "settings": {"iiif": "level2", "private": True}}

    [answer] = run(engine, (ROOT / "edge" / code).read_text(), [asked], tmp_path)

    assert answer["headers"]["cache-control"]["value"].startswith("private, max-age=")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_function_knows_the_url_if_cloudfront_shows_it_what_the_visitor_sent(
    engine: str, tmp_path: Path
) -> None:
    require(engine)
    request = {"path": "/iiif/3/a/full/max/0/default.jpg", "url": "https://forged.example/iiif/2/"}
    response = {"statusCode": 200, "headers": {"x-amz-meta-iiif-3": {"value": "full/max/0/x.jpg"}}}
    asked = request | {"now": 0, "settings": {"iiif": "level0"}, "response": response}

    [answer] = run(engine, (ROOT / "edge/response.js").read_text(), [asked], tmp_path)

    assert answer["headers"]["link"]["value"] == (
        '<http://iiif.io/api/image/3/level0.json>;rel="profile", '
        '<https://images.example/iiif/3/a/full/max/0/x.jpg>;rel="canonical"'
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_of_variants_are_refused(engine: str, tmp_path: Path) -> None:
    require(engine)

    code = (ROOT / "edge/closed.js").read_text()
    [answer] = run(engine, code, [{"path": "/~t/a/640x.keep", "now": 0, "settings": {}}], tmp_path)

    assert answer["statusCode"] == 403
