"""No file of the repository contains a secret."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRET = re.compile(
    # AWS access keys
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{22}"
    r"|pypi-[0-9A-Za-z_-]{50}"
    r"|xox[abprs]-[0-9A-Za-z-]{10}"
)


def files() -> Iterator[Path]:
    """Yield every file, except in folders of tools, packages, build output and compiled modules."""
    for folder, names, found in os.walk(ROOT):
        names[:] = [
            name
            for name in names
            if name == ".ci"
            or not (name.startswith(".") or name in {"__pycache__", "node_modules"})
        ]
        yield from (Path(folder, name) for name in found)


def test_no_file_holds_a_secret() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if SECRET.search(path.read_bytes().decode("latin-1"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "secret", ["AKIA" + "Q" * 16, "-----BEGIN " + "RSA PRIVATE KEY-----", "ghp_" + "a" * 36]
)
def test_the_pattern_matches_secrets(secret: str) -> None:
    assert SECRET.search(f"key = '{secret}'")
