"""`imagemill get`: a rendition or an original, downloaded."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.screen import note, printable
from imagemill.errors import SetupFailed
from imagemill.operations.download import Fetched, fetch_original, fetch_rendition, require
from imagemill.operations.write_file import write_file

EXAMPLE = "imagemill get sample.png -o small.png --force"
_STDOUT = Path("-")


def get(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    image: Annotated[str, typer.Argument(metavar="ID|KEY", help="An image's id or key.")],
    *,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which rendition; else the first by name.")
    ] = None,
    original: Annotated[
        bool, typer.Option("--original", help="The file as it was uploaded.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="File or folder; - is stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Download a rendition of one image, or its original."""
    if original and preset:
        raise typer.BadParameter("--preset and --original exclude each other")
    cloud = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    fetched = _fetch(image, preset, cloud, original=original)
    if output == _STDOUT:
        sys.stdout.buffer.write(fetched.data)
        sys.stdout.buffer.flush()
        return
    target = _target(output, fetched.filename)
    if target.exists() and not force:
        raise SetupFailed(f"{target} is there already: add --force to replace it")
    write_file(target, fetched.data)
    note(f"wrote {printable(str(target))}")


def _fetch(image: str, preset: str | None, cloud: StackClient, *, original: bool) -> Fetched:
    record = require(image, cloud.records)
    if original:
        return fetch_original(record, cloud.originals)
    return fetch_rendition(record, preset, cloud.renditions)


def _target(output: Path | None, filename: str) -> Path:
    if output is None:
        return Path(filename)
    return output / filename if output.is_dir() else output
