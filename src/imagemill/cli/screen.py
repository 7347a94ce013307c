"""Where commands write: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

_ENDLESS = 10_000
"""Columns of a file or a pipe, where no line needs to be broken."""


def stdout() -> Console:
    """Return the console for data; file names are text in it, never markup."""
    return _console(to_stderr=False)


def stderr() -> Console:
    """Return the console for progress and notes."""
    return _console(to_stderr=True)


def print_line(*parts: str | tuple[str, str] | Text) -> None:
    """Print one line of data, however long, from texts and (text, style) pairs."""
    stdout().print(Text.assemble(*parts), soft_wrap=True)


def print_json(facts: Mapping[str, Any]) -> None:
    """Print one object on a line of its own, at once: somebody may be waiting for it."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def note(text: str, style: str = "") -> None:
    """Print one line that is not data."""
    stderr().print(Text(text, style), soft_wrap=True)


def give_up(text: str) -> NoReturn:
    """Print what went wrong on one line and end with exit code 1."""
    note(f"imagemill: {printable(text)}", "red")
    raise typer.Exit(1)


def printable(text: str) -> str:
    r"""Return a text that cannot command a terminal: `\x1b` and the like are spelled out."""
    return "".join(
        dead_letter if dead_letter.isprintable() else dead_letter.encode("unicode_escape").decode()
        for dead_letter in text
    )


def _console(*, to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    return Console(
        stderr=to_stderr,
        width=None if stream.isatty() else _ENDLESS,
        markup=False,
        highlight=False,
        emoji=False,
    )
