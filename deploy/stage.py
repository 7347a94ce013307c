# ruff: noqa: INP001 - scripts, not a package
"""Print the `Architecture` that a stage of samconfig.toml sets: `stage.py SAMCONFIG STAGE`."""

import sys
from pathlib import Path

from imagemill.errors import SetupFailed
from imagemill.operations.stages import deploy_options


def architecture(samconfig: str, stage: str) -> str:
    """Return the stage's `Architecture`; raises ValueError if there is no such stage or line."""
    overrides = deploy_options(samconfig, stage).get("parameter_overrides", [])
    given: dict[str, str] = dict(pair.split("=", 1) for pair in overrides)
    if "Architecture" not in given:
        raise ValueError(f"no Architecture among the parameter_overrides of the stage {stage!r}")
    return given["Architecture"]


if __name__ == "__main__":
    try:
        print(architecture(Path(sys.argv[1]).read_text(), sys.argv[2]))  # noqa: T201 - the output of a command
    except (OSError, SetupFailed, ValueError) as fault:
        sys.exit(str(fault))
