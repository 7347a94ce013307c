"""The files of docs/tutorial.md, saved and run as a reader does."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.images import jpeg
from live.stack import TIMEOUT_S, unused_port
from playwright.sync_api import Browser, Page, expect

from imagemill.local.address import Address

TUTORIAL = (Path(__file__).parents[2] / "docs/tutorial.md").read_text()


def block(language: str) -> str:
    """Return the only block of the tutorial in a language."""
    [text] = re.findall(rf"^```{language}\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture
def site(address: Address, tmp_path: Path) -> Iterator[str]:
    """Return the URL of the tutorial's server."""
    (tmp_path / "server.py").write_text(block("python"))
    (tmp_path / "page.html").write_text(block("html"))
    port = unused_port()
    variables = {
        "IMAGEMILL_API": address.api_url,
        "IMAGEMILL_API_KEY": address.api_key,
        "PORT": str(port),
    }
    command = [sys.executable, "server.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | variables, stderr=subprocess.DEVNULL
    ) as server:
        url = f"http://127.0.0.1:{port}/"
        wait_until_open(url)
        yield url
        server.kill()


def wait_until_open(url: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310  # loopback
            return
        time.sleep(0.1)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_the_page_of_the_tutorial_uploads_a_photo_and_shows_it(page: Page, site: str) -> None:
    page.goto(site)

    page.set_input_files(
        "input", {"name": "été.jpg", "mimeType": "image/jpeg", "buffer": jpeg(400, 300)}
    )

    expect(page.locator("p")).to_have_text("ready: été.jpg")
    page.wait_for_function("document.querySelector('main img')?.naturalWidth > 0")


def test_the_page_of_the_tutorial_tells_why_a_file_is_rejected(page: Page, site: str) -> None:
    page.goto(site)

    page.set_input_files(
        "input", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no image at all"}
    )

    expect(page.locator("p")).to_have_text(re.compile(r"^rejected: .*not a known kind of image"))
    expect(page.locator("main img")).to_have_count(0)
