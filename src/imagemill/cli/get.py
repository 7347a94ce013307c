"""`imagemill get`: download a rendition or an original."""

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
from imagemill.wiring.limits import unpack_original

EXAMPLE = "imagemill get sample.png -o small.png --force"
_STDOUT = Path("-")


def get(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    image: options.Image,
    *,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Preset of the rendition; default: the first by name."),
    ] = None,
    original: Annotated[
        bool, typer.Option("--original", help="Download the uploaded file instead of a rendition.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="File or folder to write to, or - for stdout."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Download a rendition or the original of one image."""
    if original and preset:
        raise typer.BadParameter("--preset and --original cannot be used together")
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    fetched = _fetch(image, preset, client, original=original)
    if output == _STDOUT:
        sys.stdout.buffer.write(fetched.data)
        sys.stdout.buffer.flush()
        return
    target = _target(output, fetched.filename)
    if target.exists() and not force:
        raise SetupFailed(f"{target} exists: use --force to overwrite it")
    write_file(target, fetched.data)
    note(f"wrote {printable(str(target))}")


def _fetch(image: str, preset: str | None, client: StackClient, *, original: bool) -> Fetched:
    record = require(image, client.records)
    if original:
        return fetch_original(record, client.originals, unpack_original)
    return fetch_rendition(record, preset, client.renditions)


def _target(output: Path | None, filename: str) -> Path:
    if output is None:
        return Path(filename)
    return output / filename if output.is_dir() else output
