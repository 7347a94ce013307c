"""The glossary of CONTRIBUTING.md and the walks of docs/architecture.md use names of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "CONTRIBUTING.md").read_text().partition("## Glossary")[2].partition("\n## ")[0]
WORDS = re.findall(r"^\| \*\*(.+?)\*\* \|", SECTION, re.MULTILINE)


WALKS = (
    (ROOT / "docs/architecture.md")
    .read_text()
    .partition("## The way through the code")[2]
    .partition("\nImports go one way")[0]
)
WALKED = sorted(set(re.findall(r"`(\w+)`", WALKS)))


def snake_case(name: str) -> str:
    """Return a name in snake case: `DeadLetter`, `dead letter` → `dead_letter`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace(" ", "_").lower()


def names_in(module: Path) -> Iterator[str]:
    yield module.stem
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


EXACT = {name for path in ROOT.glob("src/**/*.py") for name in names_in(path)}
NAMES = {f"_{snake_case(name)}_" for name in EXACT}


def is_in_code(word: str) -> bool:
    """Return whether a name in src/ is the word or contains it as whole parts, also in plural."""
    singular, plural = f"_{snake_case(word)}_", f"_{snake_case(word)}s_"
    return any(singular in name or plural in name for name in NAMES)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_glossary_is_used_in_the_code(word: str) -> None:
    assert is_in_code(word)


@pytest.mark.parametrize("word", ["workbench", "dead parcel", "rend"])
def test_a_word_that_the_code_does_not_use_is_found(word: str) -> None:
    assert not is_in_code(word)


def test_the_glossary_has_every_central_word_in_alphabetical_order() -> None:
    assert {"original", "recipe", "preset", "rendition", "record", "id", "sequencer"} <= set(WORDS)
    assert sorted(WORDS) == WORDS


@pytest.mark.parametrize("name", WALKED)
def test_every_name_on_a_walk_through_the_code_exists(name: str) -> None:
    assert name in EXACT
