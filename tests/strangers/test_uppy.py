"""Uploads of the JavaScript package in a browser: by Uppy's plugin for S3, and by its client."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.images import jpeg
from playwright.sync_api import Browser, Page

from imagemill.local.address import Address
from strangers.pages import served
from strangers.tools import ROOT

PAGE = '<!doctype html><title>Uploads</title><script type="module" src="/uppy.js"></script>'
SOURCE = ROOT / "js/src"


@pytest.fixture(scope="module")
def bundle(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with uppy.js and everything that it imports, in one file."""
    folder = tmp_path_factory.mktemp("uppy")
    subprocess.run(
        [
            node_modules / ".bin/esbuild",
            ROOT / "tests/strangers/uppy.js",
            "--bundle",
            "--format=esm",
            "--log-level=error",
            f"--alias:imagemill={SOURCE / 'index.js'}",
            f"--alias:imagemill/uppy={SOURCE / 'uppy.js'}",
            f"--outfile={folder / 'uppy.js'}",
        ],
        env=os.environ | {"NODE_PATH": str(node_modules)},
        check=True,
    )
    return folder


@pytest.fixture
def page(browser: Browser, bundle: Path) -> Iterator[Page]:
    with served(bundle, {"/": PAGE}) as origin:
        page = browser.new_page()
        page.goto(origin)
        yield page
        page.close()


@pytest.fixture
def options(address: Address) -> dict[str, str]:
    return {"api": address.api_url, "apiKey": address.api_key}


def test_uppy_uploads_photos_with_a_form_each(page: Page, options: dict[str, str]) -> None:
    files = [
        ["été.jpg", "image/jpeg", [*jpeg(60, 40)]],
        ["b.jpg", "application/x-camera", [*jpeg(50, 40)]],
        ["notes.txt", "text/plain", [*b"no image"]],
    ]

    found = page.evaluate("(given) => uploadByUppy(...given)", [options, files])

    assert found == {
        "ends": {"été.jpg": "ready", "b.jpg": "ready", "notes.txt": "rejected"},
        "failed": 0,
    }


def test_the_client_reports_the_bytes_that_are_sent(page: Page, options: dict[str, str]) -> None:
    data = jpeg(300, 200)

    seen = page.evaluate("(given) => uploadByClient(...given)", [options, "a.jpg", [*data]])

    assert seen[-1] == [len(data), len(data)]
    assert all(sent <= total == len(data) for sent, total in seen)


def test_an_aborted_upload_ends(page: Page, options: dict[str, str], address: Address) -> None:
    # The bucket never answers.
    page.route(f"**/{address.originals_bucket}**", lambda _: None)

    assert page.evaluate("(given) => abortUpload(...given)", [options, [1, 2]]) == "AbortError"

    page.unroute_all(behavior="ignoreErrors")
