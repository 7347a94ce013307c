"""`imagemill failed`: list the dead letters and their errors."""

from collections.abc import Iterable
from typing import Any

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.screen import note, print_json, printable, stdout
from imagemill.cli.webhook_events import Webhook, list_unsent
from imagemill.cli.wording import counted
from imagemill.operations.dead_letters import Failure, failures

EXAMPLE = "imagemill failed --json"


def failed(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    *,
    webhook: Webhook = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """List the dead letters: events that failed on every attempt, with their errors.

    The events stay in the dead-letter queue. `imagemill redrive` sends them to the queue again.
    """
    client = open_client(context, StackOptions(stack, profile, region, data_dir))
    if webhook:
        list_unsent(client.webhook_dead_letters(), as_json=as_json)
        return
    found = failures(client.dead_letters, client.records)
    if as_json:
        for failure in found:
            print_json(facts(failure))
    elif found:
        stdout().print(_table(found))
    note(f"{counted(len(found), 'dead letter')}" if found else "no dead letters")


def facts(failure: Failure) -> dict[str, Any]:
    """Return a dead letter as a JSON object."""
    return {
        "id": failure.id or None,
        "key": failure.key or None,
        "change": failure.change,
        "code": failure.code,
        "message": failure.message,
        "attempts": failure.attempts,
        "message_id": failure.dead_letter.message_id,
    }


def _table(found: Iterable[Failure]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("code", "tries", "change"):
        table.add_column(heading, no_wrap=True)
    table.add_column("key", overflow="fold")
    table.add_column("message", overflow="fold")
    for failure in found:
        table.add_row(
            failure.code,
            str(failure.attempts),
            str(failure.change or ""),
            printable(failure.key),
            printable(failure.message),
        )
    return table
