"""`imagemill deploy`: its options, and how a change is shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.stacks import FakeStacks
from fakes.stores import StoppedClock
from fakes.terminal import Terminal

from imagemill.cli.deploy import lines_of, make, next_steps, recipe_parameter, stage_of
from imagemill.domain.stack_change import ChangeSet, ResourceChange, StackEvent, StackRequest
from imagemill.errors import SetupFailed, UsageInvalid
from imagemill.operations.deploy_stack import DeployDeps

SAMCONFIG = """
[prod.deploy.parameters]
stack_name = "mill"
confirm_changeset = true
parameter_overrides = ["Architecture=x86_64", "Recipe=500"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(SAMCONFIG)
    return path


def test_without_a_stage_no_file_is_read(tmp_path: Path) -> None:
    stage = stage_of(None, tmp_path / "missing.toml", None, {"Watch": "false"})

    assert (stage.stack, stage.parameters, stage.ask) == ("imagemill", {"Watch": "false"}, True)


def test_the_command_line_comes_before_the_stage(config: Path) -> None:
    stage = stage_of("prod", config, "other", {"Recipe": "100"})

    assert (stage.stack, stage.ask) == ("other", True)
    assert stage.parameters == {"Architecture": "x86_64", "Recipe": "100"}


def test_a_stage_needs_its_file(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match="--config"):
        stage_of("prod", tmp_path / "missing.toml", None, {})


def test_a_recipe_is_given_as_text_or_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text('rules: [{ prefix: "*", presets: [{ box: 640 }] }]')

    assert recipe_parameter(str(path)) == {"Recipe": "* -> 640"}
    assert recipe_parameter("500:webp") == {"Recipe": "500:webp"}
    assert recipe_parameter(None) == {}


def test_a_recipe_with_errors_is_not_deployed() -> None:
    with pytest.raises(UsageInvalid):
        recipe_parameter("500:nope")


def test_each_change_is_a_line_that_warns_of_replacements() -> None:
    changes = [
        ResourceChange("Add", "Queue", "AWS::SQS::Queue", "False"),
        ResourceChange("Modify", "Table", "AWS::DynamoDB::Table", "True"),
        ResourceChange("Modify", "Api", "AWS::ApiGateway::RestApi", "Conditional"),
        ResourceChange("Remove", "Role", "AWS::IAM::Role", "False"),
    ]

    lines = lines_of(ChangeSet("arn:change", "arn:stack", creates=False, changes=changes))

    assert [line.plain for line in lines] == [
        "+ Queue  AWS::SQS::Queue",
        "~ Table  AWS::DynamoDB::Table  replaced",
        "~ Api  AWS::ApiGateway::RestApi  perhaps replaced",
        "- Role  AWS::IAM::Role",
        "4 resources to change",
    ]


REFUSED = StackEvent(
    "1",
    "GalleryDistribution",
    "CREATE_FAILED",
    "Your account must be verified",
    "AWS::CloudFront::Distribution",
)


def test_a_first_install_that_cloudfront_refuses_is_made_without_the_gallery(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Its name is free only when the failed stack is gone.
    looks = [("CREATE_FAILED", [REFUSED]), ("DELETE_IN_PROGRESS", []), ("", [])]
    stacks = FakeStacks([*looks, ("CREATE_COMPLETE", [])])
    request = StackRequest("mill", "url", {"Recipe": "500"}, frozenset(), {})

    make(
        ChangeSet("arn:first", "arn:stack", creates=True, changes=()),
        request,
        DeployDeps(stacks, StoppedClock(), lambda _: None),
    )

    assert stacks.looks == []
    assert [one.parameters for one in stacks.asked] == [{"Recipe": "500", "Gallery": "false"}]
    assert [one.arn for one in stacks.executed] == ["arn:first", "arn:asked"]
    assert "imagemill deploy --stack mill --parameter Gallery=true" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("creates", "kind"), [(False, REFUSED.kind), (True, "AWS::Lambda::Function")]
)
def test_another_failure_is_not_tried_again(creates: bool, kind: str) -> None:
    stacks = FakeStacks([("DELETE_COMPLETE", [replace(REFUSED, kind=kind)])])

    with pytest.raises(SetupFailed, match="rolled back: GalleryDistribution: Your account"):
        make(
            ChangeSet("arn:first", "arn:stack", creates=creates, changes=()),
            StackRequest("mill", "url", {}, frozenset(), {}),
            DeployDeps(stacks, StoppedClock(), lambda _: None),
        )

    assert stacks.asked == []


@pytest.mark.parametrize(
    ("outputs", "commands"),
    [
        ({}, ["doctor"]),
        ({"GalleryUrl": "https://a"}, ["site publish", "doctor"]),
        (
            {"OriginalsEvents": "eventbridge", "OriginalsBucketName": "photos"},
            ["adopt photos", "backfill", "doctor"],
        ),
    ],
)
def test_a_new_stack_comes_with_its_next_steps(
    outputs: dict[str, str], commands: list[str]
) -> None:
    steps = next_steps("mill", outputs)

    assert [step.partition(": ")[2] for step in steps] == [
        f"imagemill {command} --stack mill" for command in commands
    ]


@pytest.mark.parametrize("name", ["my_stack", "1mill", "-mill", "m" * 129])
def test_a_name_that_no_stack_can_have_is_refused_before_the_build(
    terminal: Terminal, name: str
) -> None:
    result = terminal.run("deploy", f"--stack={name}", "--yes", "--region", "eu-west-1")

    assert result.exit_code == 2
    assert "begins with a letter" in result.stderr


def test_without_a_region_there_is_one_line(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    result = terminal.run("deploy", "--yes")

    assert result.exit_code == 1
    assert "region" in result.stderr
