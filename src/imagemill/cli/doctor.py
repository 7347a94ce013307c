"""`imagemill doctor`: check an account before a deployment, and a stack after it."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal, Protocol

import typer
from rich.text import Text

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.sample import place_sample
from imagemill.cli.screen import print_json, print_line, printable
from imagemill.domain.key_rules import KeyRules
from imagemill.operations.doctor import (
    DEFAULT_PLAN,
    Account,
    Finding,
    Plan,
    examine_account,
    examine_credentials,
    examine_name,
    plan_of,
)
from imagemill.operations.doctor_stack import (
    Adopted,
    Health,
    PrivateImages,
    Probe,
    examine_stack,
    sample_key,
)
from imagemill.operations.upload_files import Upload
from imagemill.operations.wait import WaitOptions

EXAMPLE = "imagemill doctor --stack imagemill"
_STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}
# Columns of the longest level and of the longest name of a check.
_LEVEL_COLUMNS, _CHECK_COLUMNS = 8, 13
_PANEL = "Before a deployment"

_MaxConcurrency = Annotated[
    int,
    typer.Option(min=2, max=1000, help="The planned MaxConcurrency.", rich_help_panel=_PANEL),
]
_TransformConcurrency = Annotated[
    int,
    typer.Option(min=0, max=1000, help="The planned TransformConcurrency.", rich_help_panel=_PANEL),
]
_Architecture = Annotated[
    Literal["arm64", "x86_64"],
    typer.Option(help="The planned Architecture.", rich_help_panel=_PANEL),
]
_Stack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="IMAGEMILL_STACK",
        help="Name of the stack. If it exists, an image is sent through it.",
    ),
]
_Profile = Annotated[str | None, typer.Option(metavar="NAME", help="AWS profile.")]
_Region = Annotated[str | None, typer.Option(metavar="NAME", help="AWS region.")]


class CheckedAccount(Account, Health, Protocol):
    """An account, and the stacks in it."""

    def outputs(self, stack: str) -> Mapping[str, str] | None:
        """Return the outputs of a stack; None if there is no such stack."""


def doctor(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    *,
    stack: _Stack = None,
    profile: _Profile = None,
    region: _Region = None,
    max_concurrency: _MaxConcurrency = DEFAULT_PLAN.max_concurrency,
    transform_concurrency: _TransformConcurrency = DEFAULT_PLAN.transform_concurrency,
    architecture: _Architecture = "arm64",
    timeout_s: options.TimeoutS = 60,
    as_json: options.AsJson = False,
) -> None:
    """Check an AWS account before a deployment, and a stack after it.

    Each line is a finding: ok, a warning or a problem, with its remedy. The exit code is 1 if there
    is a problem. Nothing is changed before a deployment. With an existing stack, a sample image is
    uploaded, processed and deleted again, unless its bucket of originals is one of others.
    """
    from imagemill.wiring.doctor import open_account  # noqa: PLC0415  # boto3 is slow to load

    plan = Plan(max_concurrency, transform_concurrency, architecture, stack or "")
    where = StackOptions(stack, profile, region)
    problems = 0
    for finding in _findings(open_account(profile, region), plan, where, context, timeout_s):
        problems += finding.level == "problem"
        _print(finding, as_json=as_json)
    if problems:
        raise typer.Exit(1)


def _findings(
    account: CheckedAccount,
    plan: Plan,
    where: StackOptions,
    context: typer.Context,
    timeout_s: float,
) -> Iterator[Finding]:
    credentials = examine_credentials(account)
    yield credentials
    if credentials.level != "ok":
        return
    outputs = account.outputs(where.stack) if where.stack else None
    if where.stack and outputs is None:
        yield examine_name(where.stack)
    yield from examine_account(account, plan_of(plan, outputs))
    if where.stack and outputs is not None:
        client = open_client(context, where)
        probe = Probe(
            client.originals,
            client.renditions,
            client.records,
            WaitOptions(timeout_s),
            _private_images(where, outputs),
            _adopted_bucket(where, outputs),
        )
        yield from _stack_findings(probe, client.key_rules(), account, where.stack)


def _private_images(where: StackOptions, outputs: Mapping[str, str]) -> PrivateImages | None:
    """Return the private images of a stack; None if its images are public."""
    if "PrivateSeconds" not in outputs or where.stack is None:
        return None
    from imagemill.wiring.private_keys import open_private_site  # noqa: PLC0415  # boto3 is slow to load

    return open_private_site(where.stack, where.profile, where.region, outputs["GalleryUrl"])


def _adopted_bucket(where: StackOptions, outputs: Mapping[str, str]) -> Adopted | None:
    """Return the existing bucket of a stack; None if it has a bucket of its own."""
    if "OriginalsEvents" not in outputs or where.stack is None:
        return None
    from imagemill.wiring.adopt import AdoptedBucket, Selected  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.wiring.session import Credentials  # noqa: PLC0415

    own = Credentials(profile=where.profile, region=where.region)
    return AdoptedBucket(
        outputs["OriginalsBucketName"],
        Selected(where.stack, own, own),
        is_writable=outputs.get("WriteOriginals") == "true",
    )


def _stack_findings(probe: Probe, rules: KeyRules, health: Health, stack: str) -> Iterator[Finding]:
    key = sample_key(rules, str(uuid.uuid4()))
    with TemporaryDirectory() as folder:
        image = Upload(place_sample(Path(folder)), key) if key else None
        yield from examine_stack(probe, image, health, stack)


def _print(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        facts = {"check": finding.check, "level": finding.level}
        print_json(facts | {"text": finding.text, "remedy": finding.remedy or None})
        return
    remedy = f": {finding.remedy}" if finding.remedy else ""
    print_line(
        Text(finding.level.ljust(_LEVEL_COLUMNS), _STYLES[finding.level]),
        finding.check.ljust(_CHECK_COLUMNS),
        printable(finding.text + remedy),
    )
