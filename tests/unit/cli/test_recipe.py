import json
from dataclasses import replace

import pytest
from fakes.cloud import ready_record
from fakes.terminal import Terminal, rows

from imagemill.domain.ignored import KeyFilter
from imagemill.domain.key_rules import KeyRules
from imagemill.recipe_rules import RecipeRules


def test_a_recipe_is_explained_preset_by_preset(terminal: Terminal) -> None:
    result = terminal.run("recipe", "thumb=160x160:cover:webp:q75:e0, wide=1600x")

    assert [line.split() for line in result.stdout.splitlines()] == [
        ["preset", "width", "height", "fit", "format", "quality", "effort"],
        ["thumb", "160", "px", "160", "px", "cover", "webp", "75", "0"],
        ["wide", "1600", "px", "any", "inside", "keep", "default", "default"],
    ]


def test_json_is_one_preset_a_line(terminal: Terminal) -> None:
    result = terminal.run("recipe", "thumb=160x120, 500", "--json")

    assert [(row["name"], row["width"], row["height"]) for row in rows(result)] == [
        ("thumb", 160, 120),
        ("500", 500, 500),
    ]


def test_the_edits_of_a_preset_have_a_column_of_their_own(terminal: Terminal) -> None:
    plain = terminal.run("recipe", "500")
    edited = terminal.run("recipe", "500, face=200x200:cover:focus0.4x0.3:gray")

    assert "edits" not in plain.stdout
    assert "edits" in edited.stdout
    assert "focus0.4x0.3 gray" in edited.stdout


def test_all_errors_of_a_recipe_are_on_one_line(terminal: Terminal) -> None:
    result = terminal.run("recipe", "500:blue, x")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "'blue'" in result.stderr
    assert "got 'x'" in result.stderr


RULES = "[b] avatars/ -> thumb=64x64:cover, 9; raw/ -> ignore; * -> 500"


def test_rules_are_shown_with_their_presets(terminal: Terminal) -> None:
    result = terminal.run("recipe", RULES)

    assert [line.split()[:3] for line in result.stdout.splitlines()] == [
        ["rule", "preset", "width"],
        ["[b]", "avatars/", "thumb"],
        ["9", "9", "px"],
        ["raw/", "ignored"],
        ["*", "500", "500"],
    ]


def test_json_of_rules_is_one_rule_a_line(terminal: Terminal) -> None:
    found = rows(terminal.run("recipe", RULES, "--json"))

    assert [(row["prefix"], row["name"], row["ignored"]) for row in found] == [
        ("avatars/", "b", False),
        ("raw/", None, True),
        ("", None, False),
    ]
    assert [[preset["name"] for preset in row["presets"]] for row in found] == [
        ["thumb", "9"],
        [],
        ["500"],
    ]


def test_the_rule_of_a_key_in_another_recipe_needs_no_stack(terminal: Terminal) -> None:
    result = terminal.run("recipe", "raw", "--recipe", RULES)
    ignored = terminal.run("recipe", "raw/a.jpg", "--recipe", RULES)

    assert result.stdout.splitlines()[0] == "raw: rule *"
    assert ignored.stdout == "raw/a.jpg: rule raw/, ignored\n"
    assert terminal.asked == []


@pytest.mark.parametrize("key", ["a.jpg", "avatars/a"])
def test_the_rule_of_a_key_is_that_of_the_stack(terminal: Terminal, key: str) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse(RULES))

    result = terminal.run("recipe", key, "--stack", "mill")

    assert result.stdout.startswith(f"{key}: rule ")
    assert [asked.stack for asked in terminal.asked] == ["mill"]


def test_the_rule_of_an_image_is_the_one_that_its_upload_chose(terminal: Terminal) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse(RULES))
    terminal.cloud.records.add(replace(ready_record("a.jpg"), rule="b"))

    shown, [facts] = (
        terminal.run("recipe", "a.jpg"),
        rows(terminal.run("recipe", "a.jpg", "--json")),
    )

    assert shown.stdout.startswith("a.jpg: rule [b] avatars/\n")
    assert "renditions are stale" in shown.stderr
    assert (facts["name"], facts["status"], facts["stale"]) == ("b", "ready", True)


def test_an_image_of_an_ignored_prefix_is_not_stale(terminal: Terminal) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse(RULES))
    terminal.cloud.records.add(ready_record("raw/a.jpg"))

    [facts] = rows(terminal.run("recipe", "raw/a.jpg", "--json"))

    assert (facts["ignored"], facts["recipe"], facts["stale"]) == (True, None, False)


def test_a_key_outside_of_the_filter_of_the_bucket_has_no_rule(terminal: Terminal) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse(RULES), KeyFilter("in/", (".jpg",)))

    shown = terminal.run("recipe", "in/a.png")
    [facts] = rows(terminal.run("recipe", "in/a.png", "--json"))

    assert shown.stdout == "in/a.png: ignored, the filter of the bucket leaves it out\n"
    assert facts["ignored"] is True


def test_the_schema_is_printed_as_json(terminal: Terminal) -> None:
    result = terminal.run("recipe", "--schema")

    assert json.loads(result.stdout)["title"] == "Recipe of imagemill"


def test_nothing_to_show_is_a_mistake(terminal: Terminal) -> None:
    assert terminal.run("recipe").exit_code == 2
