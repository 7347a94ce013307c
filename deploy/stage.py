# ruff: noqa: INP001 - scripts, not a package
"""Print the `Architecture` that a stage of samconfig.toml sets: `stage.py SAMCONFIG STAGE`.

With further arguments NAME=VALUE, print the option of `sam deploy` with all parameters of the stage
and these: on the command line, SAM takes the parameters from there alone.
"""

import shlex
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


def overrides_option(samconfig: str, stage: str, changes: list[str]) -> str:
    """Return `--parameter-overrides …` for a shell: the stage's parameters, with some changed."""
    given: list[str] = deploy_options(samconfig, stage).get("parameter_overrides", [])
    pairs = dict(pair.split("=", 1) for pair in [*given, *changes])
    return shlex.join(["--parameter-overrides", *(f"{n}={v}" for n, v in pairs.items())])


if __name__ == "__main__":
    try:
        file, name, *changed = sys.argv[1:]
        text = Path(file).read_text()
        found = overrides_option(text, name, changed) if changed else architecture(text, name)
        print(found)  # noqa: T201 - the output of a command
    except (OSError, SetupFailed, ValueError) as fault:
        sys.exit(str(fault))
