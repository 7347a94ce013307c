"""`imagemill failed --webhook` and `imagemill redrive --webhook`."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from rich.table import Table

from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.cli.wording import counted, padded_status
from imagemill.operations.dead_letters import DeadLetterQueue, events_in, redrive_events
from imagemill.operations.webhook_events import UnsentEvent, unsent_events

Webhook = Annotated[
    bool,
    typer.Option("--webhook", help="The webhooks that your server did not accept instead."),
]


def list_unsent(queue: DeadLetterQueue, *, as_json: bool) -> None:
    """Print the events that the server did not accept."""
    found = sorted(events_in(queue, unsent_events), key=lambda event: event.time)
    if as_json:
        for event in found:
            print_json(_facts(event))
    elif found:
        stdout().print(_table(found))
    note(f"{counted(len(found), 'webhook')} not accepted" if found else "no dead letters")


def send_again(
    queue: DeadLetterQueue, is_selected: Callable[[UnsentEvent], bool], *, as_json: bool
) -> int:
    """Send events to the queue of the webhooks again, print each, and return their number."""
    count = 0
    for event in redrive_events(queue, unsent_events, is_selected):
        count += 1
        if as_json:
            print_json(_facts(event))
        else:
            print_line(padded_status("sent"), f"  {printable(_name(event))}")
    note(f"{counted(count, 'webhook')} sent to the queue again")
    return count


def _facts(event: UnsentEvent) -> dict[str, Any]:
    return {
        "id": event.id or None,
        "key": event.key or None,
        "event": event.kind or None,
        "time": event.time or None,
        "message_id": event.dead_letter.message_id,
    }


def _name(event: UnsentEvent) -> str:
    if not event.key:
        return f"message {event.dead_letter.message_id}"
    return f"{event.kind}  {event.key}"


def _table(found: Iterable[UnsentEvent]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time", "event"):
        table.add_column(heading, no_wrap=True)
    table.add_column("key", overflow="fold")
    for event in found:
        key = event.key or f"message {event.dead_letter.message_id}"
        table.add_row(printable(event.time), printable(event.kind), printable(key))
    return table
