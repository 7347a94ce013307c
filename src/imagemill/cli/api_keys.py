"""`imagemill keys create`, `list` and `delete`: API keys with scopes."""

import re
import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.cli.stack_access import note_change, stack_access
from imagemill.domain.api_key import ApiKey, KeyLimits, KeyRequest
from imagemill.domain.caller import SCOPES, Scope
from imagemill.domain.keys import owner_id
from imagemill.errors import SetupFailed, UsageInvalid

CREATE_EXAMPLE = "imagemill keys create photo-booth --scope upload --scope read --per-day 1000"
LIST_EXAMPLE = "imagemill keys list"
OWNER_EXAMPLE = "imagemill keys owner user:alice"
DELETE_EXAMPLE = "imagemill keys delete 3x4mpl3k3y --yes"
# The actors that own images; those with AWS credentials own none.
_OWNER = re.compile(r"(user|key):.+", re.DOTALL)


def create_command(  # noqa: PLR0913  # one parameter an option
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the owner, 1 to 32 of a-z, 0-9 and -.")
    ],
    *,
    scope: Annotated[
        list[str],
        typer.Option("--scope", "-s", metavar="SCOPE", help=f"{', '.join(SCOPES)}; repeatable."),
    ],
    per_second: Annotated[
        float | None, typer.Option(min=0.01, help="Requests a second; else as ApiRateLimit.")
    ] = None,
    per_day: Annotated[
        int | None, typer.Option(min=1, help="Requests a day; else as ApiDailyQuota.")
    ] = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Make an API key with scopes, and print it; it cannot be shown again.

    A key sees the images of its own name only; with the scope admin it sees all. The scope admin
    alone permits everything. Make a new key with the same name to replace one.
    """
    from imagemill.wiring.api_keys import open_api_keys  # noqa: PLC0415  # boto3 is slow to load

    scopes = _scopes(scope)
    access = stack_access(stack, profile, region, data_dir)
    opened = open_api_keys(*access)
    if "read" in scopes and "admin" not in scopes and not opened.has_owners:
        raise SetupFailed("a key that lists its own images needs the parameter Owners=true")
    made = opened.keys.create(KeyRequest(name, scopes, KeyLimits(per_second, per_day)))
    note_change("create key", f"{name} ({made.id}: {' '.join(_sorted(scopes))})", access)
    if as_json:
        print_json({"id": made.id, "name": name, "scopes": _sorted(scopes), "key": made.value})
        return
    print_line(made.value)
    note(f"id {made.id}; the key is shown only once, and valid in a few seconds", "dim")


def list_command(
    *,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """List the API keys with scopes; the key of the stack itself permits everything."""
    from imagemill.wiring.api_keys import open_api_keys  # noqa: PLC0415  # boto3 is slow to load

    found = open_api_keys(*stack_access(stack, profile, region, data_dir)).keys.all()
    if as_json:
        for key in found:
            limits = {
                "per_second": key.limits.requests_per_second,
                "per_day": key.limits.requests_per_day,
            }
            shown = {"id": key.id, "name": key.name, "scopes": list(key.scopes)}
            print_json({**shown, "created_at": key.created_at, **limits})
    elif found:
        stdout().print(_table(found))
    else:
        note("no keys with scopes yet")


def delete_command(  # noqa: PLR0913  # one parameter an option
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, from `keys list`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Delete an API key with scopes; its images stay."""
    from imagemill.wiring.api_keys import open_api_keys  # noqa: PLC0415  # boto3 is slow to load

    access = stack_access(stack, profile, region, data_dir)
    keys = open_api_keys(*access).keys
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Delete the key {key_id}?", abort=True, err=True)
    deleted = keys.delete(key_id)
    note_change("delete key", f"{deleted.name} ({key_id})", access)
    note(f"deleted the key {deleted.name}")


def owner_command(
    actor: Annotated[str, typer.Argument(metavar="ACTOR", help="user:SUB or key:NAME.")],
) -> None:
    """Print the id of an owner, which is in the keys of its images and in their records."""
    if not _OWNER.fullmatch(actor):
        raise UsageInvalid(f"expected user:SUB or key:NAME, got {actor!r}")
    print_line(owner_id(actor))


def _scopes(given: Iterable[str]) -> frozenset[Scope]:
    found = {scope for scope in SCOPES if scope in given}
    wrong = set(given) - found
    if wrong:
        raise UsageInvalid(
            f"expected --scope {' or '.join(SCOPES)}, got {', '.join(sorted(wrong))}"
        )
    return frozenset(found)


def _sorted(scopes: frozenset[Scope]) -> list[str]:
    return [scope for scope in SCOPES if scope in scopes]


def _table(keys: Iterable[ApiKey]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "scopes", "created (UTC)", "per second", "per day"):
        table.add_column(heading, overflow="fold")
    for key in keys:
        limits = (key.limits.requests_per_second, key.limits.requests_per_day)
        shown = ["" if limit is None else f"{limit:g}" for limit in limits]
        table.add_row(key.id, printable(key.name), " ".join(key.scopes), key.created_at, *shown)
    return table
