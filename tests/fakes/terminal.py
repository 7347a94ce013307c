"""The command line, run on a stack in memory."""

import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner, Result

from fakes.cloud import FakeCloud
from imagemill.cli.app import app
from imagemill.cli.cloud import StackOptions


@dataclass
class Terminal:
    """Runs commands on its stack, and records the options that selected it."""

    cloud: FakeCloud = field(default_factory=FakeCloud)
    asked: list[StackOptions] = field(default_factory=list)

    def open(self, where: StackOptions) -> FakeCloud:
        """Record the selection and return the stack in memory."""
        self.asked.append(where)
        return self.cloud

    def run(self, *words: str) -> Result:
        """Run one command without input and return its result."""
        return CliRunner().invoke(app, list(words), obj=self.open, prog_name="imagemill")


def rows(result: Result) -> list[dict[str, Any]]:
    """Return the lines that a command printed with --json."""
    return [json.loads(line) for line in result.stdout.splitlines()]
