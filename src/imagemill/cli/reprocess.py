"""`imagemill reprocess`: make the renditions of images again."""

from collections.abc import Iterable
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.screen import note, print_json, print_line, printable
from imagemill.cli.wording import padded_status
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_json import report_in_detail
from imagemill.errors import RequestFault
from imagemill.operations.download import require
from imagemill.operations.wait import WaitOptions, wait_for_results

EXAMPLE = "imagemill reprocess sample.png --wait"


def reprocess_command(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    images: Annotated[list[str], typer.Argument(metavar="ID|KEY", help="Ids or keys of images.")],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the results and print each.")
    ] = False,
    timeout: options.TimeoutS = 120,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Make the renditions of images again, also of those that were rejected or have failed.

    The present recipe applies. For all images that need it, use `imagemill backfill`.
    """
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    sent = list(_sent(images, client))
    are_done = len(sent) == len(dict.fromkeys(images))
    if wait:
        wait_options = WaitOptions(timeout)
        names = {record.id: record.key for record in sent}
        for image, record in wait_for_results(sent, client.records, wait_options):
            are_done &= record is not None and record.status == "ready"
            _show(names[image], record, as_json=as_json)
    else:
        for record in sent:
            print_line(padded_status("sent"), f"  {printable(record.key)}")
    if not are_done:
        raise typer.Exit(1)


def _sent(images: Iterable[str], client: StackClient) -> Iterable[ImageRecord]:
    """Send every image to the queue, and yield its record; an error of one is printed."""
    for image in dict.fromkeys(images):
        try:
            yield client.reprocess(require(image, client.records).id)
        except RequestFault as fault:
            note(f"imagemill: {fault}", "red")


def _show(key: str, record: ImageRecord | None, *, as_json: bool) -> None:
    if record and as_json:
        print_json(report_in_detail(record))
        return
    error = record.error if record else None
    why = f"  {printable(f'{error.code}: {error.message}')}" if error else ""
    print_line(padded_status(record.status if record else "timed_out"), f"  {printable(key)}{why}")
