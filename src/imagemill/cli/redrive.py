"""`imagemill redrive`: send dead letters to the queue again."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.failed import facts
from imagemill.cli.screen import note, print_json, print_line, printable
from imagemill.cli.webhook_events import Webhook, send_again
from imagemill.cli.wording import counted, padded_status
from imagemill.domain.record import ImageRecord
from imagemill.operations.dead_letters import AboutImage, Failure, named, redrive
from imagemill.operations.wait import WaitOptions, wait_for_retries

EXAMPLE = "imagemill redrive --all --wait"


def redrive_command(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    images: Annotated[
        list[str] | None, typer.Argument(metavar="ID|KEY", help="Ids or keys of images.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the results and print each.")
    ] = False,
    webhook: Webhook = False,
    timeout: options.TimeoutS = 120,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Send dead letters to the queue again, after the cause of the errors is fixed."""
    if bool(images) == everything:
        raise typer.BadParameter("expected ids or keys of images, or --all")
    if webhook and wait:
        raise typer.BadParameter("--webhook has no results to wait for")
    client = open_client(context, StackOptions(stack, profile, region, data_dir))
    is_selected = named(images) if images else _any
    if webhook:
        count = send_again(client.webhook_dead_letters(), is_selected, as_json=as_json)
        raise typer.Exit(1 if images and not count else 0)
    sent = []
    for failure in redrive(client.dead_letters, client.records, is_selected):
        sent.append(failure)
        _show(failure, as_json=as_json)
    ended = _wait(sent, client, timeout) if wait else Counter[str]()
    note(_summary(sent, ended))
    if ended.keys() - {"ready", "rejected", "deleted"} or (images and not sent):
        raise typer.Exit(1)


def _any(_: AboutImage) -> bool:
    return True


def _show(failure: Failure, *, as_json: bool) -> None:
    if as_json:
        print_json(facts(failure))
    else:
        print_line(padded_status("sent"), f"  {printable(_name(failure))}")


def _wait(sent: Sequence[Failure], client: StackClient, timeout_s: float) -> Counter[str]:
    """Print the result of each image, and return how many have each status.

    A message that is no S3 notification has no image, and will fail again.
    """
    names = {failure.id: failure for failure in sent if failure.id}
    revisions = {image: failure.revision for image, failure in names.items()}
    wait_options = WaitOptions(timeout_s)
    ended: Counter[str] = Counter()
    for failure in sent:
        if not failure.id:
            ended["failed"] += 1
            _print_result("failed", _name(failure), f"{failure.code}: {failure.message}")
    for image, record in wait_for_retries(revisions, client.records, wait_options):
        status = record.status if record else "timed_out"
        ended[status] += 1
        _print_result(status, _name(names[image]), _error_text(record))
    return ended


def _print_result(status: str, name: str, error: str) -> None:
    print_line(padded_status(status), f"  {printable(name)}  {printable(error)}")


def _name(failure: Failure) -> str:
    return failure.key or f"message {failure.dead_letter.message_id}"


def _error_text(record: ImageRecord | None) -> str:
    error = record.error if record else None
    return f"{error.code}: {error.message}" if error else ""


def _summary(sent: list[Failure], ended: Counter[str]) -> str:
    words = ", ".join(f"{count} {status}" for status, count in ended.most_common())
    return f"{counted(len(sent), 'event')} sent to the queue again" + (
        f": {words}" if words else ""
    )
