import shlex
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.address import ADDRESS
from fakes.terminal import Terminal

from imagemill.cli import up
from imagemill.cli.options import parameters_in
from imagemill.cli.sample import sample_png
from imagemill.errors import SetupFailed
from imagemill.imaging import render
from imagemill.recipe import Recipe


def test_the_commands_to_try_work_when_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    folder = tmp_path / "my images"

    put_it, list_them, upload = map(shlex.split, up.commands_to_try(ADDRESS, folder))

    sample = str(folder / "sample.png")
    assert put_it[-5:] == ["put", sample, "--wait", "--data-dir", str(folder)]
    assert list_them[-3:] == ["ls", "--data-dir", str(folder)]
    assert upload[:4] == ["curl", "-sS", "-H", "x-api-key: it's a key"]
    assert upload[-2:] == [f"@{sample}", "http://127.0.0.1:9/live/images?filename=sample.png"]
    assert Path(sample).read_bytes() == sample_png()


def test_an_existing_bucket_is_adopted_before_its_images_are_made(tmp_path: Path) -> None:
    adopt, backfill, listing = map(shlex.split, up.commands_to_try(ADDRESS, tmp_path, "photos"))

    assert adopt[-4:-2] == ["adopt", "photos"]
    assert (backfill[-3], listing[-3]) == ("backfill", "ls")


def test_commands_omit_the_default_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    commands = up.commands_to_try(ADDRESS, tmp_path / "imagemill")

    assert "--data-dir" not in " ".join(commands)


@dataclass
class FakeEmulator:
    """An emulator that is alive for a number of checks."""

    looks_left: int
    saved: bool = True

    @property
    def alive(self) -> bool:
        self.looks_left -= 1
        return self.looks_left >= 0


def test_an_emulator_that_ends_unexpectedly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match="the embedded AWS ended unexpectedly; see "):
        up.wait_until_stopped(FakeEmulator(looks_left=1), tmp_path)


def test_state_that_was_not_saved_is_an_error_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match="the state could not be written"):
        up.report_end(FakeEmulator(looks_left=0, saved=False), tmp_path)


@pytest.mark.parametrize("emulator", [FakeEmulator(looks_left=0), None])
def test_a_normal_end_prints_one_line(
    emulator: FakeEmulator | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up.report_end(emulator, tmp_path)

    assert capsys.readouterr().err == "stopped; the images are saved\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_up_and_a_second_one_is_ignored(
    number: signal.Signals, tmp_path: Path
) -> None:
    seen: list[str] = []

    def stay_until_stopped() -> None:
        with up.stoppable():
            try:
                threading.Timer(0.05, signal.raise_signal, [number]).start()
                up.wait_until_stopped(FakeEmulator(looks_left=10_000), tmp_path)
            finally:
                signal.raise_signal(number)
                seen.append("put in order")

    with pytest.raises(up.Stopped):
        stay_until_stopped()

    assert seen == ["put in order"]


def test_a_missing_extra_is_an_error_before_the_start() -> None:
    with pytest.raises(
        SetupFailed, match=r"nosuchmodule not installed: run pip install 'imagemill\[local\]'"
    ):
        up.require_extra(("json", "nosuchmodule"))


def test_an_invalid_recipe_is_an_error_before_the_start(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("up", "--recipe", "5x5x", "--data-dir", str(tmp_path / "data"))

    assert result.exit_code == 2
    assert result.stderr.startswith("imagemill: recipe: expected a box")
    assert not (tmp_path / "data").exists()


def test_the_sample_is_an_image() -> None:
    facts = render(sample_png(), Recipe.parse("500")).facts

    assert (facts.format, facts.width, facts.height) == ("png", 1200, 800)


def test_parameters_are_given_by_name() -> None:
    assert parameters_in(["OriginalsBucketName=photos", "Recipe=a=1x1"]) == {
        "OriginalsBucketName": "photos",
        "Recipe": "a=1x1",
    }
    assert parameters_in(None) == {}


@pytest.mark.parametrize("text", ["Recipe", "=500"])
def test_a_parameter_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(SetupFailed, match="NAME=VALUE"):
        parameters_in([text])


def test_webhooks_go_to_other_machines_with_https_only(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("up", "--webhook-url", "http://192.168.0.1/", "--data-dir", str(tmp_path))

    assert result.exit_code == 1
    assert "https://" in result.stderr
    assert list(tmp_path.iterdir()) == []
