"""`imagemill audit`: options that are refused before any request."""

import pytest
from fakes.terminal import Terminal


@pytest.mark.parametrize("actor", ["bob", "Key:bob", ""])
def test_an_actor_without_its_kind_is_refused(terminal: Terminal, actor: str) -> None:
    result = terminal.run("audit", "--actor", actor)

    assert result.exit_code == 2
    assert "expected --actor key:NAME, user:SUB or iam:ARN" in result.stderr


@pytest.mark.parametrize("since", ["1x", "7", "d", "-1d"])
def test_a_time_without_its_unit_is_refused(terminal: Terminal, since: str) -> None:
    result = terminal.run("audit", f"--since={since}")

    assert result.exit_code == 2
    assert "expected --since such as 30m, 24h or 7d" in result.stderr
