"""`imagemill ls`: list the newest images."""

from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.image_table import image_table, wide_image_table
from imagemill.cli.screen import note, print_json, stdout
from imagemill.domain.record import Status
from imagemill.domain.record_json import report
from imagemill.errors import UsageInvalid

EXAMPLE = "imagemill ls --limit 5 --status ready"
# Most records of one listing, because the command holds them in memory.
_MAX_LIMIT = 10_000


def ls(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=_MAX_LIMIT, help="Number of images.")
    ] = 20,
    status: Annotated[
        Status | None,
        typer.Option(help="Only images with this status; deleted ones are in no list."),
    ] = None,
    wide: Annotated[
        bool, typer.Option("--wide", "-w", help="Add the ids, and shorten nothing.")
    ] = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """List images, newest first.

    On a narrow terminal some columns are left out, and at last the keys are shortened in the
    middle. A pipe gets all columns and whole keys.
    """
    if status == "deleted":
        raise UsageInvalid(
            "deleted images are in no list; for 30 days, `imagemill show KEY` shows their records"
        )
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    records = client.feed.newest(limit, status=status)
    if as_json:
        for record in records:
            print_json(report(record))
    elif records and wide:
        stdout(is_endless=True).print(wide_image_table(records))
    elif records:
        console = stdout()
        console.print(image_table(records, console.width))
    else:
        note("no images yet" if status is None else f"no image is {status}")
