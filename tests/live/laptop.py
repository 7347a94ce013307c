"""A laptop that runs `imagemill up`."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from live.stack import TIMEOUT_S

# The command of this checkout.
IMAGEMILL = (sys.executable, "-m", "imagemill.cli.main")


class Laptop:
    """A separate home directory and port, without AWS settings."""

    def __init__(self, home: Path, port: int, imagemill: Sequence[str] = IMAGEMILL) -> None:
        self.home = home
        self.port = port
        self.imagemill = imagemill
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = kept | {"XDG_DATA_HOME": str(home), "NO_COLOR": "1"}

    @contextmanager
    def up(self, *options: str) -> Iterator[dict[str, Any]]:
        """Run `imagemill up --json` until the block ends, then press Ctrl-C."""
        command = [*self.imagemill, "up", "--port", str(self.port), "--json", *options]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env=self.environment, cwd=self.home
        ) as process:
            assert process.stdout is not None
            try:
                yield json.loads(process.stdout.readline() or "{}")
            finally:
                process.send_signal(signal.SIGINT)
                assert process.wait(TIMEOUT_S) == 0
                assert process.stdout.read() == b""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run one command until it ends."""
        return subprocess.run(
            [*self.imagemill, *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """Run one command that prints one JSON object per line."""
        ended = self.run(*arguments, "--json")
        assert ended.returncode == 0, ended.stderr.decode()
        return [json.loads(line) for line in ended.stdout.splitlines()]

    @property
    def listening(self) -> bool:
        """True if the port is open."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
