import pytest
from fakes.terminal import Terminal

from imagemill.requests.route import Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings

PAIR = KeyPair(b"key", b"salt")
# In the far future, s since 1970.
LATE = 9_000_000_000


@pytest.fixture(autouse=True)
def key_and_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEMILL_URL_KEY", PAIR.key.hex())
    monkeypatch.setenv("IMAGEMILL_URL_SALT", PAIR.salt.hex())


def test_every_signed_url_is_a_line_and_is_answered(terminal: Terminal) -> None:
    result = terminal.run("sign", "/~/a.jpg?w=333", "/~p/x/w:333/plain/a.jpg")

    for line in result.stdout.splitlines():
        path, _, query = line.partition("?")
        assert isinstance(route(path, query, "", Settings(LATE, (PAIR,))), Rewrite)
    assert len(result.stdout.splitlines()) == 2


def test_a_url_with_an_expiry_is_refused_later(terminal: Terminal) -> None:
    result = terminal.run("sign", "/~/a.jpg?w=333", "--expires", "7d")

    path, _, query = result.stdout.strip().partition("?")
    answer = route(path, query, "", Settings(LATE, (PAIR,)))
    assert isinstance(answer, Refusal)
    assert answer.code == "expired"


def test_nothing_is_printed_if_one_url_is_wrong(terminal: Terminal) -> None:
    result = terminal.run("sign", "/~/a.jpg?w=333", "/~/a.jpg?txt=a")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "txt" in result.stderr


@pytest.mark.parametrize("value", ["", "6b657", "xy", "6b 65"])
@pytest.mark.parametrize("name", ["IMAGEMILL_URL_KEY", "IMAGEMILL_URL_SALT"])
def test_a_missing_or_wrong_secret_is_named_and_not_shown(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    result = terminal.run("sign", "/~/a.jpg?w=333")

    assert result.exit_code == 1
    assert name in result.stderr
    assert not value or value not in result.stderr


@pytest.mark.parametrize("duration", ["1week", "-1d", "7", "d", "1e3s", "٣d"])
def test_a_wrong_duration_is_a_wrong_command_line(terminal: Terminal, duration: str) -> None:
    assert terminal.run("sign", "/~/a.jpg?w=333", "--expires", duration).exit_code == 2
