from pathlib import Path

import pytest
from fakes.terminal import Terminal

from imagemill.local.signing_keys import FileKeys
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


@pytest.mark.parametrize("url", ["/~/a.jpg?w=333", "/~p/x/w:333/plain/a.jpg"])
def test_a_signature_can_be_as_short_as_the_stack_expects(terminal: Terminal, url: str) -> None:
    result = terminal.run("sign", url, "--signature-bytes", "8")

    path, _, query = result.stdout.strip().partition("?")
    answer = route(path, query, "", Settings(LATE, (PAIR,), signature_bytes=8))
    assert isinstance(answer, Rewrite)
    assert isinstance(route(path, query, "", Settings(LATE, (PAIR,))), Refusal)


@pytest.mark.parametrize("length", ["7", "33", "x"])
def test_another_length_is_a_wrong_command_line(terminal: Terminal, length: str) -> None:
    assert terminal.run("sign", "/~/a.jpg?w=333", "--signature-bytes", length).exit_code == 2


@pytest.mark.parametrize("duration", ["1week", "-1d", "7", "d", "1e3s", "٣d"])
def test_a_wrong_duration_is_a_wrong_command_line(terminal: Terminal, duration: str) -> None:
    assert terminal.run("sign", "/~/a.jpg?w=333", "--expires", duration).exit_code == 2


def test_without_a_key_in_the_environment_the_key_of_the_stack_signs(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("IMAGEMILL_URL_KEY", "IMAGEMILL_URL_SALT"):
        monkeypatch.delenv(name)
    pairs = FileKeys(tmp_path).rotate()

    result = terminal.run("sign", "/~/a.jpg?w=333", "--data-dir", str(tmp_path))

    path, _, query = result.stdout.strip().partition("?")
    assert isinstance(route(path, query, "", Settings(LATE, pairs)), Rewrite)


def test_a_stack_without_keys_is_reported(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("IMAGEMILL_URL_KEY", "IMAGEMILL_URL_SALT"):
        monkeypatch.delenv(name)

    result = terminal.run("sign", "/~/a.jpg?w=333", "--data-dir", str(tmp_path))

    assert result.exit_code == 1
    assert "imagemill keys rotate" in result.stderr
