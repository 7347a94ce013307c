"""A browser that sends no requests outside this machine, with the gallery open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from live.browser import CHROMIUM, launched
from live.empty_wall import forget_images
from live.gallery import TIMEOUT_MS, Gallery, Visit, open_gallery
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from imagemill.local.address import Address

expect.set_options(timeout=TIMEOUT_MS)


# For all modules of this suite, because a browser takes a second of CPU time to start. The suites
# that follow in the same process may run an event loop only after Playwright has stopped its own.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Start Playwright; skip the test if there is no browser."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser with its own home directory."""
    with launched(playwright, tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def wall_of_the_module(session: boto3.Session, address: Address) -> Iterator[None]:
    """Forget all images after the tests of a module."""
    yield
    forget_images(session, address)


@pytest.fixture
def wall_of_the_test(session: boto3.Session, address: Address) -> Iterator[None]:
    """Forget all images after a test."""
    yield
    forget_images(session, address)


@pytest.fixture
def visit(
    browser: Browser,
    address: Address,
    tmp_path: Path,
    wall_of_the_module: None,  # noqa: ARG001  # it is needed for its end
) -> Iterator[Visit]:
    """Return a function that opens the gallery; the test fails if a page violates its policy."""
    open_ones: list[Gallery] = []

    def visit(path: str | None = None, **options: Any) -> Gallery:  # noqa: ANN401  # Playwright's
        gallery = open_gallery(browser, address, tmp_path, path, **options)
        open_ones.append(gallery)
        return gallery

    yield visit
    for gallery in open_ones:
        gallery.page.unroute_all(behavior="ignoreErrors")
        gallery.page.context.close()
    assert [one.violations for one in open_ones] == [[] for _ in open_ones]


@pytest.fixture
def gallery(visit: Visit) -> Gallery:
    """Return the gallery on a desktop, opened by its link, with the first page of images."""
    gallery = visit()
    gallery.await_start()
    return gallery
