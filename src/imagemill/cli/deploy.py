"""`imagemill deploy`: build the functions and deploy the stack to AWS."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from imagemill.cli import options
from imagemill.cli.deploy_import import make_import, planned_import
from imagemill.cli.recipe_file import recipe_of
from imagemill.cli.screen import note, print_json, print_line, stderr
from imagemill.cli.wording import counted
from imagemill.dataclass import dataclass
from imagemill.domain.stack_change import (
    ChangeSet,
    ResourceChange,
    StackEvent,
    StackRequest,
    StackState,
)
from imagemill.errors import SetupFailed
from imagemill.operations.deploy_stack import (
    CloudFrontFailed,
    DeployDeps,
    architecture_of,
    carry_out,
    changeable,
    check_name,
    install_without_gallery,
    kept_parameters,
)
from imagemill.operations.parameter_rules import check_rules
from imagemill.operations.parameter_values import check_parameters
from imagemill.operations.stages import Stage, read_stage

if TYPE_CHECKING:
    from imagemill.building.build import Built
    from imagemill.local.template import Template
    from imagemill.wiring.deploy import DeployParts

EXAMPLE = "imagemill deploy --recipe 'thumb=160x160:cover:webp, 500'"
_COLOURS = {"Add": "green", "Modify": "yellow", "Remove": "red"}
_SIGNS = {"Add": "+", "Remove": "-"}
_WITHOUT_GALLERY = (
    "the stack is installed without the gallery, which alone needs CloudFront. When the cause is "
    "gone (AWS Support verifies new accounts): imagemill deploy --stack {} --parameter Gallery=true"
)
_REPLACEMENTS = {"True": "  replaced", "Conditional": "  perhaps replaced"}

_Recipe = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="The parameter Recipe: presets, rules or a YAML file; see `imagemill recipe --help`.",
    ),
]
_Stack = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the stack; by default imagemill, or the stage's."),
]
_StageName = Annotated[
    str | None,
    typer.Option("--stage", metavar="NAME", help="Take the options of this stage of --config."),
]
_Config = Annotated[
    Path, typer.Option(metavar="FILE", help="The file of --stage, as the SAM CLI reads it.")
]
_Bucket = Annotated[
    str | None,
    typer.Option(
        "--code-bucket",
        metavar="NAME",
        help="Bucket for the code; by default that of the stack imagemill-code, which is made.",
    ),
]
_Profile = Annotated[str | None, typer.Option(metavar="NAME", help="AWS profile.")]
_Region = Annotated[str | None, typer.Option(metavar="NAME", help="AWS region.")]
_Import = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        metavar="RESOURCE=NAME",
        help="Make the new stack of a bucket or table that a deleted one has left behind, such as "
        "OriginalsBucket=NAME; may be repeated.",
    ),
]
_Python = Annotated[
    str | None,
    typer.Option(
        "--python",
        metavar="VERSION",
        help="Build for this Python instead of the template's, for an emulator of AWS.",
    ),
]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Build, upload and show the change; do not make it.")
]


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of the command; `yes` makes the change without a question."""

    python: str | None
    dry_run: bool
    yes: bool
    as_json: bool


def deploy(  # noqa: PLR0913  # one parameter an option
    *,
    stack: _Stack = None,
    recipe: _Recipe = None,
    parameter: options.Parameters = None,
    stage: _StageName = None,
    config: _Config = Path("samconfig.toml"),
    kept: _Import = None,
    code_bucket: _Bucket = None,
    profile: _Profile = None,
    region: _Region = None,
    python: _Python = None,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Build the functions, and create or update the stack on AWS.

    The functions are built here, from locked packages. CloudFormation then proposes a change, which
    is shown, and made after a confirmation. A parameter without a new value keeps its value.
    """
    from imagemill.local.template import load_template, template_path  # noqa: PLC0415  # so is YAML
    from imagemill.wiring.deploy import open_deployment  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.wiring.session import Credentials  # noqa: PLC0415

    given = options.parameters_in(parameter) | recipe_parameter(recipe)
    wanted = stage_of(stage, config, stack, given)
    check_name(wanted.stack)
    template = load_template(template_path())
    check_parameters(template["Parameters"], wanted.parameters)
    credentials = Credentials(profile=profile or wanted.profile, region=region or wanted.region)
    parts = open_deployment(credentials, code_bucket or wanted.bucket)
    choices = Choices(python, dry_run, yes or not wanted.ask, as_json)
    _deploy(wanted, template, parts, options.parameters_in(kept, "--import"), choices)


def _deploy(
    wanted: Stage,
    template: "Template",
    parts: "DeployParts",
    kept: Mapping[str, str],
    choices: Choices,
) -> None:
    stacks = parts.deps.stacks
    before = changeable(wanted.stack, stacks)
    planned = planned_import(template, kept, parts, before)
    request = _build(wanted, template, parts, before, choices.python)
    if planned:
        make_import(wanted.stack, planned, parts, dry_run=choices.dry_run, ask=not choices.yes)
        before = stacks.state(wanted.stack)
    change = stacks.propose(request, before)
    if change is None:
        note(f"the stack {wanted.stack!r} is up to date", "green")
    else:
        _show(change)
        if choices.dry_run or not (choices.yes or _confirmed()):
            stacks.discard(change)
            raise typer.Exit(0 if choices.dry_run else 1)
        make(change, request, parts.deps)
    outputs = stacks.outputs(wanted.stack)
    _print_outputs(wanted.stack, outputs, changed=change is not None, as_json=choices.as_json)
    for step in next_steps(wanted.stack, outputs) if planned or (change and change.creates) else ():
        note(step, "dim")


def recipe_parameter(recipe: str | None) -> dict[str, str]:
    """Return the parameter Recipe, or none; raises UsageInvalid with all errors of it."""
    return {} if recipe is None else {"Recipe": recipe_of(recipe)[0]}


def stage_of(
    name: str | None, config: Path, stack: str | None, parameters: Mapping[str, str]
) -> Stage:
    """Return the stage of the file, or one without its options; the command line comes first."""
    if name is None:
        return Stage(stack or "imagemill", parameters)
    if not config.is_file():
        raise SetupFailed(f"--stage needs the file {config}; name another with --config")
    read = read_stage(config.read_text(), name)
    return replace(read, stack=stack or read.stack, parameters={**read.parameters, **parameters})


def _build(
    wanted: Stage,
    template: "Template",
    parts: "DeployParts",
    before: StackState | None,
    python: str | None,
) -> StackRequest:
    """Build the functions for a stack, upload them and the template, and return the request."""
    from imagemill.building.archive import runtime_of  # noqa: PLC0415  # only this command builds
    from imagemill.building.targets import Target  # noqa: PLC0415
    from imagemill.building.upload import upload_stack  # noqa: PLC0415

    declared = template["Parameters"]
    kept = kept_parameters(before, declared)
    check_rules(template.get("Rules", {}), declared, kept | dict(wanted.parameters))
    target = Target(
        architecture_of(declared, wanted.parameters, before), python or runtime_of(template)
    )
    with TemporaryDirectory(prefix="imagemill-") as folder:
        url = upload_stack(template, Path(folder), target, parts.code, _report)
    return StackRequest(
        wanted.stack, url, wanted.parameters, frozenset(declared), wanted.tags, wanted.role_arn
    )


def _report(name: str, built: "Built") -> None:
    note(f"built {name}: {built.size_mib:.1f} MiB, sha256 {built.digest}", "dim")
    if not built.has_bytecode:
        note(
            "built without bytecode, so cold starts are slower: this machine lacks Lambda's "
            "Python; install it, for example with `uv python install`",
            "yellow",
        )


def _show(change: ChangeSet) -> None:
    for line in lines_of(change):
        stderr().print(line, soft_wrap=True)


def lines_of(change: ChangeSet) -> list[Text]:
    """Return one line for each resource that changes, and one with their number."""
    lines = [_line_of(one) for one in change.changes]
    return [*lines, Text(f"{counted(len(lines), 'resource')} to change", "bold")]


def _line_of(change: ResourceChange) -> Text:
    sign, colour = _SIGNS.get(change.action, "~"), _COLOURS.get(change.action, "yellow")
    replacement = _REPLACEMENTS.get(change.replacement, "")
    return Text.assemble(
        (f"{sign} {change.logical_id}", colour), (f"  {change.kind}", "dim"), (replacement, "red")
    )


def _confirmed() -> bool:
    """Ask on the terminal; the end of the input is a no."""
    try:
        return typer.confirm("Make this change?", err=True)
    except typer.Abort:
        return False


def make(change: ChangeSet, request: StackRequest, deps: DeployDeps) -> None:
    """Make the change and print its events.

    If CloudFront refuses a first install, the stack is installed without the gallery.
    """
    try:
        _print_events(carry_out(change, deps))
    except CloudFrontFailed as fault:
        note(str(fault), "yellow")
        note(_WITHOUT_GALLERY.format(request.stack), "yellow")
        _print_events(install_without_gallery(request, deps))


def _print_events(events: Iterable[StackEvent]) -> None:
    for event in events:
        style = "red" if event.has_failed else "dim"
        reason = f"  {event.reason}" if event.has_failed else ""
        note(f"{event.status:<24} {event.logical_id}{reason}", style)


def next_steps(stack: str, outputs: Mapping[str, str]) -> list[str]:
    """Return the commands that a new stack needs, with their purpose."""
    steps = []
    if "GalleryUrl" in outputs:
        steps.append(f"publish the gallery: imagemill site publish --stack {stack}")
    if "OriginalsEvents" in outputs:
        bucket = outputs["OriginalsBucketName"]
        steps.append(f"adopt the bucket: imagemill adopt {bucket} --stack {stack}")
        steps.append(f"process its images: imagemill backfill --stack {stack}")
    return [*steps, f"check the stack: imagemill doctor --stack {stack}"]


def _print_outputs(stack: str, outputs: Mapping[str, str], *, changed: bool, as_json: bool) -> None:
    if as_json:
        print_json({"stack": stack, "changed": changed, "outputs": dict(outputs)})
        return
    for name, value in sorted(outputs.items()):
        print_line(f"{name:<28} ", (value, "cyan"))
