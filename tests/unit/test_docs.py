"""What the docs promise to hold complete."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imagemill import errors
from imagemill.cli.app import app
from imagemill.errors import ImagemillError
from imagemill.local.template import load_template, template_path

ROOT = Path(__file__).parents[2]
TEMPLATE = load_template(template_path())
CODES = sorted(
    {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ImagemillError)
    }
    - {"rejected", "transient"}
)
COMMANDS = sorted(
    command.callback.__name__ for command in app.registered_commands if command.callback
)
GROUPED = sorted(
    f"{group.name} {command.name}"
    for group in app.registered_groups
    if group.typer_instance
    for command in group.typer_instance.registered_commands
)
VARIABLES = sorted(
    set(re.findall(r"IMAGEMILL_\w+", "".join(p.read_text() for p in ROOT.glob("src/**/*.py"))))
)


def page(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_stands_in_the_docs_with_its_default(name: str) -> None:
    default = TEMPLATE["Parameters"][name]["Default"]

    assert f"| `{name}` | `{default}` |" in page("docs/configuration.md")


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_stands_in_the_docs(name: str) -> None:
    assert f"`{name}`" in page("docs/configuration.md") + page("docs/cli.md")


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_stands_in_the_docs(code: str) -> None:
    assert f"`{code}`" in page("docs/architecture.md") + page("docs/api.md")


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPED])
def test_every_command_and_its_options_stand_in_the_docs(command: str) -> None:
    asked = [*command.split(), "--help"]
    help_text = CliRunner().invoke(app, asked, env={"COLUMNS": "200"}).output
    options = set(re.findall(r"--[a-z][a-z-]+", help_text)) - {"--help"}

    chapter = page("docs/cli.md").partition(f"## `imagemill {command}`")[2].partition("\n## ")[0]

    assert {option for option in options if option not in chapter} == set()


def test_the_readme_is_a_page_one_reads_to_the_end() -> None:
    assert len(page("README.md").splitlines()) < 150
