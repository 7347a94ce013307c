"""`imagemill deploy --import`."""

import boto3
import pytest
import typer
from fakes.stacks import FakeStacks
from fakes.stores import StoppedClock
from fakes.template import read_template

from imagemill.aws.stacks import CodeBucket
from imagemill.cli.deploy_import import make_import, planned_import
from imagemill.domain.stack_change import StackState
from imagemill.errors import UsageInvalid
from imagemill.operations.deploy_stack import DeployDeps
from imagemill.wiring.deploy import DeployParts

TEMPLATE = read_template()
NAMES = {"OriginalsBucket": "mill-originals-1", "RecordsTable": "mill-records-1"}


def parts(stacks: FakeStacks, code: CodeBucket) -> DeployParts:
    """Return the parts of a deployment; the table of records has one index."""
    deps = DeployDeps(stacks, StoppedClock(), lambda _: None)
    return DeployParts(deps, code, lambda table: ["feed"] if table else [])


@pytest.fixture
def code() -> CodeBucket:
    """A bucket for code, which no import uses."""

    session = boto3.Session("key", "secret", region_name="eu-west-1")
    return CodeBucket(session.client("s3"), "code")


def test_resources_are_shown_and_imported(
    code: CodeBucket, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks = FakeStacks([])
    planned = planned_import(TEMPLATE, NAMES, parts(stacks, code), None)
    assert planned

    make_import("mill", planned, parts(stacks, code), dry_run=False, ask=False)

    assert stacks.imported == [planned]
    assert "> OriginalsBucket  mill-originals-1  imported" in capsys.readouterr().err


def test_a_dry_run_imports_nothing(code: CodeBucket) -> None:
    stacks = FakeStacks([])
    planned = planned_import(TEMPLATE, NAMES, parts(stacks, code), None)
    assert planned

    with pytest.raises(typer.Exit):
        make_import("mill", planned, parts(stacks, code), dry_run=True, ask=False)

    assert stacks.imported == []


def test_only_a_new_stack_imports(code: CodeBucket) -> None:
    present = StackState("CREATE_COMPLETE", {})

    with pytest.raises(UsageInvalid, match="this one exists"):
        planned_import(TEMPLATE, NAMES, parts(FakeStacks([]), code), present)

    assert planned_import(TEMPLATE, {}, parts(FakeStacks([]), code), present) is None
