"""The contract that keeps prices out of the functions: import-linter fails if one is imported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONTRACT = "The event pipeline and the functions import no prices"


def linted(folder: Path) -> str:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("module", ["functions/resize.py", "pipeline/handle_task.py"])
def test_an_import_of_prices_breaks_the_contract(module: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.cwasm")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "src" / "imagemill" / module
    planted.write_text(f"{planted.read_text()}\nimport imagemill.costs.prices\n")

    assert f"{CONTRACT} BROKEN" in linted(tmp_path)
