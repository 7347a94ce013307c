"""`imagemill focus`: set the focal point of an image."""

from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.screen import print_json, print_line, printable
from imagemill.cli.wording import padded_status
from imagemill.domain.event import Focus
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_json import report
from imagemill.errors import UsageInvalid
from imagemill.operations.download import require
from imagemill.operations.wait import WaitOptions, wait_for_records

EXAMPLE = "imagemill focus sample.png 0.3,0.7 --wait"
EXPECTED = "two numbers from 0 to 1, such as 0.3,0.7"


def focus(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    image: options.Image,
    point: Annotated[
        str | None,
        typer.Argument(metavar="X,Y", help="The point, from 0 to 1 across and down."),
    ] = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the focal point.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the renditions show the point.")
    ] = False,
    timeout: options.TimeoutS = 120,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Set the focal point of an image: crops that name no focus are made again around it.

    The point is one of the upright image. Other bytes under the same key do not keep it.
    """
    wanted = _wanted(point, clear=clear)
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    record: ImageRecord | None = client.change_focus(require(image, client.records).id, wanted)
    if wait and record and not record.is_focus_applied:
        wait_options = WaitOptions(timeout)
        applied = {record.id: _has_ended}
        [(_, record)] = wait_for_records(applied, client.records, wait_options)
    _show(image, record, as_json=as_json)
    if record is None or record.status != "ready":
        raise typer.Exit(1)


def read_focus(text: str, option: str) -> Focus:
    """Return the point that an option names; raises UsageInvalid."""
    found = Focus.parse(text)
    if found is None:
        raise UsageInvalid(f"expected {option} to be {EXPECTED}, got {text!r}")
    return found


def _wanted(point: str | None, *, clear: bool) -> Focus | None:
    if clear == (point is not None):
        raise UsageInvalid("expected either a point, such as 0.3,0.7, or --clear")
    return read_focus(point, "the point") if point is not None else None


def _has_ended(record: ImageRecord) -> bool:
    return record.is_focus_applied or record.status != "ready"


def _show(image: str, record: ImageRecord | None, *, as_json: bool) -> None:
    if record is None:
        print_line(padded_status("timed_out"), f"  {printable(image)}")
    elif as_json:
        print_json(report(record))
    else:
        word = record.status if record.is_focus_applied else "pending"
        point = str(record.wanted_focus or "no focal point")
        print_line(padded_status(word), f"  {printable(record.key)}  {point}")
