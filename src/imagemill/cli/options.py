"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

_WHERE = "Which cloud"

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Take what is in folders, hidden files aside.")
]
RecipeText = Annotated[
    str, typer.Option("--recipe", metavar="TEXT", help="Presets to make: see `imagemill recipe`.")
]
TimeoutS = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0, help="How long to wait at most.")
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        envvar="IMAGEMILL_DATA_DIR",
        help="Where `imagemill up` keeps its images.",
        rich_help_panel=_WHERE,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="IMAGEMILL_STACK",
        help="A stack on AWS, instead of the running `imagemill up`.",
        rich_help_panel=_WHERE,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="AWS profile to reach the stack with.", rich_help_panel=_WHERE
    ),
]
Region = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="AWS region the stack is in.", rich_help_panel=_WHERE),
]
Api = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="IMAGEMILL_API",
        help="A stack by its REST API, with the key in IMAGEMILL_API_KEY; no AWS rights needed.",
        rich_help_panel=_WHERE,
    ),
]
