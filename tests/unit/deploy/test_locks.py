"""Every package is locked by version and hash, and installed with hash checks."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = sorted(ROOT.glob("locks/*.lock"))
SCRIPTS = [ROOT / "Makefile", *sorted(ROOT.glob("deploy/*.sh"))]


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.stem for lock in LOCKS])
def test_every_package_is_locked_by_version_and_hash(lock: Path) -> None:
    packages = lock.read_text().replace("\\\n", " ").splitlines()

    loose = [one for one in packages if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", one)]

    assert packages
    assert loose == []


def commands(script: Path) -> list[str]:
    """Return the lines of a script, each with its continuation lines."""
    return script.read_text().replace("\\\n", " ").splitlines()


def test_every_installation_from_a_lock_checks_its_hashes() -> None:
    lines = [line for script in SCRIPTS for line in commands(script)]
    installs = [line for line in lines if "pip install" in line and " -r " in line]

    loose = [line for line in installs if "--require-hashes" not in line]

    assert installs
    assert loose == []


@pytest.mark.parametrize(
    ("group", "extra"), [("function-api", "api"), ("function-resize", "heif sandbox")]
)
def test_the_functions_have_the_packages_of_the_extras(group: str, extra: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = settings["project"]["optional-dependencies"]

    locked = set(settings["dependency-groups"][group])

    assert locked - set(settings["project"]["dependencies"]) == {
        requirement for name in extra.split() for requirement in extras[name]
    }
