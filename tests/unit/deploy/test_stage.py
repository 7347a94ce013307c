"""Every stage of samconfig.toml sets the architecture of its functions."""

import shlex
from pathlib import Path

import pytest
from stage import architecture, overrides_option

SAMCONFIG = (Path(__file__).parents[3] / "samconfig.toml").read_text()


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_our_stages_run_on_arm64(stage: str) -> None:
    assert architecture(SAMCONFIG, stage) == "arm64"


def test_a_stage_may_set_x86_64() -> None:
    stage = '[x.deploy.parameters]\nparameter_overrides = ["Recipe=a=5", "Architecture=x86_64"]\n'

    assert architecture(stage, "x") == "x86_64"


def test_a_change_keeps_the_other_parameters_of_the_stage() -> None:
    stage = (
        "[x.deploy.parameters]\n"
        'parameter_overrides = ["Recipe=\'a/ -> 64; * -> 5\'", "Gallery=true", "Watch=false"]\n'
    )

    option = overrides_option(stage, "x", ["Gallery=false"])

    assert shlex.split(option) == [
        "--parameter-overrides",
        "Recipe='a/ -> 64; * -> 5'",
        "Gallery=false",
        "Watch=false",
    ]


def test_an_unknown_stage_is_an_error() -> None:
    with pytest.raises(ValueError, match="the stage 'prodd'"):
        architecture(SAMCONFIG, "prodd")
