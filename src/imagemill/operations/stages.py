"""Stages: sections of samconfig.toml, the configuration file of the SAM CLI."""

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed

# Options of `sam deploy` that have no meaning here, or the only value that they can have here.
_UNUSED = frozenset({"capabilities", "fail_on_empty_changeset", "resolve_s3"})
_USED = frozenset(
    {
        *("stack_name", "region", "profile", "s3_bucket", "role_arn", "confirm_changeset"),
        *("parameter_overrides", "tags"),
    }
)


@dataclass(frozen=True, slots=True)
class Stage:
    """The options of a deployment; None or empty where the stage does not set one."""

    stack: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    profile: str | None = None
    bucket: str = ""
    """Bucket for the code and the template; empty for that of `imagemill deploy`."""
    role_arn: str = ""
    ask: bool = True
    """Whether the change is confirmed before it is made."""


def read_stage(text: str, name: str) -> Stage:
    """Return a stage of samconfig.toml.

    Raises SetupFailed if it does not exist, or has an option that would be ignored.
    """
    options = deploy_options(text, name)
    if "stack_name" not in options:
        raise SetupFailed(f"samconfig.toml has no stage {name!r} with a stack_name")
    if unknown := sorted(options.keys() - _USED - _UNUSED):
        raise SetupFailed(
            f"the stage {name!r} has options only of the SAM CLI: {', '.join(unknown)}"
        )
    return Stage(
        stack=options["stack_name"],
        region=options.get("region"),
        profile=options.get("profile"),
        bucket=options.get("s3_bucket", ""),
        role_arn=options.get("role_arn", ""),
        ask=bool(options.get("confirm_changeset", False)),
        parameters=_pairs(options.get("parameter_overrides", [])),
        tags=_pairs(options.get("tags", [])),
    )


def deploy_options(text: str, name: str) -> dict[str, Any]:
    """Return the options of `sam deploy` for a stage; none for an unknown stage.

    Raises SetupFailed if the text is not TOML.
    """
    try:
        stages: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SetupFailed(f"samconfig.toml is not valid: {fault}") from fault
    options: dict[str, Any] = stages.get(name, {}).get("deploy", {}).get("parameters", {})
    return options


def _pairs(given: str | list[str]) -> dict[str, str]:
    """Return NAME=VALUE by name, of a list or a text with quotes as in a shell.

    A value in a list may have quotes, too, because the SAM CLI splits it at spaces without them.
    """
    words = shlex.split(given) if isinstance(given, str) else given
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise SetupFailed(f"expected NAME=VALUE in samconfig.toml, got {wrong[0]!r}")
    is_list = not isinstance(given, str)
    return {name: _without_quotes(value) if is_list else value for name, _, value in pairs}


def _without_quotes(value: str) -> str:
    """Return a value without the quotes around it, if there are any."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value
