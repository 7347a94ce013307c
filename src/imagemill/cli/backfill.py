"""`imagemill backfill`: find missing or outdated renditions, show the price and fix them."""

import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from imagemill.backfill import execute
from imagemill.backfill.due import BY_LISTING
from imagemill.backfill.estimate import BackfillPlan, plan
from imagemill.backfill.survey import Selection, Survey, survey
from imagemill.cli import options
from imagemill.cli.backfill_output import counts, dollars, facts, result, show, show_due
from imagemill.cli.cloud import BackfillClient, StackOptions, open_client
from imagemill.cli.screen import note, print_json, stderr
from imagemill.dataclass import dataclass
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.keys import accept_every
from imagemill.domain.reconciliation import EVERYTHING, Concern
from imagemill.errors import SetupFailed

EXAMPLE = "imagemill backfill --dry-run"
# Why a run has ended early, as text for users.
_ENDS = {
    "budget": "stopped to stay within the budget",
    "left": "the queue is empty, but not all images are done: see `imagemill failed`",
}


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
    client = open_client(context, StackOptions(stack, profile, region, data_dir)).backfill()
    if codes and not rejected:
        raise typer.BadParameter("error codes need --rejected")
    concerns = _concerns(stale=stale, missing=missing, rejected=rejected)
    run = _run(BackfillOptions(prefix, concerns, budget, resume, frozenset(codes or ())), client)
    found = _survey(run, client)
    planned = _plan(found, client)
    if list_keys:
        show_due(planned.due, as_json=as_json)
    if not as_json:
        show(found, planned, client)
    end = None if dry_run or not planned.due else _begin(run, planned, client, ask=not yes)
    if as_json:
        print_json(facts(found, planned) | (result(end, run) if end else {}))
    if end and end.end != "done":
        raise typer.Exit(1)


def _begin(
    run: BackfillRun, planned: BackfillPlan, client: BackfillClient, *, ask: bool
) -> execute.Progress:
    _require_budget(run, planned)
    if ask and sys.stdin.isatty():
        typer.confirm("Begin?", abort=True, err=True)
    return _carry_out(run, planned, client)


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
        return last if client.runs.is_feeding(last) else replace(last, name=name)
    if last and client.runs.is_feeding(last):
        raise SetupFailed(
            "a backfill is running: follow it with --resume, then stop it with Ctrl-C"
        )
    return BackfillRun(name, request.prefix, request.concerns, request.budget, codes=request.codes)


def _survey(run: BackfillRun, client: BackfillClient) -> Survey:
    keys = client.keys
    selection = Selection(
        prefix=keys.narrowed(run.prefix) if keys else run.prefix,
        concerns=run.concerns,
        recipes=client.recipes,
        judge=client.judge,
        codes=run.codes,
        accepts=keys.accepts if keys else accept_every,
    )
    console = stderr()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("searching …")

        def show_progress(found: Survey) -> None:
            words = f"checked {counts(found)}"
            progress.update(task, description=words)

        return survey(selection, client.scan, show_progress)


def _plan(found: Survey, client: BackfillClient) -> BackfillPlan:
    """Return the plan for the listing with the longest prefix that covers all images to process."""
    draft = plan(found, 0, client.deps.inputs)
    if not any(due.why in BY_LISTING for due in found.due):
        return draft
    fed = found.originals + found.ignored
    if draft.prefix != found.selection.prefix:
        fed = sum(len(page) for page in client.scan.originals(draft.prefix))
    return plan(found, fed, client.deps.inputs)


def _require_budget(run: BackfillRun, planned: BackfillPlan) -> None:
    """Raise SetupFailed if the plan costs more than the rest of the budget."""
    if execute.must_stop(planned.bill.total, run.spent, run.budget):
        spent = f", with {dollars(run.spent)} already spent" if run.spent else ""
        raise SetupFailed(
            f"it would cost about {dollars(planned.bill.total)}{spent}, which is more than the "
            f"budget of {dollars(run.budget or 0)}: raise --budget, or narrow it with --prefix"
        )


def _carry_out(run: BackfillRun, planned: BackfillPlan, client: BackfillClient) -> execute.Progress:
    """Follow the run until it ends; on Ctrl-C, stop it."""
    if not client.runs.is_feeding(run):
        execute.begin(run, planned, client.deps)
    last = execute.Progress(0, len(planned.due), run.spent)
    try:
        for check in _with_progress(execute.follow(run, planned, client.deps), len(planned.due)):
            last = check
    except KeyboardInterrupt:
        execute.halt(replace(run, spent=last.spent), client.deps)
        last = replace(last, end="stopped")
        note("stopped; messages in the queue are still processed, --resume continues with the rest")
    why = _ENDS.get(last.end)
    words = f"{last.done} done, {last.left} left"
    note(f"{words}, at most {dollars(last.spent)} spent" + (f": {why}" if why else ""))
    return last


def _with_progress(checks: Iterator[execute.Progress], total: int) -> Iterator[execute.Progress]:
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting", total=total)
        for check in checks:
            words = f"done {check.done}/{total}, at most {dollars(check.spent)} spent"
            progress.update(task, completed=check.done, description=words)
            yield check
