"""Build a function: `python -m imagemill.building FUNCTION DIR ARCHITECTURE PYTHON`.

FUNCTION is the logical id in the template, ARCHITECTURE arm64 or x86_64, PYTHON a version such as
3.13. `sam build` runs this for each function.
"""

import sys
from pathlib import Path

from imagemill.building.build import build_function
from imagemill.building.targets import BUILDS, Target
from imagemill.errors import SetupFailed


def main(name: str, folder: str, architecture: str, python: str) -> None:
    """Build the function and print its size and hash."""
    target = Target(architecture, python)
    built = build_function(name, Path(folder), target)
    if not built.has_bytecode:
        sys.stderr.write(
            f"Python {python} is not installed: {name} is built without bytecode and starts "
            f"slower. Install it with `uv python install {python}`.\n"
        )
    size = f"{built.size_mib:.1f} of {BUILDS[name].budget_mib} MiB"
    facts = (name, architecture, f"Python {python}", size, f"sha256 {built.digest}")
    sys.stdout.write("  ".join(facts) + "\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SetupFailed as fault:
        sys.exit(str(fault))
