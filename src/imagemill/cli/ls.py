"""`imagemill ls`: list the newest images."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.screen import note, print_json, printable, stdout
from imagemill.cli.wording import clock_time, original_size, renditions_size, styled_status
from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.record_json import report

EXAMPLE = "imagemill ls --limit 5 --status ready"
# Most records of one listing, because the command holds them in memory.
_MAX_LIMIT = 10_000


def ls(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=_MAX_LIMIT, help="Number of images.")
    ] = 20,
    status: Annotated[Status | None, typer.Option(help="Only images with this status.")] = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """List images, newest first."""
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    records = client.feed.newest(limit, status=status)
    if as_json:
        for record in records:
            print_json(report(record))
    elif records:
        stdout().print(_table(records))
    else:
        note("no images yet" if status is None else f"no image is {status}")


def _table(records: Iterable[ImageRecord]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("uploaded (UTC)", "status", "original", "renditions"):
        table.add_column(heading, no_wrap=True)
    table.add_column("key", overflow="fold")
    for record in records:
        table.add_row(
            clock_time(record.uploaded_at),
            styled_status(record.status),
            original_size(record),
            record.error.code if record.error else renditions_size(record),
            printable(record.key),
        )
    return table
