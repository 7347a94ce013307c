# ruff: noqa: INP001 - scripts, not a package
"""Print the `Architecture` that a stage of samconfig.toml sets: `stage.py SAMCONFIG STAGE`."""

import sys
import tomllib
from pathlib import Path
from typing import Any


def architecture(samconfig: str, stage: str) -> str:
    """Return the stage's `Architecture`; raises ValueError if there is no such stage or line."""
    overrides = deploy_options(samconfig, stage).get("parameter_overrides", [])
    given: dict[str, str] = dict(pair.split("=", 1) for pair in overrides)
    if "Architecture" not in given:
        raise ValueError(f"no Architecture among the parameter_overrides of the stage {stage!r}")
    return given["Architecture"]


def deploy_options(samconfig: str, stage: str) -> dict[str, Any]:
    """Return the options of `sam deploy` for a stage; none for an unknown stage."""
    stages: dict[str, Any] = tomllib.loads(samconfig)
    options: dict[str, Any] = stages.get(stage, {}).get("deploy", {}).get("parameters", {})
    return options


if __name__ == "__main__":
    try:
        print(architecture(Path(sys.argv[1]).read_text(), sys.argv[2]))  # noqa: T201 - the output of a command
    except (OSError, ValueError) as fault:
        sys.exit(str(fault))
