"""The first minutes with `imagemill up`: restarts, and what can go wrong."""

import socket
import subprocess
import time
from pathlib import Path

import pytest
from fakes.images import jpeg
from live.laptop import IMAGEMILL, Laptop
from live.processes import emulator_of, is_running
from live.stack import TIMEOUT_S, unused_port

KEY = "holiday 2026/été+sun (1).JPG"


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    photo = tmp_path / KEY
    photo.parent.mkdir()
    photo.write_bytes(jpeg(4032, 3024, orientation=6))
    return Laptop(tmp_path, unused_port())


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
