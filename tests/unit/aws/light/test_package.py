"""The package of the light clients imports nothing else of imagemill; its README is correct."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.aws_server import CannedResponse, fake_aws

from imagemill.aws import light

FOLDER = Path(light.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
README = (FOLDER / "README.md").read_text()
EXAMPLE = re.search(r"```python\n(.*?)```", README, re.DOTALL)


def imported_by(path: Path) -> set[str]:
    """Return the names of the modules that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_the_package_and_the_standard_library(path: Path) -> None:
    own = {name for name in imported_by(path) if name.startswith(f"{light.__name__}.")}

    others = {name.partition(".")[0] for name in imported_by(path) - own}

    assert others <= sys.stdlib_module_names


@pytest.mark.parametrize("name", light.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    assert getattr(light, name) is not None
    assert f"`{name}`" in README


def test_another_name_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = light.nothing


def test_importing_the_package_loads_no_client() -> None:
    code = f"import sys, {light.__name__}; print('ssl' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_the_readme_names_the_version() -> None:
    assert f"Version {light.__version__}" in README


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    assert EXAMPLE is not None
    program = tmp_path / "example.py"
    program.write_text(EXAMPLE[1])

    with fake_aws(CannedResponse(), CannedResponse(body=b"hello")) as aws:
        environ = {**os.environ, **aws.environment}
        command = [sys.executable, str(program)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)

    assert (done.stdout, done.stderr) == ("b'hello'\n", "")
    assert [method for method, *_ in aws.requests] == ["PUT", "GET"]
