"""`imagemill adopt`: have the events of an existing bucket sent to a stack."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from imagemill.cli import options
from imagemill.cli.screen import note, print_json, print_line, stderr, stdout
from imagemill.cli.stack_access import stack_access
from imagemill.cli.wording import counted
from imagemill.operations.adopt_bucket import AdoptionPlan, carry_out, plan_adoption

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from imagemill.domain.adoption import NotificationRule
    from imagemill.wiring.adopt import AdoptionParts, Selected

EXAMPLE = "imagemill adopt photos --stack imagemill"
_NO_VERSIONS = (
    "the bucket keeps no versions: an image that is overwritten while it is processed is read again"
)

_COLOURS = {"+ ": "green", "- ": "red"}

_Bucket = Annotated[str, typer.Argument(metavar="BUCKET", help="Name of the bucket.")]
_Undo = Annotated[bool, typer.Option("--undo", help="Take back what was added, and nothing else.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the change, and do not make it.")]
_PrintPolicy = Annotated[
    bool,
    typer.Option(
        "--print-policy",
        help="Only print statements for policies that the stack does not write: those of existing "
        "buckets and of a KMS key.",
    ),
]
_BucketProfile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="AWS profile of the account that owns the bucket, if that is another.",
        rich_help_panel="Which stack",
    ),
]


def adopt(  # noqa: PLR0913  # one parameter an option
    bucket: _Bucket,
    *,
    undo: _Undo = False,
    dry_run: _DryRun = False,
    print_policy: _PrintPolicy = False,
    yes: _Yes = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    bucket_profile: _BucketProfile = None,
) -> None:
    """Have the events of an existing bucket sent to a stack.

    The stack is deployed with OriginalsBucketName before. Adds a notification to the bucket, or
    turns on EventBridge for it if the stack has OriginalsEvents=eventbridge. Notifications of
    others stay as they are. The change is shown, and made after a confirmation. Existing objects
    are processed by `imagemill backfill`.
    """
    from imagemill.wiring.adopt import open_adoption, policies_of  # noqa: PLC0415  # boto3 is slow to load

    selected = _selected(stack, profile, region, bucket_profile, data_dir)
    if print_policy:
        stdout().print_json(data=policies_of(bucket, selected))
        return
    parts = open_adoption(bucket, selected, undo=undo)
    plan = plan_adoption(bucket, parts.bucket, parts.adopter, parts.switches, undo=undo)
    show(plan, stderr() if as_json else stdout())
    if not undo and not parts.bucket.has_versions():
        note(_NO_VERSIONS, "yellow")
    is_done = not dry_run and _change(plan, parts, ask=not yes)
    if as_json:
        print_json(_facts(plan) | {"changed": is_done})


def _change(plan: AdoptionPlan, parts: "AdoptionParts", *, ask: bool) -> bool:
    """Make the change after a confirmation; return False if there is nothing to change."""
    if plan.change.is_empty:
        return False
    if ask:
        typer.confirm("Change the bucket?", abort=True, err=True)
    carry_out(plan, parts.bucket, parts.switches)
    return True


def _selected(
    stack: str | None,
    profile: str | None,
    region: str | None,
    bucket_profile: str | None,
    data_dir: "Path | None",
) -> "Selected":
    """Return the stack, and the credentials for it and for the bucket."""
    from imagemill.wiring.adopt import Selected  # noqa: PLC0415  # boto3 is slow to load

    name, own = stack_access(stack, profile, region, data_dir)
    has_other = bool(stack and bucket_profile)
    return Selected(name, own, replace(own, profile=bucket_profile) if has_other else own)


def show(plan: AdoptionPlan, console: "Console") -> None:
    """Print a change before it is confirmed; with --json, stdout has only its result."""
    for sign, text in words_of(plan):
        print_line((sign, _COLOURS.get(sign, "")), text, console=console)


def words_of(plan: AdoptionPlan) -> list[tuple[str, str]]:
    """Return the lines that show a change: a sign, empty for remarks, and the text."""
    change = plan.change
    lines = [("", "nothing to change")] if change.is_empty else []
    lines += [("- ", _words(rule)) for rule in change.remove]
    lines += [("+ ", _words(rule)) for rule in change.add]
    if change.eventbridge:
        lines.append(("+ ", "EventBridge gets all events of the bucket"))
    if change.eventbridge is False:
        lines.append(("- ", "EventBridge gets no events of the bucket, also for other rules"))
    kept = counted(len(change.keep), "notification")
    return [*lines, ("", f"{kept} of others not changed")]


def _words(rule: "NotificationRule") -> str:
    filters = f"prefix {rule.prefix!r}, suffix {rule.suffix!r}"
    return f"notification {rule.id}: {', '.join(rule.events)}; {filters} → {rule.arn}"


def _facts(plan: AdoptionPlan) -> dict[str, object]:
    change = plan.change
    return {
        "bucket": plan.bucket,
        "add": [rule.id for rule in change.add],
        "remove": [rule.id for rule in change.remove],
        "keep": [rule.id for rule in change.keep],
        "eventbridge": change.eventbridge,
    }
