"""Build a function into a folder, for a machine of Lambda, on any host."""

import shutil
from pathlib import Path

from imagemill.building import artifact, packages
from imagemill.building.targets import BUILDS, Target
from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.wiring.shipped_files import openapi_path, shipped_path

_PACKAGE = Path(__file__).parents[1]
# Data of the wheel that no function reads.
_SHIPPED = {"openapi.json", "template.yaml", "web"}


@dataclass(frozen=True, slots=True)
class Built:
    """A function's folder that passed all checks."""

    folder: Path
    size_mib: float
    digest: str
    """SHA-256 over the names, times, modes and contents of all files."""
    has_bytecode: bool
    """False if this machine lacks Lambda's Python; every cold start then compiles all modules."""


def build_function(name: str, folder: Path, target: Target) -> Built:
    """Build a function, by its logical id, into an empty folder.

    Raises SetupFailed if a package cannot be installed or the result would not run on Lambda.
    """
    kind = BUILDS[name]
    uv = packages.find_uv()
    lock = shipped_path(f"locks/{kind.lock}", f"building/locks/{kind.lock}")
    packages.run(packages.install_command(folder, lock, target, uv))
    _copy_source(folder / _PACKAGE.name, with_openapi=kind.has_openapi)
    artifact.prune(folder)
    # Lambda cannot write bytecode next to the source.
    python = packages.find_python(target.python, uv)
    if python:
        packages.run(packages.compile_command(folder, python))
    if artifact.has_sandbox(folder):
        machine_code = shipped_path("deploy", "building/machine_code")
        artifact.add_machine_code(folder, machine_code, target.architecture)
    artifact.normalize(folder)
    if faults := artifact.faults(folder, target.architecture, target.python, kind.budget_mib):
        raise SetupFailed("\n".join(faults))
    return Built(folder, artifact.size_mib(folder), artifact.digest(folder), bool(python))


def _copy_source(folder: Path, *, with_openapi: bool) -> None:
    """Copy this package, without the files that the wheel adds to it."""

    def unwanted(source: str, names: list[str]) -> set[str]:
        shipped = _SHIPPED if Path(source) == _PACKAGE else set()
        return {"__pycache__"} | (shipped & set(names))

    shutil.copytree(_PACKAGE, folder, ignore=unwanted)
    if with_openapi:
        shutil.copy(openapi_path(), folder)
