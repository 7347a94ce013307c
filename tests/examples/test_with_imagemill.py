"""The command that starts an example, with and without a running stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from live.stack import TIMEOUT_S

PROGRAM = Path(__file__).parents[2] / "examples/with_imagemill.py"
# Prints the answer of the API's health check, and the variables of the command.
CHILD = """
import json, os, urllib.request
with urllib.request.urlopen(os.environ["IMAGEMILL_API"] + "/health") as answer:
    print(json.dumps([json.load(answer)["status"], dict(os.environ)]))
raise SystemExit(3)
"""


def run(environment: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    """Return the exit status, the status of the API and the variables of the command."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), sys.executable, "-c", CHILD],
        env=environment,
        stdout=subprocess.PIPE,
        timeout=TIMEOUT_S,
        check=False,
    )
    health, seen = json.loads(done.stdout)
    return done.returncode, health, seen


def test_without_a_stack_one_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The folder of the data, and of the file by which other commands find the stack.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMAGEMILL_DATA", str(tmp_path / "data"))

    status, health, seen = run({k: v for k, v in os.environ.items() if k != "IMAGEMILL_API"})

    assert (status, health) == (3, "ok")
    assert seen["IMAGEMILL_API"].startswith(seen["AWS_ENDPOINT_URL"])
    assert seen["IMAGEMILL_ORIGINALS_BUCKET"]


def test_a_running_stack_is_used(variables: dict[str, str]) -> None:
    status, health, seen = run(os.environ | variables)

    assert (status, health) == (3, "ok")
    assert {name: seen[name] for name in variables} == variables


def test_a_command_that_a_signal_ends_has_the_status_of_a_shell(variables: dict[str, str]) -> None:
    command = [sys.executable, str(PROGRAM), "/bin/sh", "-c", "kill -TERM $$"]

    assert subprocess.run(command, env=os.environ | variables, check=False).returncode == 143
