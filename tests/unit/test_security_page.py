"""Every defence that docs/security.md names has the test that it names."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_named_by_the_threat_model_exists(file: str, test: str) -> None:
    module = ast.parse((ROOT / "tests" / file).read_text())

    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}

    assert test in functions


def test_every_threat_has_a_test() -> None:
    chapters = PAGE.partition("## Hostile images")[2].partition("## On a laptop")[0]
    rows = [line for line in chapters.splitlines() if line.startswith("| ")]
    threats = [row for row in rows if not row.startswith("| what comes")]

    assert [row for row in threats if ".py::test_" not in row] == []
