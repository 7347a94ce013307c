"""The CloudFront Functions give the answers of tests/cases/requests.json, as `route` does.

They run in node and, where it is installed, in njs.
"""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fakes.edge_functions import (
    CASES,
    ENGINES,
    GRAMMARS,
    ROOT,
    as_expected,
    event,
    require,
    run,
)


@cache
def answers(engine: str) -> dict[str, dict[str, Any]]:
    """Return the answer to each case, by its name."""
    by_grammar = defaultdict(list)
    for case in CASES:
        prefix = next(prefix for prefix in GRAMMARS if case["path"].startswith(prefix))
        by_grammar[GRAMMARS[prefix]].append(case)
    found: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder:
        for grammar, cases in by_grammar.items():
            code = (ROOT / f"edge/min/{grammar}.js").read_text()
            given = run(engine, code, [event(case) for case in cases], Path(folder))
            found |= {case["name"]: one for case, one in zip(cases, given, strict=True)}
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_function_gives_the_answer_of_the_table(engine: str, case: dict[str, Any]) -> None:
    require(engine)

    assert as_expected(answers(engine)[case["name"]]) == case["expect"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_origin_gets_the_url_of_the_visitor_and_no_other_parameter(engine: str) -> None:
    require(engine)
    rewritten = {
        case["name"]: case for case in CASES if "path" in case["expect"] and case.get("query")
    }

    for name, case in rewritten.items():
        answer = answers(engine)[name]
        url = f"https://images.example{case['path']}?{case['query']}"
        assert answer["headers"]["x-imagemill-url"]["value"] == url
        assert answer["querystring"].keys() <= {"v", "placeholder"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_refusal_is_a_problem_that_every_page_may_read(engine: str) -> None:
    require(engine)
    refused = [case["name"] for case in CASES if "code" in case["expect"]]

    for name in refused:
        answer = answers(engine)[name]
        headers = {header: field["value"] for header, field in answer["headers"].items()}
        assert headers["content-type"] == "application/problem+json"
        assert headers["access-control-allow-origin"] == "*"
        assert "expected " in json.loads(answer["body"])["detail"]
