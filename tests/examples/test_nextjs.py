"""The Next.js application, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.images import jpeg
from live.gallery import TIMEOUT_MS
from playwright.sync_api import Browser, expect

PACKAGES = Path(__file__).parents[2] / "examples/nextjs/node_modules/next"

HYDRATED = "Object.keys(document.querySelector('input')).some((name) => /^__react/.test(name))"


def test_an_uploaded_photo_is_shown_by_next_image(
    browser: Browser, start: Callable[[str], str]
) -> None:
    if not PACKAGES.is_dir():
        pytest.skip("Next.js is not installed: run make examples")
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(start("nextjs"))
    # Before React has taken over the page, a chosen file has no effect.
    page.wait_for_function(HYDRATED)

    page.set_input_files(
        "input", {"name": "next été.jpg", "mimeType": "image/jpeg", "buffer": jpeg(900, 600)}
    )

    expect(page.locator("output")).to_have_text("next été.jpg: ready")
    photo = page.get_by_alt_text("next été.jpg")
    expect(photo).to_have_attribute("srcset", re.compile(r"/~/uploads/.*\?w=640&auto=format 640w"))
    page.wait_for_function("document.querySelector('img[alt=\"next été.jpg\"]').naturalWidth > 0")

    page.set_input_files(
        "input", {"name": "next.jpg", "mimeType": "image/jpeg", "buffer": b"no image at all"}
    )

    expect(page.locator("output")).to_have_text(re.compile("^next.jpg: .*kind of image"))
    page.close()
