"""`imagemill keys create`: options that are refused before any request."""

import pytest
from fakes.terminal import Terminal


@pytest.mark.parametrize("scope", ["write", "Read", ""])
def test_an_unknown_scope_is_refused_with_the_known_ones(terminal: Terminal, scope: str) -> None:
    result = terminal.run("keys", "create", "booth", "--scope", scope)

    assert result.exit_code == 2
    assert "upload or read or delete or admin" in result.stderr


def test_a_key_needs_a_scope(terminal: Terminal) -> None:
    assert terminal.run("keys", "create", "booth").exit_code == 2
