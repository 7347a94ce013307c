"""Every stage says for which machine it is built."""

from pathlib import Path

import pytest
from stage import architecture

SAMCONFIG = (Path(__file__).parents[3] / "samconfig.toml").read_text()


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_our_stages_run_on_arm64(stage: str) -> None:
    assert architecture(SAMCONFIG, stage) == "arm64"


def test_a_stage_may_name_the_other_machine() -> None:
    stage = '[x.deploy.parameters]\nparameter_overrides = ["Recipe=a=5", "Architecture=x86_64"]\n'

    assert architecture(stage, "x") == "x86_64"


def test_a_stage_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="the stage 'prodd'"):
        architecture(SAMCONFIG, "prodd")
