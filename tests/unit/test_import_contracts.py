"""Each import contract of pyproject.toml is broken by an import that it forbids."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
STORES = "Commands, functions and the laptop get their stores from wiring"
SIBLINGS = "Commands and functions do not import each other"
# The package that gets a module with the import, the import, and the contract that it breaks.
PLANTS = [
    ("catalog", "imagemill.pipeline", "Everything flows one way"),
    ("imaging", "boto3", "Images know no cloud, and nothing else touches pixels"),
    ("catalog", "PIL", "Only imaging loads Pillow"),
    ("workflows", "typer", "The facts, the rules and the work know neither AWS nor a screen"),
    ("functions", "boto3", "Only stores, local and wiring speak to AWS"),
    ("cli", "imagemill.aws", STORES),
    ("functions", "imagemill.aws", STORES),
    ("local", "imagemill.aws", STORES),
    ("cli", "imagemill.functions", SIBLINGS),
    ("functions", "imagemill.cli", SIBLINGS),
    ("stores", "aws_lambda_powertools", "Powertools stays at the functions' edge"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the source and of pyproject.toml."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    python_only = shutil.ignore_patterns("__pycache__", "*.so", "*.wasm", "*.json")
    shutil.copytree(ROOT / "src", folder / "src", ignore=python_only)
    return folder


def broken(copy: Path) -> list[str]:
    """Return the names of the broken contracts."""
    done = subprocess.run(  # our own interpreter and words
        [LINTER, "--no-cache"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    suffix = " BROKEN"
    return [line.removesuffix(suffix) for line in done.stdout.splitlines() if suffix in line]


@pytest.mark.parametrize(("package", "module", "contract"), PLANTS)
def test_a_forbidden_import_breaks_its_contract(
    copy: Path, package: str, module: str, contract: str
) -> None:
    planted = copy / "src" / "imagemill" / package / "planted.py"
    planted.write_text(f"import {module}\n")

    found = broken(copy)
    planted.unlink()

    assert contract in found


def test_the_copy_without_a_forbidden_import_breaks_no_contract(copy: Path) -> None:
    assert broken(copy) == []


def test_every_contract_has_a_forbidden_import() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["name"] for one in settings["tool"]["importlinter"]["contracts"]}

    assert {contract for _, _, contract in PLANTS} == contracts
