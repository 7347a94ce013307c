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
        "settings": {},
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
    assert for_visitors(case["headers"], case.get("version")) == case["expect"]


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_of_variants_are_refused(engine: str, tmp_path: Path) -> None:
    require(engine)

    code = (ROOT / "edge/closed.js").read_text()
    [answer] = run(engine, code, [{"path": "/~t/a/640x.keep", "now": 0, "settings": {}}], tmp_path)

    assert answer["statusCode"] == 403
