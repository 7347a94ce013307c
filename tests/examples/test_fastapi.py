"""The application of examples/fastapi, with the stack of the session."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fakes.images import jpeg
from live.stack import TIMEOUT_S, unused_port

from imagemill.local.address import Address

EXAMPLE = Path(__file__).parents[2] / "examples/fastapi"


@pytest.fixture(scope="module")
def http(address: Address) -> Iterator[httpx.Client]:
    """Return a client of the running application."""
    port = unused_port()
    variables = {"IMAGEMILL_API": address.api_url, "IMAGEMILL_API_KEY": address.api_key}
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port)]
    with (
        subprocess.Popen(
            command, cwd=EXAMPLE, env=os.environ | variables, stderr=subprocess.DEVNULL
        ) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_S) as client,
    ):
        try:
            wait_until_open(client)
            yield client
        finally:
            server.terminate()


def wait_until_open(client: httpx.Client) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            client.get("/openapi.json")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the application did not start")


def test_a_photo_is_added_shown_and_removed(http: httpx.Client) -> None:
    added = http.post("/photos", params={"filename": 'a "b".jpg'}, content=jpeg(900, 600))

    photo = added.json()
    assert added.status_code == 201
    assert 'alt="a &quot;b&quot;.jpg"' in photo["html"]
    assert photo["html"] in http.get("/").text
    assert http.delete(f"/photos/{photo['id']}").status_code == 204
    assert photo["html"] not in http.get("/").text


@pytest.mark.parametrize(("data", "code"), [(b"only words", "not_an_image"), (b"", "empty")])
def test_a_file_that_is_no_image_is_refused_with_its_code(
    http: httpx.Client, data: bytes, code: str
) -> None:
    answer = http.post("/photos", params={"filename": "a.jpg"}, content=data)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
