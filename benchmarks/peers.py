"""Other resizers to compare with, each installed into its own folder in `benchmarks/.peers`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from benchmarks.contender import Contender

_HERE = Path(__file__).parent
FOLDER = _HERE / ".peers"
_ROOT = _HERE.parent
_SERVE = "benchmarks.tools.serve"
_VERSION = "import importlib.metadata as m; print(m.version('{}'))"


def ours(names: tuple[str, ...]) -> list[Contender]:
    """Return the workers that run in this environment: imagemill, and Pillow as in tutorials."""
    behind = {"tutorial": "pillow", "thumbnail": "pillow"}
    return [
        _python(sys.executable, name, _version(sys.executable, behind.get(name, "imagemill")))
        for name in names
    ]


def peers(names: Collection[str]) -> tuple[list[Contender], list[str]]:
    """Install the named tools once; returns those that work and the names of the rest."""
    FOLDER.mkdir(exist_ok=True)
    found, absent = [], []
    for name in (each for each in _INSTALLED if each in names):
        try:
            found.append(_INSTALLED[name]())
        except (OSError, subprocess.SubprocessError):
            absent.append(name)
    return found, absent


def peer_names() -> tuple[str, ...]:
    """Return the names of all other tools."""
    return tuple(_INSTALLED)


def python_with(name: str, *packages: str) -> str:
    """Return the interpreter of an environment with `packages`; creates it if missing."""
    folder = FOLDER / name
    python = str(folder / "bin" / "python")
    if not (folder / ".ready").exists():
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
        (folder / ".ready").touch()
    return python


def node_packages(name: str, *packages: str) -> Path:
    """Return a folder in which packages for Node are installed; creates it if missing."""
    folder = FOLDER / name
    if not (folder / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        _run("npm", "install", "--silent", "--prefix", str(folder), *packages)
        (folder / ".ready").touch()
    return folder


def _python(python: str, name: str, version: str) -> Contender:
    environment = {"PYTHONPATH": str(_ROOT), "VIPS_CONCURRENCY": "1"}
    return Contender(name, version, (python, "-m", _SERVE, name), environment)


def _pyvips() -> Contender:
    python = python_with("pyvips", "pyvips[binary]")
    return _python(python, "pyvips", _version(python, "pyvips-binary"))


def _thumbor() -> Contender:
    python = python_with("thumbor", "thumbor")
    return _python(python, "thumbor", _version(python, "thumbor"))


def _opencv() -> Contender:
    python = python_with("opencv", "opencv-python-headless")
    return _python(python, "opencv", _version(python, "opencv-python-headless"))


def _simplejpeg() -> Contender:
    python = python_with("simplejpeg", "simplejpeg", "cykooz.resizer", "numpy", "pillow")
    versions = [_version(python, name) for name in ("simplejpeg", "cykooz.resizer")]
    return _python(python, "simplejpeg", " with ".join(versions))


def _sharp(*arguments: str) -> Contender:
    folder = node_packages("sharp", "sharp")
    script = shutil.copy(_HERE / "tools" / "sharp.mjs", folder)
    package = folder / "node_modules" / "sharp" / "package.json"
    version = json.loads(package.read_text())["version"]
    name = " ".join(("sharp", *arguments))
    return Contender(name, f"sharp {version}", ("node", str(script), *arguments))


_INSTALLED: dict[str, Callable[[], Contender]] = {
    "sharp": _sharp,
    "sharp tuned": lambda: _sharp("tuned"),
    "sharp tuned 1": lambda: _sharp("tuned", "1"),
    "sharp tuned 2": lambda: _sharp("tuned", "2"),
    "pyvips": _pyvips,
    "opencv": _opencv,
    "simplejpeg": _simplejpeg,
    "thumbor": _thumbor,
}


def _version(python: str, package: str) -> str:
    """Return the name and version of a package."""
    return f"{package} {_run(python, '-c', _VERSION.format(package)).strip()}"


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)  # noqa: S603
    return done.stdout
