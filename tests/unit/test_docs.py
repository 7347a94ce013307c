"""The docs list every setting, command and error code, and their links have targets."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest
from fakes.template import read_template
from typer.testing import CliRunner

from imagemill import errors
from imagemill.cli.app import app
from imagemill.domain import share
from imagemill.errors import ImagemillError, UsageInvalid
from imagemill.operations.parameter_values import check_parameters
from imagemill.requests import faults

ROOT = Path(__file__).parents[2]
TEMPLATE = read_template()
CODES = sorted(
    {
        kind.code
        for kind in [*vars(errors).values(), *vars(faults).values(), *vars(share).values()]
        if isinstance(kind, type) and issubclass(kind, ImagemillError)
    }
    - {"rejected", "transient"}
)
# The interfaces that classes say they implement.
IMPLEMENTED = sorted(
    {
        name
        for path in ROOT.glob("src/imagemill/**/*.py")
        for line in re.findall(r"\bImplements (.+)", path.read_text())
        for name in re.findall(r"`([a-z_.]+\.[A-Z]\w+)`", line)
    }
)
# An error in the tree at the beginning of `errors`.
DRAWN = re.compile(r"[├└]── (\w+) ")
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
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")]
LINKS = sorted(
    {
        (page.relative_to(ROOT).as_posix(), link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", page.read_text())
        for link in link
        if link and "://" not in link
    }
)


def classes_in(*modules: ModuleType) -> set[str]:
    """Return the names of the errors that modules define or import."""
    found = (kind for module in modules for kind in vars(module).values())
    return {one.__name__ for one in found if isinstance(one, type) and issubclass(one, Exception)}


def page(name: str) -> str:
    return (ROOT / name).read_text()


def anchors_in(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def examples(text: str, name: str) -> set[str]:
    """Return the texts in code format in the effect of a parameter; … stands for a long rest."""
    [effect] = re.findall(rf"^\| `{name}` \| `[^`]*` \| (.*) \|$", text, re.MULTILINE)
    found = re.findall(r"`([^`]+)`", effect)
    return {text.removeprefix(f"{name}=").replace("…", "") for text in found}


def is_accepted(name: str, value: str) -> bool:
    """Return whether the template takes the value of a parameter."""
    try:
        check_parameters(TEMPLATE["Parameters"], {name: value})
    except UsageInvalid:
        return False
    return True


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_is_documented_with_its_default(name: str) -> None:
    default = TEMPLATE["Parameters"][name]["Default"]

    assert f"| `{name}` | `{default}` |" in page("docs/configuration.md")


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_is_documented_with_an_example(name: str) -> None:
    parameters = TEMPLATE["Parameters"]

    found = examples(page("docs/configuration.md"), name) - parameters.keys()

    others = found - {str(parameters[name]["Default"])}
    assert [value for value in others if is_accepted(name, value)]


@pytest.mark.parametrize("name", VARIABLES)
def test_every_environment_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in page("docs/configuration.md") + page("docs/cli.md")


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_is_documented(code: str) -> None:
    pages = ("docs/architecture.md", "docs/api.md", "docs/urls/README.md")

    assert f"`{code}`" in "".join(map(page, pages))


def test_the_tree_of_errors_shows_each_class() -> None:
    drawn = {"ImagemillError", *DRAWN.findall(errors.__doc__ or "")}

    assert drawn == classes_in(errors, faults, share)


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_a_class_names_the_module_of_the_interface_that_it_implements(name: str) -> None:
    module, _, interface = name.rpartition(".")

    found = vars(import_module(f"imagemill.{module}"))[interface]

    assert found.__module__ == f"imagemill.{module}"
    assert Protocol in found.__bases__


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPED])
def test_every_command_is_documented_with_its_options(command: str) -> None:
    arguments = [*command.split(), "--help"]
    help_text = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"}).output
    options = set(re.findall(r"--[a-z][a-z-]+", help_text)) - {"--help"}

    section = page("docs/cli.md").partition(f"## `imagemill {command}`")[2].partition("\n## ")[0]

    assert {option for option in options if option not in section} == set()


@pytest.mark.parametrize(("source", "link"), LINKS)
def test_every_link_leads_to_a_file_and_a_heading(source: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = ROOT / source if not path else (ROOT / source).parent / path

    assert target.exists()
    assert not anchor or anchor in anchors_in(target.read_text())


def test_the_readme_is_short() -> None:
    assert len(page("README.md").splitlines()) < 150
