"""Every threat in docs/security.md names a test, and these tests exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_named_on_the_security_page_exists(file: str, test: str) -> None:
    module = ast.parse((ROOT / "tests" / file).read_text())

    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}

    assert test in functions


def test_every_attack_names_a_test() -> None:
    chapters = PAGE.partition("## Hostile images")[2].partition("## On a laptop")[0]
    rows = [line for line in chapters.splitlines() if line.startswith("| ")]
    attacks = [row for row in rows if not row.startswith("| attack")]

    assert [row for row in attacks if ".py::test_" not in row] == []
