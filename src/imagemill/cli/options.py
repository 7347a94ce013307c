"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from imagemill.errors import UsageInvalid

_WHERE = "Which stack"

Image = Annotated[str, typer.Argument(metavar="ID|KEY", help="Id or key of an image.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line on stdout.")]
Recursive = Annotated[
    bool,
    typer.Option("--recursive", "-r", help="Include the files in folders, except hidden ones."),
]
RecipeText = Annotated[
    str,
    typer.Option(
        "--recipe",
        metavar="TEXT",
        help="The presets, rules or a YAML file; see `imagemill recipe --help`.",
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        metavar="NAME=VALUE",
        help="A parameter of the template, such as OriginalsBucketName=photos; may be repeated.",
    ),
]
TimeoutS = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0, help="Longest time to wait.")
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        envvar="IMAGEMILL_DATA_DIR",
        help="Folder in which `imagemill up` keeps its data.",
        rich_help_panel=_WHERE,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="IMAGEMILL_STACK",
        help="Name of a stack on AWS; without it, the running `imagemill up` is used.",
        rich_help_panel=_WHERE,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="AWS profile for --stack.", rich_help_panel=_WHERE),
]
Region = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="AWS region of --stack.", rich_help_panel=_WHERE),
]
Api = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="IMAGEMILL_API",
        help="URL of a stack's REST API; needs a key (IMAGEMILL_API_KEY), a token "
        "(IMAGEMILL_API_TOKEN) or `imagemill login`, but no AWS credentials.",
        rich_help_panel=_WHERE,
    ),
]


def parameters_in(texts: list[str] | None, option: str = "--parameter") -> dict[str, str]:
    """Return the values of an option by name; raises UsageInvalid for a text without a name."""
    pairs = [text.partition("=") for text in texts or []]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise UsageInvalid(f"expected {option} NAME=VALUE, got {name!r}")
    return {name: value for name, _, value in pairs}


def check_stack(stack: str | None, profile: str | None, region: str | None) -> None:
    """Raise UsageInvalid for options of AWS without the name of a stack."""
    if (profile or region) and not stack:
        raise UsageInvalid("--profile and --region need --stack")
