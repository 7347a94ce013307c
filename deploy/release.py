# ruff: noqa: INP001 - scripts, not a package
"""Write the functions' archives and the hashes of a release: `release.py DIST`.

DIST has the wheel, the sdist and the SBOMs. It gets an archive for each lock and architecture, as
functions/imagemill-VERSION-LOCK-ARCHITECTURE.zip, and SHA256SUMS over all files, as `sha256sum
--check` reads it.
"""

import hashlib
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from imagemill.building.archive import runtime_of, zipped
from imagemill.building.build import build_function
from imagemill.building.targets import ARCHITECTURES, BUILDS, Target
from imagemill.errors import SetupFailed
from imagemill.local.template import load_template, template_path
from imagemill.version import VERSION

_SUMS = "SHA256SUMS"


def write_archives(folder: Path, python: str) -> Iterator[str]:
    """Build every archive; yield a line with the hash of its contents, which builds print."""
    folder.mkdir(exist_ok=True)
    functions = {kind: name for name, kind in BUILDS.items()}
    for architecture, (kind, function) in product(ARCHITECTURES, functions.items()):
        name = f"imagemill-{VERSION}-{Path(kind.lock).stem}-{architecture}.zip"
        with TemporaryDirectory() as place:
            built = build_function(function, Path(place), Target(architecture, python))
            if not built.has_bytecode:
                raise SetupFailed(f"a release needs Python {python} on this machine")
            (folder / name).write_bytes(zipped(built.folder))
        yield f"{name}  contents {built.digest}"


def sums(folder: Path) -> str:
    """Return a line for each file of the folder: its SHA-256 and its path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _SUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in paths
    )


def main(dist: str) -> None:
    """Write archives and hashes; print the hash of each archive's contents."""
    folder = Path(dist)
    for line in write_archives(folder / "functions", runtime_of(load_template(template_path()))):
        print(line)  # noqa: T201 - the output of a command
    (folder / _SUMS).write_text(sums(folder))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SetupFailed as fault:
        sys.exit(str(fault))
