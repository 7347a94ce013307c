"""Tools of other projects, which `make strangers` installs."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / ".tools/npm/node_modules"
# The environment with the validator of IIIF.
IIIF = ROOT / ".tools/iiif/bin"


def lacks(tool: str) -> NoReturn:
    """Skip the test because a tool is not installed; in CI, fail."""
    reason = f"{tool} is not installed: run make strangers"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
