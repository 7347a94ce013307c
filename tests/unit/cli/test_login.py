"""The options of `imagemill login` and `logout`."""

from pathlib import Path

import pytest
from fakes.terminal import Terminal
from live.stack import unused_port

API = "https://api.example/live"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.mark.parametrize(
    "words",
    [[], ["--api", API], ["--api", API, "--client", "c"], ["--issuer", API, "--client", "c"]],
)
def test_login_needs_a_gallery_or_all_that_a_gallery_names(
    terminal: Terminal, words: list[str]
) -> None:
    done = terminal.run("login", *words)

    assert done.exit_code == 2
    assert "expected the URL of a gallery, or --api, --issuer and --client" in done.stderr


@pytest.mark.parametrize("option", ["gallery", "issuer"])
def test_login_sends_nothing_to_an_address_that_is_not_encrypted(
    terminal: Terminal, option: str
) -> None:
    plain = "http://login.example.com"
    given = {
        "gallery": [plain],
        "issuer": ["--api", API, "--issuer", plain, "--client", "c"],
    }

    done = terminal.run("login", "--port", str(unused_port()), "--no-browser", *given[option])

    assert done.exit_code == 1
    assert f"expected a URL with https://, got '{plain}'" in done.stderr


def test_logout_says_that_there_was_no_login(terminal: Terminal) -> None:
    done = terminal.run("logout", "--api", API)

    assert (done.exit_code, done.stderr) == (0, "there is no login at this API\n")


def test_logout_needs_the_api(terminal: Terminal) -> None:
    assert "expected --api" in terminal.run("logout").stderr
