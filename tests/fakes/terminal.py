"""The program, run on a stack in memory by somebody at a terminal."""

import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner, Result

from fakes.cloud import FakeCloud
from imagemill.cli.app import app
from imagemill.cli.cloud import StackOptions


@dataclass
class Terminal:
    """Runs commands, hands them its cloud, and remembers which one they asked for."""

    cloud: FakeCloud = field(default_factory=FakeCloud)
    asked: list[StackOptions] = field(default_factory=list)

    def open(self, where: StackOptions) -> FakeCloud:
        """Return the cloud whichever is asked for."""
        self.asked.append(where)
        return self.cloud

    def run(self, *words: str) -> Result:
        """Run one command to its end; nobody is there to answer a question."""
        return CliRunner().invoke(app, list(words), obj=self.open, prog_name="imagemill")


def rows(result: Result) -> list[dict[str, Any]]:
    """Return what a command printed with --json."""
    return [json.loads(line) for line in result.stdout.splitlines()]
