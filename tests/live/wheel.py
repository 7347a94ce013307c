"""imagemill installed from its wheel, with nothing of this checkout around it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_UV = Path(sys.executable).with_name("uv")


def install_wheel(folder: Path, extra: str) -> Path:
    """Build the wheel, install it with an extra into a new environment; return its `bin`.

    The packages have the versions of dev.lock, which are in uv's cache.
    """
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist")
    [wheel] = (folder / "dist").glob("imagemill-*.whl")
    environment = folder / "venv"
    _run(_UV, "venv", "--quiet", "--python", sys.executable, environment)
    _run(
        *(_UV, "pip", "install", "--quiet", "--python", environment / "bin/python"),
        *("--constraint", ROOT / "locks/dev.lock", f"imagemill[{extra}] @ {wheel.as_uri()}"),
    )
    return environment / "bin"


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True)
