import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.cloud import ready_record
from fakes.terminal import Terminal
from typer import Context
from typer.main import get_command

from imagemill.cli import cost, failed, get, ls, put, recipe, redrive, resize, rm, show
from imagemill.cli.app import app, missing_module
from imagemill.cli.sample import sample_png

MODULES = (cost, failed, get, ls, put, recipe, redrive, resize, rm, show)
COMMANDS = get_command(app).list_commands(Context(get_command(app)))  # type: ignore[attr-defined]  # a group


@pytest.mark.parametrize("command", ["", *COMMANDS, "site publish", "keys show", "keys rotate"])
def test_help_ends_with_an_example_on_one_line(terminal: Terminal, command: str) -> None:
    result = terminal.run(*command.split(), "--help")

    assert result.exit_code == 0
    assert result.stdout.rstrip().splitlines()[-1].strip().startswith("Example: imagemill ")


@pytest.mark.parametrize("example", [module.EXAMPLE for module in MODULES])
def test_the_examples_work_when_pasted(
    terminal: Terminal, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.cloud.add(ready_record("sample.png"))
    (tmp_path / "sample.png").write_bytes(sample_png())

    result = terminal.run(*shlex.split(example)[1:])

    assert result.exit_code == 0


def test_the_main_help_lists_the_exit_codes(terminal: Terminal) -> None:
    result = terminal.run("--help")

    assert "Exit codes: 0 success" in result.stdout


def test_the_version_is_shown(terminal: Terminal) -> None:
    result = terminal.run("--version")

    assert result.exit_code == 0
    assert result.stdout.startswith("imagemill ")


@pytest.mark.parametrize("words", [["--help"], ["resize", "--help"]])
def test_help_loads_neither_boto3_nor_pillow(words: list[str]) -> None:
    script = (
        "import sys\n"
        "from imagemill.cli.app import app\n"
        f"app({words!r}, standalone_mode=False)\n"
        "print(sorted({'boto3', 'botocore', 'PIL', 'ministack'} & sys.modules.keys()))\n"
    )

    done = subprocess.run(  # our own interpreter and words
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_resizing_loads_no_boto3(tmp_path: Path) -> None:
    (tmp_path / "sample.png").write_bytes(sample_png())
    script = (
        "import sys\n"
        "from imagemill.cli.app import app\n"
        "app(['resize', 'sample.png', '-o', 'out'], standalone_mode=False)\n"
        "print(sorted({'boto3', 'botocore', 'ministack'} & sys.modules.keys()))\n"
    )

    done = subprocess.run(  # our own interpreter and words
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("module", "installer"),
    [
        ("boto3", "imagemill"),
        ("botocore.config", "imagemill"),
        ("ministack.app", "imagemill[local]"),
    ],
)
def test_a_missing_module_is_reported_with_the_command_that_installs_it(
    module: str, installer: str
) -> None:
    message = missing_module(ModuleNotFoundError("no", name=module))

    assert message.endswith(f"run pip install '{installer}'")


def test_a_missing_module_of_our_own_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        missing_module(ModuleNotFoundError("no", name="imagemill.nope"))


def test_without_typer_there_is_one_clear_line() -> None:
    script = "import sys\nsys.modules['typer'] = None\nfrom imagemill.cli.main import run\nrun()\n"

    done = subprocess.run(  # our own interpreter and words
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == ("imagemill: typer is not installed: run pip install imagemill\n")
