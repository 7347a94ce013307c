"""The commands of the README for the first minute."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg
from live.processes import emulator_of, is_running
from live.stack import TIMEOUT_S, unused_port
from PIL import Image

IMAGEMILL = [sys.executable, "-m", "imagemill.cli.main"]
KEY = "holiday 2026/été+sun (1).JPG"
UP_FACTS = {
    "endpoint",
    "region",
    "stack",
    "originals_bucket",
    "processed_bucket",
    "table",
    "queue_url",
    "dead_letter_queue_url",
    "api_url",
    "api_key",
    "site_bucket",
    "gallery_url",
    "images_url",
    "aws_access_key_id",
    "aws_secret_access_key",
    "users_api_url",
    "signed_api_url",
}


class Laptop:
    """A separate home directory and port, without AWS settings."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = kept | {"XDG_DATA_HOME": str(home), "NO_COLOR": "1"}

    @contextmanager
    def up(self, *options: str) -> Iterator[dict[str, Any]]:
        """Run `imagemill up --json` until the block ends, then press Ctrl-C."""
        command = [*IMAGEMILL, "up", "--port", str(self.port), "--json", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.environment) as process:
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
            [*IMAGEMILL, *arguments],
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


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    photo = tmp_path / KEY
    photo.parent.mkdir()
    photo.write_bytes(jpeg(4032, 3024, orientation=6))
    return Laptop(tmp_path, unused_port())


def test_a_photo_is_resized_and_still_there_after_a_restart(laptop: Laptop) -> None:
    with laptop.up() as facts:
        put = laptop.json("put", str(laptop.home / KEY), "--prefix", "holiday 2026", "--wait")
    stopped = not laptop.listening
    with laptop.up() as again:
        listed = laptop.json("ls")
        shown = laptop.json("show", KEY)
        fetched = laptop.run("get", KEY, "--preset", "500", "-o", "-")

    image = Image.open(io.BytesIO(fetched.stdout))
    assert set(facts) == UP_FACTS
    assert again["originals_bucket"] == facts["originals_bucket"]
    assert (put[0]["status"], put[0]["key"]) == ("ready", KEY)
    assert stopped
    assert [record["key"] for record in listed] == [KEY]
    assert shown == listed
    assert shown[0]["original"]["width"] == 3024
    assert (image.format, image.size) == ("JPEG", (375, 500))


def test_a_photo_put_after_a_restart_is_processed(laptop: Laptop) -> None:
    with laptop.up():
        pass

    with laptop.up("--recipe", "64:cover:webp"):
        put = laptop.json("put", str(laptop.home / KEY), "--wait")

    assert [made["width"] for made in put[0]["renditions"].values()] == [64]


def test_an_embedded_aws_whose_parent_is_killed_keeps_its_images(laptop: Laptop) -> None:
    command = [*IMAGEMILL, "up", "--port", str(laptop.port), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=laptop.environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        laptop.json("put", str(laptop.home / KEY), "--wait")
        orphan = emulator_of(process.pid)
        process.kill()
    ended = _ended(orphan)

    with laptop.up():
        listed = laptop.json("ls")

    assert ended
    assert [record["status"] for record in listed] == ["ready"]


def test_a_taken_port_is_one_clear_line(laptop: Laptop) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", laptop.port))
        other.listen()

        ended = laptop.run("up", "--port", str(laptop.port))

    assert ended.returncode == 1
    assert ended.stdout == b""
    assert f"port {laptop.port} is taken".encode() in ended.stderr
    assert b"Traceback" not in ended.stderr


def _ended(orphan: int) -> bool:
    """Wait until the child has saved its state and ended; it closes its port earlier."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if not is_running(orphan):
            return True
        time.sleep(0.1)
    return False
