import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from fakes.address import ADDRESS
from fakes.terminal import Terminal

from imagemill.cli.cloud import StackOptions


def test_options_select_the_stack(terminal: Terminal) -> None:
    words = ["--stack", "prod", "--profile", "me", "--region", "eu-west-1", "--data-dir", "/d"]

    terminal.run("ls", *words)

    assert terminal.asked == [StackOptions("prod", "me", "eu-west-1", Path("/d"))]


def test_environment_variables_select_the_stack(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEMILL_STACK", "prod")
    monkeypatch.setenv("IMAGEMILL_DATA_DIR", "/d")

    terminal.run("ls")

    assert terminal.asked == [StackOptions(stack="prod", data_dir=Path("/d"))]


def run_alone(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter and words
        [sys.executable, "-m", "imagemill.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_DATA_HOME": str(home), "PYTHONPATH": ":".join(sys.path)},
    )


def test_without_a_stack_one_error_line_is_printed(tmp_path: Path) -> None:
    done = run_alone("ls", home=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "imagemill: `imagemill up` is not running: start it, or name a stack on AWS with --stack\n"
    )


def test_an_address_file_without_a_listener_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "imagemill").mkdir()
    (tmp_path / "imagemill" / "running.json").write_text(json.dumps(asdict(ADDRESS)))

    done = run_alone("ls", home=tmp_path)

    assert done.returncode == 1
    assert "`imagemill up` is not running" in done.stderr


def test_a_profile_without_a_stack_is_one_clear_line(tmp_path: Path) -> None:
    done = run_alone("ls", "--profile", "me", home=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("imagemill: --profile and --region need --stack")


def test_an_unknown_profile_is_one_clear_line(tmp_path: Path) -> None:
    done = run_alone("ls", "--stack", "prod", "--profile", "nobody", home=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "imagemill: AWS cannot be used: The config profile (nobody) could not be found\n"
    )
