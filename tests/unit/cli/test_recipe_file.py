"""Recipes in YAML, their schema, and the text that they are converted to."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fakes.terminal import Terminal

from imagemill.cli.recipe_file import SCHEMA, recipe_text
from imagemill.errors import ConfigurationInvalid

ROOT = Path(__file__).parents[3]
ALL = {"prefix": "*", "presets": [500]}
BOX = {"box": "64x64"}
# What the rules of a file have to become.
CONVERTED: list[tuple[list[Any], str]] = [
    ([ALL], "* -> 500"),
    ([{"prefix": "*", "presets": ["thumb=9x9:cover", "5"]}], "* -> thumb=9x9:cover, 5"),
    ([{"prefix": "a b;é/", "ignore": True}, ALL], "a%20b%3B%C3%A9/ -> ignore; * -> 500"),
    ([{"name": "hero", "presets": [2000]}, ALL], "[hero] -> 2000; * -> 500"),
    ([{"prefix": "a/", "name": "b", "presets": [9]}, ALL], "[b] a/ -> 9; * -> 500"),
    (
        [
            {
                "prefix": "*",
                "presets": [
                    {
                        "name": "x",
                        "box": 64,
                        "fit": "cover",
                        "format": "webp",
                        "quality": 75,
                        "effort": 0,
                        "max": "80kB",
                        "edits": ["gray", "focus0.4x0.3"],
                    },
                    {"box": "800x", "format": "avif", "edits": ["depth=10"]},
                    {"box": "9x9", "format": "jxl"},
                ],
            }
        ],
        "* -> x=64:cover:webp:q75:e0:max80kB:gray:focus0.4x0.3, 800x:avif:depth=10, 9x9:jxl",
    ),
]
WRONG: list[tuple[Any, str]] = [
    ([], "expected only the field rules, with a list of rules"),
    ({}, "expected only the field rules, with a list of rules"),
    ([5], "expected a rule with fields, got 5"),
    ([ALL, {"prefix": "a/"}], "expected either presets or ignore: true"),
    ([ALL, {"prefix": "a/", "presets": [9], "ignore": True}], "either presets or ignore: true"),
    ([ALL, {"prefix": "a/", "ignore": False}], "expected either presets or ignore: true"),
    ([ALL, {"presets": [9]}], "expected a prefix, * or a [name]"),
    ([ALL, {"prefix": "a/", "name": "A", "presets": [9]}], "expected a name of a-z"),
    ([ALL, {"prefix": "a/", "name": "a", "ignore": True}], "expected no name for 'a/'"),
    ([ALL, {"prefix": 5, "presets": [9]}], "in a rule, got prefix: 5"),
    ([ALL, {"prefix": "a/", "sizes": [9]}], "in a rule, got sizes: [9]"),
    ([ALL, {"prefix": "a/", "presets": [True]}], "expected a preset with fields, got True"),
    ([ALL, {"prefix": "a/", "presets": [{"fit": "pad"}]}], "expected a box in {'fit': 'pad'}"),
    ([ALL, {"prefix": "a/", "presets": [BOX | {"quality": True}]}], "got quality: True"),
    ([ALL, {"prefix": "a/", "presets": [BOX | {"quality": 101}]}], "got 'q101'"),
    ([ALL, {"prefix": "a/", "presets": [BOX | {"fit": "fill"}]}], "got 'fill'"),
    ([{"prefix": "a/", "presets": [9]}], "expected a rule for all other originals"),
    ([ALL, ALL], "expected one rule for '*', got 2"),
]


def written(path: Path, rules: object) -> Path:
    file = path / "recipe.yaml"
    document = {"rules": rules} if isinstance(rules, list) else rules
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return file


def is_valid(file: Path) -> bool:
    """Return whether the schema accepts a file."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    return validator.is_valid(yaml.safe_load(file.read_text("utf-8")))


@pytest.mark.parametrize(("rules", "text"), CONVERTED)
def test_rules_in_a_file_become_text(tmp_path: Path, rules: list[Any], text: str) -> None:
    file = written(tmp_path, rules)

    assert recipe_text(str(file)) == text
    assert is_valid(file)


@pytest.mark.parametrize(("rules", "complaint"), WRONG)
def test_a_wrong_file_is_refused_by_the_command_and_by_the_schema(
    tmp_path: Path, rules: object, complaint: str
) -> None:
    file = written(tmp_path, rules)

    with pytest.raises(ConfigurationInvalid) as caught:
        recipe_text(str(file))

    assert complaint in str(caught.value)
    assert not is_valid(file)


def test_all_errors_of_a_file_are_reported_together(tmp_path: Path) -> None:
    file = written(tmp_path, [5, {"prefix": "a/"}, {"prefix": "b/", "presets": [True]}])

    with pytest.raises(ConfigurationInvalid) as caught:
        recipe_text(str(file))

    assert str(caught.value).count("expected") == 3


@pytest.mark.parametrize("data", [b"rules: [", b"\xff", b"a: *b"])
def test_a_file_that_is_no_yaml_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(data)

    with pytest.raises(ConfigurationInvalid, match="expected YAML in UTF-8") as caught:
        recipe_text(str(file))

    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"never\.yaml cannot be read"):
        recipe_text("never.yaml")


def test_the_documented_file_has_the_documented_text(tmp_path: Path) -> None:
    section = (ROOT / "docs" / "configuration.md").read_text("utf-8").partition("### In YAML")[2]
    blocks = [block.partition("\n")[2] for block in section.split("```")[1:4:2]]
    file = tmp_path / "recipe.yaml"
    file.write_text(blocks[0], "utf-8")

    assert recipe_text(str(file)) == blocks[1].splitlines()[-1]
    assert is_valid(file)


def test_the_command_prints_the_text_of_a_file(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("recipe", str(written(tmp_path, [ALL])))

    assert (result.exit_code, result.stdout) == (0, "* -> 500\n")


def test_the_command_explains_a_file_as_json(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("recipe", str(written(tmp_path, [ALL])), "--json")

    assert json.loads(result.stdout)["name"] == "500"


def test_a_command_takes_a_recipe_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = written(tmp_path, [{"prefix": "*", "presets": [9, 8]}, {"prefix": "r/", "ignore": True}])

    result = terminal.run("cost", "--images", "1k", "--json", "--recipe", str(file))

    assert json.loads(result.stdout)["rule"] == "*"
