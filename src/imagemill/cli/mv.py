"""`imagemill mv`: move images to a folder."""

from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.screen import note, print_line, printable
from imagemill.cli.wording import padded_status
from imagemill.domain.keys import has_dot_segments
from imagemill.domain.record import FINAL, ImageRecord
from imagemill.errors import RequestFault, UsageInvalid
from imagemill.operations.download import require
from imagemill.operations.wait import WaitOptions, wait_for_records

EXAMPLE = "imagemill mv sample.png holiday/2026/ --wait"


def mv(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    images: Annotated[list[str], typer.Argument(metavar="ID|KEY", help="Ids or keys of images.")],
    folder: Annotated[
        str, typer.Argument(metavar="PREFIX/", help="A folder, such as holiday/2026/; / is none.")
    ],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the images are processed again.")
    ] = False,
    timeout: options.TimeoutS = 120,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Move images to a folder: the file names stay, the keys and ids are new.

    Each original is copied inside the bucket with its metadata and tags, and deleted under its
    former key when the copy is stored. The renditions are made again.
    """
    prefix = _checked(folder)
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    moved = {image: _moved(image, prefix, client) for image in images}
    records = [record for record in moved.values() if record]
    records = _ended(records, client, timeout) if wait else records
    for record in records:
        print_line(padded_status(record.status), f"  {printable(record.key)}")
    if None in moved.values() or (wait and any(one.status != "ready" for one in records)):
        raise typer.Exit(1)


def _checked(folder: str) -> str:
    """Return the prefix of a folder's keys; raises UsageInvalid."""
    prefix = folder.lstrip("/")
    if folder != "/" and not folder.endswith("/"):
        raise UsageInvalid(f"expected a folder that ends with /, such as {folder}/, got {folder!r}")
    if "//" in prefix or has_dot_segments(prefix):
        raise UsageInvalid(f"expected a folder with names between the slashes, got {folder!r}")
    return prefix


def _moved(image: str, prefix: str, client: StackClient) -> ImageRecord | None:
    """Move an image, and return the record of its new key; None after a note of the reason."""
    try:
        return client.move(require(image, client.records).id, prefix)
    except RequestFault as fault:
        note(f"imagemill: {image}: {fault}", "red")
        return None


def _ended(records: list[ImageRecord], client: StackClient, timeout_s: float) -> list[ImageRecord]:
    """Return the records when they are final; as they were after the time-out."""
    wait_options = WaitOptions(timeout_s)
    predicates = dict.fromkeys((one.id for one in records), lambda one: one.status in FINAL)
    found = dict(wait_for_records(predicates, client.records, wait_options))
    return [found[one.id] or one for one in records]
