"""`imagemill audit`: uploads, deletions and changes of keys, with their actors."""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.durations import seconds_in
from imagemill.cli.screen import note, print_json, printable, stdout
from imagemill.cli.stack_access import stack_access
from imagemill.domain.audit_entry import AuditEntry
from imagemill.errors import UsageInvalid

EXAMPLE = "imagemill audit --since 7d --actor user:alice"
_KINDS = ("key:", "user:", "iam:")


def audit(  # noqa: PLR0913  # one parameter an option
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="How far back, such as 30m, 24h or 7d.")
    ] = "24h",
    actor: Annotated[
        str | None, typer.Option(help="Only of this actor: key:NAME, user:SUB or iam:ARN.")
    ] = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """List uploads, deletions and changes of keys with their actors, oldest first.

    CloudWatch keeps them for LogRetentionDays, `imagemill up` until it ends.
    """
    from imagemill.wiring.api_keys import open_audit_log  # noqa: PLC0415  # boto3 is slow to load

    start_s = time.time() - _seconds(since)
    if actor is not None and not actor.startswith(_KINDS):
        raise UsageInvalid(f"expected --actor key:NAME, user:SUB or iam:ARN, got {actor!r}")
    log = open_audit_log(*stack_access(stack, profile, region, data_dir))
    found = [entry for entry in log.entries(start_s) if actor in {None, entry.actor}]
    if as_json:
        for entry in found:
            print_json(asdict(entry))
    elif found:
        stdout().print(_table(found))
    else:
        note(f"nothing in the last {since}")


def _seconds(text: str) -> int:
    seconds = seconds_in(text)
    if seconds is None:
        raise UsageInvalid(f"expected --since such as 30m, 24h or 7d, got {text!r}")
    return seconds


def _table(entries: Iterable[AuditEntry]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time (UTC)", "action"):
        table.add_column(heading, no_wrap=True)
    for heading in ("actor", "image or key", "id"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(
            entry.at, entry.action, printable(entry.actor), printable(entry.target), entry.image
        )
    return table
