"""The version of this package, which the build writes into `version.txt` (pyproject.toml)."""

from pathlib import Path

# Of a source tree that was never built or installed.
UNKNOWN = "0.0.0"


def read_version(folder: Path) -> str:
    """Return the version that the build has written into the package's folder."""
    try:
        return (folder / "version.txt").read_text("utf-8").strip()
    except FileNotFoundError:
        return UNKNOWN


VERSION = read_version(Path(__file__).parent)
