"""The commands with the REST API alone: its URL and a key or a token, without AWS credentials."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg, png
from fakes.issuer import FakeIssuer

from imagemill.local.address import Address

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(address: Address, tmp_path: Path) -> Run:
    """Return a function that runs a command with the URL and the key of the API."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    settings = {"IMAGEMILL_API": address.api_url, "IMAGEMILL_API_KEY": address.api_key}

    def run(*words: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "imagemill.cli.main", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            env=inherited | settings | {"XDG_DATA_HOME": str(tmp_path / "home")} | changed,
        )

    return run


def put(run: Run, tmp_path: Path, name: str, data: bytes) -> dict[str, Any]:
    """Put a file, wait for the result, and return the printed record."""
    (tmp_path / name).write_bytes(data)
    done = run("put", name, "--wait", "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_put_waits_for_the_result(run: Run, tmp_path: Path) -> None:
    record = put(run, tmp_path, "été (1).jpg", jpeg(1200, 800))

    assert (record["status"], record["filename"]) == ("ready", "été (1).jpg")
    assert record["renditions"]["500"]["width"] == 500


def test_put_without_waiting_prints_the_id(
    run: Run,
    tmp_path: Path,
) -> None:
    (tmp_path / "a.png").write_bytes(png())

    done = run("put", "a.png", "--json")

    record = json.loads(done.stdout)
    assert run("show", record["id"], "--json").returncode == 0
    assert record["key"].startswith("uploads/")


def test_a_text_is_rejected_with_its_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("only words")

    done = run("put", "words.txt", "--wait", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "not_an_image"


def test_an_image_is_listed_shown_downloaded_and_deleted(
    run: Run,
    tmp_path: Path,
) -> None:
    data = jpeg(800, 600)
    image = put(run, tmp_path, "b.jpg", data)["id"]

    listed = [json.loads(line) for line in run("ls", "--json").stdout.splitlines()]
    original = run("get", image, "--original", "-o", "original.jpg")
    rendition = run("get", image, "--preset", "thumb", "-o", "thumb.webp")
    deleted = run("rm", image, "--yes", "--wait")

    assert image in {one["id"] for one in listed}
    assert (original.returncode, (tmp_path / "original.jpg").read_bytes()) == (0, data)
    assert (rendition.returncode, (tmp_path / "thumb.webp").read_bytes()[8:12]) == (0, b"WEBP")
    assert deleted.returncode == 0, deleted.stderr
    assert json.loads(run("show", image, "--json").stdout)["status"] == "deleted"


def test_ls_lists_a_folder(run: Run, tmp_path: Path) -> None:
    record = put(run, tmp_path, "in-a-folder.jpg", jpeg(30, 20))

    root = run("ls", "/", "--json").stdout.splitlines()
    folder = run("ls", record["key"][:-4], "--json", "--format", "jpeg", "--since", "2026-01-01")
    refused = run("ls", "/", "--since", "2026-13-01")

    assert {"folder": "uploads/"} in map(json.loads, root)
    assert [json.loads(line)["key"] for line in folder.stdout.splitlines()] == [record["key"]]
    assert refused.returncode == 2


def test_a_user_with_a_token_works_with_own_images(
    run: Run, tmp_path: Path, address: Address, issuer: FakeIssuer
) -> None:
    alice, bob = (
        {"IMAGEMILL_API": address.users_api_url, "IMAGEMILL_API_TOKEN": issuer.token(sub=name)}
        for name in ("alice", "bob")
    )
    (tmp_path / "c.png").write_bytes(png())
    done = run("put", "c.png", "--wait", "--json", **alice)
    image = json.loads(done.stdout)["id"]

    assert run("show", image, **bob).returncode == 1
    assert run("get", image, "-o", "small.png", **alice).returncode == 0
    assert run("rm", image, "--yes", "--wait", **alice).returncode == 0


def test_a_token_that_the_api_refuses_is_named_with_the_reason(
    run: Run, address: Address, issuer: FakeIssuer
) -> None:
    ended = {"IMAGEMILL_API": address.users_api_url, "IMAGEMILL_API_TOKEN": issuer.token(exp=1)}

    done = run("ls", **ended)

    assert done.returncode == 1
    assert "the API refused the token: the token is not valid" in done.stderr


@pytest.mark.parametrize(
    ("changed", "words", "status"),
    [
        ({"IMAGEMILL_API_KEY": "wrong"}, "the API refused the key", 1),
        ({"IMAGEMILL_API_KEY": ""}, "set IMAGEMILL_API_KEY or IMAGEMILL_API_TOKEN", 1),
        ({"IMAGEMILL_API_TOKEN": "no token"}, "the API refused", 1),
        ({"IMAGEMILL_API": "http://127.0.0.1:1"}, "could not be reached", 1),
        ({"IMAGEMILL_API": "nowhere"}, "expected the URL of an API", 1),
        ({"IMAGEMILL_STACK": "other"}, "cannot be used together", 2),
    ],
)
def test_a_configuration_error_is_reported_in_one_line(
    run: Run,
    changed: dict[str, str],
    words: str,
    status: int,
) -> None:
    done = run("ls", **changed)

    assert done.returncode == status
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
