"""The output of commands: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

# Console width for files and pipes, in columns: large, so that Rich breaks no line.
_ENDLESS = 10_000


def stdout(*, is_endless: bool = False) -> Console:
    """Return the console for data; it prints text as it is, without Rich markup.

    An endless one breaks no line, also on a terminal.
    """
    return _console(to_stderr=False, is_endless=is_endless)


def stderr() -> Console:
    """Return the console for progress and messages."""
    return _console(to_stderr=True)


def print_line(*parts: str | tuple[str, str] | Text, console: Console | None = None) -> None:
    """Print one line of any length, from texts and (text, style) pairs; by default of data."""
    (console or stdout()).print(Text.assemble(*parts), soft_wrap=True)


def print_json(facts: Mapping[str, Any]) -> None:
    """Print one object on its own line and flush, so that a reader of the pipe gets it at once."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def note(text: str, style: str = "") -> None:
    """Print one message on stderr."""
    stderr().print(Text(text, style), soft_wrap=True)


def give_up(text: str, exit_code: int = 1) -> NoReturn:
    """Print an error on one line and end with an exit code."""
    note(f"imagemill: {printable(text)}", "red")
    raise typer.Exit(exit_code)


def printable(text: str) -> str:
    r"""Return a text with its control characters escaped, such as `\x1b`."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _console(*, to_stderr: bool, is_endless: bool = False) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    return Console(
        stderr=to_stderr,
        width=None if stream.isatty() and not is_endless else _ENDLESS,
        markup=False,
        highlight=False,
        emoji=False,
    )
