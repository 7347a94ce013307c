"""Other resizers to compare with, each installed into its own folder in `benchmarks/.peers`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.contender import Contender

_HERE = Path(__file__).parent
FOLDER = _HERE / ".peers"
_WORKER = str(_HERE / "worker.py")
_VERSION = "import importlib.metadata as m; print(m.version('{}'))"


def ours(names: tuple[str, ...]) -> list[Contender]:
    """Return the workers that run in this environment: imagemill, and Pillow as in tutorials."""
    behind = {"tutorial": "pillow", "thumbnail": "pillow"}
    return [
        Contender(
            name,
            _version(sys.executable, behind.get(name, "imagemill")),
            (sys.executable, _WORKER, name),
        )
        for name in names
    ]


def peers() -> tuple[list[Contender], list[str]]:
    """Install the other tools once; returns those that work and the names of the rest."""
    FOLDER.mkdir(exist_ok=True)
    found, absent = [], []
    for name, install in _INSTALLED.items():
        try:
            found.append(install())
        except (OSError, subprocess.SubprocessError):
            absent.append(name)
    return found, absent


def python_with(name: str, *packages: str) -> str:
    """Return the interpreter of an environment with `packages`; creates it if missing."""
    folder = FOLDER / name
    python = str(folder / "bin" / "python")
    if not (folder / ".ready").exists():
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
        (folder / ".ready").touch()
    return python


def _pyvips() -> Contender:
    python = python_with("pyvips", "pyvips[binary]")
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    version = _version(python, "pyvips-binary")
    return Contender("pyvips", version, (python, _WORKER, "pyvips"), environment)


def _thumbor() -> Contender:
    python = python_with("thumbor", "thumbor")
    return Contender("thumbor", _version(python, "thumbor"), (python, _WORKER, "thumbor"))


def _sharp() -> Contender:
    folder = FOLDER / "sharp"
    package = folder / "node_modules" / "sharp" / "package.json"
    if not package.exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}")
        _run("npm", "install", "--silent", "--prefix", str(folder), "sharp")
    script = shutil.copy(_HERE / "worker_sharp.mjs", folder)
    version = json.loads(package.read_text())["version"]
    return Contender("sharp", f"sharp {version}", ("node", str(script)))


_INSTALLED: dict[str, Callable[[], Contender]] = {
    "sharp": _sharp,
    "pyvips": _pyvips,
    "thumbor": _thumbor,
}


def _version(python: str, package: str) -> str:
    """Return the name and version of a package."""
    return f"{package} {_run(python, '-c', _VERSION.format(package)).strip()}"


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)  # noqa: S603
    return done.stdout
