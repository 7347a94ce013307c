"""The pages of docs/ become those of the site, with working links."""

import json
import tomllib
from pathlib import Path

import pytest
from docs_openapi import openapi_page, type_of
from docs_site import decisions_page, linked, navigation, page_names, title_of, toml

ROOT = Path(__file__).parents[3]
HOST = "https://code.example/o/r"
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "docs/api.md": "api.md",
    "docs/urls/README.md": "urls/index.md",
    "docs/decisions/a.md": "decisions/a.md",
}


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("README.md", "[a](docs/api.md#errors)", "[a](api.md#errors)"),
        ("README.md", '<img src="docs/a.png">', '<img src="a.png">'),
        ("README.md", "[d](docs/decisions/)", "[d](decisions/index.md)"),
        ("README.md", "[t](template.yaml)", f"[t]({HOST}/blob/main/template.yaml)"),
        ("docs/api.md", "[c](../CONTRIBUTING.md#x)", "[c](contributing.md#x)"),
        ("docs/api.md", "[o](../openapi.json)", f"[o]({HOST}/blob/main/openapi.json)"),
        ("docs/urls/README.md", "[a](../api.md)", "[a](../api.md)"),
        ("docs/decisions/a.md", "[f](../../edge)", f"[f]({HOST}/blob/main/edge)"),
        (
            "docs/api.md",
            "[w](https://a.example/b) [h](#here)",
            "[w](https://a.example/b) [h](#here)",
        ),
        ("docs/api.md", "```\n[t](../x)\n```", "```\n[t](../x)\n```"),
    ],
)
def test_a_link_leads_to_a_page_or_to_the_repository(source: str, text: str, expected: str) -> None:
    assert linked(text, source, PAGES, HOST) == expected + "\n"


def test_every_listed_page_exists() -> None:
    listed = tomllib.loads((ROOT / "docs/site.toml").read_text())["nav"]
    generated = {"openapi.md", "python.md", "decisions/index.md"}

    named = {page for pages in listed.values() for page in pages}

    assert named <= set(page_names().values()) | generated


def test_a_page_that_is_not_listed_appears_under_more() -> None:
    titles = {"index.md": "Start", "new.md": "New", "decisions/a.md": "A"}

    entries = navigation({"Begin": ["index.md", "gone.md"]}, titles)

    assert entries == [{"Begin": [{"Start": "index.md"}]}, {"More": [{"New": "new.md"}]}]


def test_the_newest_decisions_come_first() -> None:
    page = decisions_page({"2026-11-22-a.md": "# A\n", "2026-11-29-b.md": "# `B`\n"})

    assert page.index("[B](2026-11-29-b.md)") < page.index("[A](2026-11-22-a.md)")
    assert title_of("no heading") == ""


def test_settings_are_written_as_toml() -> None:
    settings = {"name": 'a "b"', "nested": {"is-on": True, "list": [{"é": 1}]}}

    assert tomllib.loads(f"x = {toml(settings)}")["x"] == settings


def test_the_page_of_the_api_has_every_route_and_schema() -> None:
    document = json.loads((ROOT / "openapi.json").read_text())

    page = openapi_page(document)

    assert "## `POST /uploads`" in page
    assert all(f"### {name}\n" in page for name in document["components"]["schemas"])


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"$ref": "#/components/schemas/Fault"}, "[Fault](#fault)"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of string"),
        ({"enum": ["a", "b"]}, "`a` or `b`"),
        ({"type": ["string", "null"]}, "string or null"),
        ({}, "any"),
    ],
)
def test_a_type_is_a_few_words(schema: dict[str, object], text: str) -> None:
    assert type_of(schema) == text
