"""Stacks with other parameters: another CORS origin, and no gallery."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from live.gallery import open_gallery
from live.stack import TIMEOUT_S, unused_port
from playwright.sync_api import Browser, expect

from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud

StartStack = Callable[..., Address]


@pytest.fixture
def start_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartStack]:
    """Return a function that runs a separate stack with other parameters."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with ExitStack() as stacks:

        def start(**parameters: str) -> Address:
            options = UpOptions(unused_port(), tmp_path / "data", "100", parameters)
            return stacks.enter_context(cloud(options))[1]

        yield start


def test_a_page_of_another_origin_is_refused(
    browser: Browser, start_stack: StartStack, tmp_path: Path
) -> None:
    address = start_stack(CorsOrigin="https://photos.example.com")

    gallery = open_gallery(browser, address, tmp_path, "icon.svg")

    with gallery.page.expect_console_message(lambda said: "blocked by CORS policy" in said.text):
        gallery.page.goto(f"{address.gallery_url}#key={address.api_key}")

    expect(gallery.page.get_by_role("alert").first).to_contain_text("The API cannot be reached.")
    gallery.page.context.close()


def test_a_stack_without_a_gallery_has_none_and_works(start_stack: StartStack) -> None:
    address = start_stack(Gallery="false")

    assert (address.gallery_url, address.site_bucket) == ("", "")
    assert httpx.get(f"{address.api_url}/health", timeout=TIMEOUT_S).status_code == 200
