"""A browser that sends no requests outside this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

# The headless shell has the same engine as Chromium without its windows, which cost CPU time.
_BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Few processes: each costs a second of CPU time.
    "--in-process-gpu",
    "--renderer-process-limit=1",
    "--disable-features=SpareRendererForSitePerProcess",
]


@contextmanager
def open_browser(home: Path) -> Iterator[Browser]:
    """Start Playwright and a browser with its own home directory, and close both."""
    with sync_playwright() as playwright, launched(playwright, home) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright, home: Path, *more: str) -> Iterator[Browser]:
    """Start a browser with its own home directory and more options, and close it."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*BROWSER_OPTIONS, *more],
        env={**os.environ, "HOME": str(home)},
    )
    yield browser
    browser.close()
