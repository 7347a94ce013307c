"""The commands on a running stack, each in a process of its own."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg, png

from imagemill.local.address import Address

ODD_NAME = "[red]été+sun 100%25 (1).JPG"


@dataclass(frozen=True)
class Program:
    """Runs `imagemill` in a folder, with environment variables that select the stack."""

    folder: Path
    environment: Mapping[str, str]

    def with_account(self, address: Address) -> "Program":
        """Return the program with AWS credentials and endpoint of the embedded AWS."""
        account = {
            "AWS_ENDPOINT_URL": address.endpoint,
            "AWS_REGION": address.region,
            "AWS_DEFAULT_REGION": address.region,
            "AWS_ACCESS_KEY_ID": address.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": address.aws_secret_access_key,
        }
        return Program(self.folder, account)

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        path = os.pathsep.join(filter(None, sys.path))
        return subprocess.run(
            [sys.executable, "-m", "imagemill.cli.main", *words],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, **self.environment},
        )

    def run_at_a_terminal(self, typed: bytes, *words: str) -> int:
        """Run a command at a terminal with typed input; return its exit code."""
        ours, theirs = os.openpty()
        path = os.pathsep.join(filter(None, sys.path))
        try:
            os.write(ours, typed)
            return subprocess.run(
                [sys.executable, "-m", "imagemill.cli.main", *words],
                stdin=theirs,
                capture_output=True,
                check=False,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path, **self.environment},
            ).returncode
        finally:
            os.close(ours)
            os.close(theirs)

    def json(self, *words: str) -> list[dict[str, Any]]:
        ended = self.run(*words, "--json")
        return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture
def program(address: Address, data_dir: Path, tmp_path: Path) -> Program:
    assert address.endpoint
    return Program(tmp_path, {"IMAGEMILL_DATA_DIR": str(data_dir)})


@pytest.fixture
def prefix() -> str:
    """Return a unique key prefix."""
    return secrets.token_hex(6)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / ODD_NAME).write_bytes(jpeg(1200, 800, orientation=6))
    (folder / "a.png").write_bytes(png(1200, 800))
    (folder / "notes.txt").write_bytes(b"hello there")
    (folder / ".hidden.jpg").write_bytes(jpeg())
    return folder


def test_put_uploads_a_folder_and_reports_every_file(
    program: Program, prefix: str, photos: Path
) -> None:
    ended = program.run("put", str(photos), "-r", "--prefix", prefix, "--wait", "--json")

    records = {row["key"]: row for row in map(json.loads, ended.stdout.splitlines())}
    assert ended.returncode == 1
    assert {key: row["status"] for key, row in records.items()} == {
        f"{prefix}/photos/2026/{ODD_NAME}": "ready",
        f"{prefix}/photos/a.png": "ready",
        f"{prefix}/photos/notes.txt": "rejected",
    }
    rotated = records[f"{prefix}/photos/2026/{ODD_NAME}"]
    assert (rotated["original"]["width"], rotated["original"]["height"]) == (800, 1200)
    assert rotated["renditions"]["500"]["height"] == 500


def test_put_waits_for_the_new_version_of_unchanged_bytes(
    program: Program, prefix: str, photos: Path
) -> None:
    words = ("put", str(photos / "a.png"), "--prefix", prefix, "--wait")
    [first] = program.json(*words)

    [second] = program.json(*words)

    assert (second["key"], second["etag"]) == (first["key"], first["etag"])
    assert second["version_id"] != first["version_id"]


def test_an_image_is_listed_shown_and_downloaded(
    program: Program, prefix: str, photos: Path
) -> None:
    [put] = program.json("put", str(photos / "2026" / ODD_NAME), "--prefix", prefix, "--wait")

    listed = program.json("ls", "--limit", "1000", "--status", "ready")
    [by_key] = program.json("show", f"{prefix}/{ODD_NAME}")
    [by_id] = program.json("show", put["id"])
    original = program.run("get", put["id"], "--original", "-o", "-").stdout
    fetched = program.run("get", put["id"], "--preset", "thumb")

    assert put in listed
    assert by_key == by_id == put | {"history": by_id["history"]}
    assert [state["status"] for state in by_id["history"]] == ["ready"]
    assert original == (photos / "2026" / ODD_NAME).read_bytes()
    assert fetched.returncode == 0
    saved = program.folder / ODD_NAME.replace(".JPG", ".webp")
    assert saved.stat().st_size == put["renditions"]["thumb"]["bytes"]


def test_rm_deletes_an_image_and_its_renditions(
    program: Program, prefix: str, photos: Path
) -> None:
    [put] = program.json("put", str(photos / "a.png"), "--prefix", prefix, "--wait")

    ended = program.run("rm", put["id"], "--yes", "--wait")

    assert ended.returncode == 0
    assert program.json("show", put["key"])[0]["status"] == "deleted"
    assert put["id"] not in {row["id"] for row in program.json("ls", "--limit", "1000")}
    assert program.run("get", put["id"]).returncode == 1


def test_put_prints_file_names_unchanged(program: Program, prefix: str, photos: Path) -> None:
    ended = program.run("put", str(photos / "2026" / ODD_NAME), "--prefix", prefix, "--wait")

    assert ended.returncode == 0
    assert ended.stdout.decode().startswith(f"ready       {prefix}/{ODD_NAME}  800×1200 ")


def test_an_unknown_image_is_reported_in_one_line(program: Program) -> None:
    ended = program.run("show", "nope.jpg")

    assert ended.returncode == 1
    assert ended.stderr == b"imagemill: there is no image 'nope.jpg'\n"


def test_a_stack_on_aws_is_found_by_its_name(
    program: Program, address: Address, prefix: str, photos: Path
) -> None:
    [put] = program.json("put", str(photos / "a.png"), "--prefix", prefix, "--wait")
    on_aws = program.with_account(address)

    [shown] = on_aws.json("show", put["id"], "--stack", address.stack)

    assert shown == put | {"history": shown["history"]}


def test_an_unknown_stack_is_reported_in_one_line(program: Program, address: Address) -> None:
    ended = program.with_account(address).run("ls", "--stack", "nope")

    assert ended.returncode == 1
    assert ended.stderr.startswith(b"imagemill: the stack 'nope' cannot be read: ")
    assert ended.stderr.count(b"\n") == 1


def test_doctor_sends_an_image_through_a_stack_on_aws(program: Program, address: Address) -> None:
    found = program.with_account(address).json("doctor", "--stack", address.stack)

    levels = {one["check"]: one["level"] for one in found}
    # The embedded AWS has no list of prices.
    assert levels.pop("architecture") == "warning"
    assert levels.keys() > {"credentials", "concurrency", "image", "alarms", "decoder"}
    assert set(levels.values()) == {"ok"}


def test_doctor_ends_with_an_error_code_if_there_is_a_problem(
    program: Program, address: Address
) -> None:
    ended = program.with_account(address).run("doctor", "--transform-concurrency", "1000")

    assert ended.returncode == 1
    assert b"problem concurrency" in ended.stdout
    assert b"TransformConcurrency=" in ended.stdout


@pytest.mark.parametrize(("typed", "exit_code", "left"), [(b"n\n", 1, True), (b"y\n", 0, False)])
def test_rm_asks_for_confirmation_at_a_terminal(
    program: Program, typed: bytes, exit_code: int, left: bool
) -> None:
    key = f"{secrets.token_hex(4)}.jpg"
    (program.folder / key).write_bytes(jpeg())
    program.run("put", key, "--wait")

    ended = program.run_at_a_terminal(typed, "rm", key)

    assert ended == exit_code
    assert (program.run("get", key, "--original", "-o", "-").returncode == 0) is left
