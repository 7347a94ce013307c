"""`imagemill backfill`: find missing or outdated renditions, show the price and fix them."""

import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.backfill_steps import BackfillSteps
from imagemill.cli.cloud import BackfillClient, StackOptions, open_client
from imagemill.dataclass import dataclass
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.reconciliation import EVERYTHING, Concern
from imagemill.errors import ImageRejected, SetupFailed, UsageInvalid

EXAMPLE = "imagemill backfill --dry-run"


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """The options of the user; `budget` is in dollars."""

    prefix: str
    concerns: frozenset[Concern]
    budget: float | None
    resume: bool
    codes: frozenset[str] = frozenset()


_Prefix = Annotated[
    str, typer.Option(metavar="TEXT", help="Only originals whose keys begin with TEXT.")
]
_Stale = Annotated[
    bool,
    typer.Option(
        "--stale",
        help="Only renditions made with a different recipe, and images rejected by limits or a "
        "version that are no longer in use.",
    ),
]
_Rejected = Annotated[
    bool,
    typer.Option(
        "--rejected", help="Only rejected images; with CODE, only those with this error code."
    ),
]
_Codes = Annotated[
    list[str] | None,
    typer.Argument(metavar="CODE", help="Error codes for --rejected, such as too_many_pixels."),
]
_Missing = Annotated[
    bool,
    typer.Option(
        "--missing", help="Only originals, records and renditions that do not match each other."
    ),
]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the work and its price, and change nothing.")
]
_List = Annotated[
    bool, typer.Option("--list", help="Print the reason and the key of each image that needs work.")
]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
_Budget = Annotated[
    float | None,
    typer.Option(metavar="DOLLARS", min=0, help="Stop before more than this is spent."),
]
_Resume = Annotated[bool, typer.Option("--resume", help="Continue the last backfill.")]


def backfill(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    codes: _Codes = None,
    *,
    prefix: _Prefix = "",
    stale: _Stale = False,
    missing: _Missing = False,
    rejected: _Rejected = False,
    dry_run: _DryRun = False,
    list_keys: _List = False,
    yes: _Yes = False,
    budget: _Budget = None,
    resume: _Resume = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Find missing or outdated renditions and records, show the price and fix them.

    The default is --stale and --missing together. On a terminal, the command asks for confirmation
    first; in a script it does not. Ctrl-C stops the backfill: messages that are already in the
    queue are still processed, and --resume continues with the rest. Prices are those of us-east-1
    without the free tier.
    """
    _check_codes(codes or (), rejected=rejected)
    client = open_client(context, StackOptions(stack, profile, region, data_dir)).backfill()
    concerns = _concerns(stale=stale, missing=missing, rejected=rejected)
    run = _run(BackfillOptions(prefix, concerns, budget, resume, frozenset(codes or ())), client)
    steps = BackfillSteps(run, client, as_json=as_json, ask=not yes)
    if dry_run:
        steps.search(list_keys=list_keys)
        return
    rough = None if list_keys else steps.estimate_first()
    end = (
        steps.repair_while_searching(rough)
        if rough
        else steps.search_and_repair(list_keys=list_keys)
    )
    if end and end.end != "done":
        raise typer.Exit(1)


def _check_codes(codes: Collection[str], *, rejected: bool) -> None:
    """Raise an error of the command line for codes that no rejected image has."""
    if codes and not rejected:
        raise typer.BadParameter("error codes need --rejected")
    known = sorted(kind.code for kind in ImageRejected.__subclasses__())
    if unknown := sorted(set(codes) - set(known)):
        raise UsageInvalid(f"expected codes of {', '.join(known)}, got {', '.join(unknown)}")


def _concerns(*, stale: bool, missing: bool, rejected: bool) -> frozenset[Concern]:
    chosen = {Concern.STALE: stale, Concern.MISSING: missing, Concern.REJECTED: rejected}
    return frozenset(concern for concern, is_chosen in chosen.items() if is_chosen) or EVERYTHING


def _run(request: BackfillOptions, client: BackfillClient) -> BackfillRun:
    """Return a new run, or the last run with --resume.

    Raises SetupFailed if there is no run to resume, or if one is still running.
    """
    last = client.runs.latest()
    name = f"backfill-{secrets.token_hex(8)}"
    if request.resume:
        if last is None:
            raise SetupFailed("there is nothing to resume: this stack has had no backfill")
        last = replace(last, budget=last.budget if request.budget is None else request.budget)
        return last if client.runs.is_sending(last) else replace(last, name=name)
    if last and client.runs.is_sending(last):
        raise SetupFailed(
            "a backfill is running: follow it with --resume, then stop it with Ctrl-C"
        )
    return BackfillRun(name, request.prefix, request.concerns, request.budget, codes=request.codes)
