"""Install the locked packages of a function, and compile its folder, with uv or pip."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from imagemill.building.targets import Target
from imagemill.errors import SetupFailed

# Only wheels are installed, so that nothing is compiled or run for this machine.
_LOCKED = ("--only-binary", ":all:", "--no-deps", "--require-hashes")


def install_command(folder: Path, lock: Path, target: Target, uv: str | None) -> list[str]:
    """Return the command that installs the packages of a lock into a folder, with uv or pip.

    Raises SetupFailed if there is neither.
    """
    common = [*("--quiet", "--target", str(folder)), *_LOCKED, "-r", str(lock)]
    common += ["--python-version", target.python]
    if uv:
        options = ["--python", sys.executable, "--link-mode", "copy"]
        return [uv, "pip", "install", *common, *options, "--python-platform", target.platform]
    if find_spec("pip") is None:
        raise SetupFailed("the functions are built with uv or pip: run pip install uv")
    platforms = [word for tag in target.tags for word in ("--platform", tag)]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    return [*pip, "install", *common, "--implementation", "cp", *platforms]


def find_uv() -> str | None:
    """Return the path of uv, of this environment or of the system; None without one."""
    try:
        from uv import find_uv_bin  # noqa: PLC0415  # an optional package

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


def run(command: Sequence[str]) -> None:
    """Run a command; raises SetupFailed with the end of its output if it fails."""
    done = subprocess.run(  # noqa: S603  # our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise SetupFailed(f"{Path(command[0]).name} failed: {' '.join(lines[-3:])}")


def find_python(version: str, uv: str | None) -> str | None:
    """Return an interpreter of a version such as 3.13; None if this machine has none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    command = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    if uv:
        command = [uv, "python", "find", "--no-project", "--no-python-downloads", version]
    # With PYENV_VERSION, pyenv finds this version even if another one is active.
    environment = os.environ | {"PYENV_VERSION": version}
    try:
        done = subprocess.run(  # noqa: S603  # our own command
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def compile_command(folder: Path, python: str) -> list[str]:
    """Return the command that compiles a folder to bytecode.

    "unchecked-hash" keeps times out of the bytecode, and -s and -p keep the build folder out of it.
    """
    invalidation = ("--invalidation-mode", "unchecked-hash")
    paths = ("-s", str(folder), "-p", "/var/task")
    return [python, "-m", "compileall", "-q", "-j", "1", *invalidation, *paths, str(folder)]
