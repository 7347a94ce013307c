"""`imagemill keys`: arguments and options that are refused before any request."""

import pytest
from fakes.terminal import Terminal

from imagemill.domain.keys import owner_id


@pytest.mark.parametrize("scope", ["write", "Read", ""])
def test_an_unknown_scope_is_refused_with_the_known_ones(terminal: Terminal, scope: str) -> None:
    result = terminal.run("keys", "create", "booth", "--scope", scope)

    assert result.exit_code == 2
    assert "upload or read or delete or admin" in result.stderr


def test_a_key_needs_a_scope(terminal: Terminal) -> None:
    assert terminal.run("keys", "create", "booth").exit_code == 2


@pytest.mark.parametrize("actor", ["alice", "user:", "iam:arn:aws:iam::123456789012:user/me", ""])
def test_an_owner_is_a_user_or_a_key(terminal: Terminal, actor: str) -> None:
    result = terminal.run("keys", "owner", actor)

    assert result.exit_code == 2
    assert "expected user:SUB or key:NAME" in result.stderr


def test_the_owner_of_a_user_has_an_id(terminal: Terminal) -> None:
    result = terminal.run("keys", "owner", "user:alice")

    assert result.stdout == f"{owner_id('user:alice')}\n"
