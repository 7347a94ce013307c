"""`imagemill share` and `imagemill shares`: make, revoke and list share links."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from imagemill.api.shares import NewShare, ShareRequest
from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.durations import seconds_in
from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.cli.stack_access import note_change, stack_access
from imagemill.cli.wording import clock_time
from imagemill.domain.share import LONGEST_S, SHORTEST_S, Share
from imagemill.domain.share_json import report, time_of
from imagemill.errors import UsageInvalid
from imagemill.operations.download import require

if TYPE_CHECKING:
    from imagemill.cli.cloud import StackClient

EXAMPLE = "imagemill share holiday/ --expires 30d"
LIST_EXAMPLE = "imagemill shares"


def share(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(metavar="ID|KEY|PREFIX/", help="An image, or a folder, which ends with /."),
    ] = None,
    *,
    expires: Annotated[
        str,
        typer.Option(metavar="TIME", help="Time until it expires: 30m, 12h, 7d; 90d at most."),
    ] = "7d",
    originals: Annotated[
        bool, typer.Option("--originals", help="Show the uploaded files, too, with their metadata.")
    ] = False,
    revoke: Annotated[
        str | None, typer.Option(metavar="ID", help="Revoke the link with this id instead.")
    ] = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Make a link that shows an image or a folder, without other credentials, until it expires.

    The link is printed only now. Everyone who has it can use it. A stack without a gallery gets
    the token of the link instead, for programs.
    """
    if (target is None) == (revoke is None):
        raise UsageInvalid("expected either an image or a folder, or --revoke ID")
    seconds = _seconds(expires)
    where = StackOptions(stack, profile, region, data_dir, api)
    client = open_client(context, where)
    if revoke:
        revoked = client.shares().revoke(revoke)
        _audit("revoke share", revoked, where, context)
        _print_revoked(revoked, as_json=as_json)
    elif target:
        made = client.shares().create(_request(target, seconds, client, originals=originals))
        _audit("share", made.share, where, context)
        _print_made(made, as_json=as_json)


def shares(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    *,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """List the links that are valid: with --api your own, or all for an administrator."""
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    found = list(client.shares().all())
    if as_json:
        for one in found:
            print_json(report(one))
    elif found:
        stdout().print(_table(found))
    else:
        note("no share links")


def _seconds(text: str) -> int:
    seconds = seconds_in(text) or 0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise UsageInvalid(f"expected --expires such as 30m, 12h or 7d, 1m to 90d, got {text!r}")
    return seconds


def _request(target: str, seconds: int, client: "StackClient", *, originals: bool) -> ShareRequest:
    if target.endswith("/"):
        return ShareRequest("", target, seconds, originals)
    return ShareRequest(require(target, client.records).id, "", seconds, originals)


def _audit(action: str, made: Share, where: StackOptions, context: typer.Context) -> None:
    """Add the change to the audit log; the API does so itself."""
    if where.api or context.obj:
        return
    access = stack_access(where.stack, where.profile, where.region, where.data_dir)
    note_change(action, f"{_target(made)} ({made.id})", access)


def _print_made(made: NewShare, *, as_json: bool) -> None:
    if as_json:
        print_json({**report(made.share), "token": made.token, "url": made.url or None})
        return
    print_line(made.url or made.token)
    end = clock_time(time_of(made.share.grant.until))
    note(f"id {made.share.id}; valid until {end} UTC", "dim")


def _print_revoked(revoked: Share, *, as_json: bool) -> None:
    if as_json:
        print_json(report(revoked))
    else:
        note(f"revoked the link to {printable(_target(revoked))}")


def _target(made: Share) -> str:
    return made.key or made.grant.prefix or made.grant.image


def _table(found: Iterable[Share]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "expires (UTC)", "originals", "made by", "image or folder"):
        table.add_column(heading, overflow="fold")
    for one in found:
        shows = "yes" if one.grant.originals else ""
        end = clock_time(time_of(one.grant.until))
        table.add_row(one.id, end, shows, printable(one.made_by), printable(_target(one)))
    return table
