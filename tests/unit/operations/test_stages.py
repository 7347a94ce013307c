"""Stages are read from samconfig.toml as the SAM CLI reads them."""

from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.operations.stages import read_stage

SAMCONFIG = (Path(__file__).parents[3] / "samconfig.toml").read_text()
HEAD = '[x.deploy.parameters]\nstack_name = "mill"\n'


def test_our_stages_are_read() -> None:
    dev, prod = (read_stage(SAMCONFIG, name) for name in ("dev", "prod"))

    assert (dev.stack, dev.ask, dev.tags) == ("imagemill-dev", False, {"stage": "dev"})
    assert (prod.stack, prod.ask, prod.parameters) == (
        "imagemill",
        True,
        {"Architecture": "arm64"},
    )


@pytest.mark.parametrize(
    "given",
    [
        '["Recipe=thumb=160x160, 500", "Watch=false"]',
        '["Recipe=\'thumb=160x160, 500\'", "Watch=false"]',
        "['Recipe=\"thumb=160x160, 500\"', 'Watch=false']",
        "\"Recipe='thumb=160x160, 500' Watch=false\"",
    ],
)
def test_parameters_are_a_list_or_a_text_with_quotes(given: str) -> None:
    stage = read_stage(f"{HEAD}parameter_overrides = {given}\n", "x")

    assert stage.parameters == {"Recipe": "thumb=160x160, 500", "Watch": "false"}


def test_account_bucket_and_role_are_read() -> None:
    options = 'region = "eu-west-1"\nprofile = "me"\ns3_bucket = "code"\nrole_arn = "arn:role"\n'

    stage = read_stage(HEAD + options, "x")

    assert (stage.region, stage.profile, stage.bucket, stage.role_arn) == (
        "eu-west-1",
        "me",
        "code",
        "arn:role",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[y.deploy.parameters]", "no stage 'x' with a stack_name"),
        ("[x", "not valid"),
        (
            f"{HEAD}signing_profiles = 1\nno_execute_changeset = true",
            "only of the SAM CLI: no_exec",
        ),
        (f'{HEAD}tags = ["stage"]', "expected NAME=VALUE in samconfig.toml, got 'stage'"),
    ],
)
def test_an_option_that_would_be_ignored_is_an_error(text: str, message: str) -> None:
    with pytest.raises(SetupFailed, match=message):
        read_stage(text, "x")
