"""Every package is locked by version and hash, and installed with hash checks."""

import re
import subprocess
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
    ("group", "extra"), [("function-api", "api"), ("function-resize", "heif avif sandbox")]
)
def test_the_functions_have_the_packages_of_the_extras(group: str, extra: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = settings["project"]["optional-dependencies"]

    locked = set(settings["dependency-groups"][group])

    assert locked - set(settings["project"]["dependencies"]) == {
        requirement for name in extra.split() for requirement in extras[name]
    }


def planned(tmp_path: Path, target: str) -> str:
    """Return the commands of a target of make where nothing is installed yet."""
    words = ["make", "-n", target, f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def test_the_first_start_installs_its_own_lock_and_shows_its_progress(tmp_path: Path) -> None:
    commands = planned(tmp_path, "up")

    assert re.findall(r"locks/\w+\.lock", commands).count("locks/up.lock") == 2
    assert "locks/dev.lock" not in commands
    assert "--quiet" not in commands


def test_the_tests_install_everything(tmp_path: Path) -> None:
    assert "-r locks/dev.lock" in planned(tmp_path, "test")


def test_the_first_start_has_the_versions_of_the_tests() -> None:
    first, full = ((ROOT / f"locks/{name}.lock").read_text() for name in ("up", "dev"))

    versions = set(re.findall(r"^\S+==\S+", first, re.MULTILINE))

    assert versions
    assert versions <= set(re.findall(r"^\S+==\S+", full, re.MULTILINE))
