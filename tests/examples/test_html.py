"""The page without a framework, in a browser."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from fakes.images import jpeg
from live.gallery import TIMEOUT_MS
from live.stack import TIMEOUT_S
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(scope="module")
def url(start: Callable[[str], str]) -> str:
    return start("html")


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(url)
    yield page
    page.close()


def upload(page: Page, name: str, data: bytes) -> None:
    page.set_input_files("input", {"name": name, "mimeType": "image/jpeg", "buffer": data})


def test_an_uploaded_photo_is_in_the_gallery_also_after_a_reload(page: Page) -> None:
    upload(page, "html été.jpg", jpeg(900, 600))
    photo = page.get_by_alt_text("html été.jpg")
    expect(photo).to_be_visible()
    page.wait_for_function("document.querySelector('img[alt=\"html été.jpg\"]').naturalWidth > 0")
    expect(page.locator("#uploads li")).to_have_count(0)

    page.reload()

    expect(photo).to_have_attribute("srcset", re.compile(r"cloudfront\.localhost.* 500w"))


def test_a_file_that_is_rejected_says_why(page: Page) -> None:
    upload(page, "notes.jpg", b"no image at all")

    expect(page.locator("#uploads li")).to_have_text(re.compile("^notes.jpg: .*kind of image"))


def test_a_deleted_photo_disappears(page: Page) -> None:
    upload(page, "html short.jpg", jpeg(300, 200))
    tile = page.locator("li", has=page.get_by_alt_text("html short.jpg"))

    tile.get_by_role("button").click()

    expect(tile).to_have_count(0)
    with page.expect_response("**/api/images?**") as listing:
        page.reload()
    assert "html short.jpg" not in {image["filename"] for image in listing.value.json()["images"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/api/health"),
        ("POST", "/api/cookies"),
        ("DELETE", "/api/images"),
        ("GET", "/api/images/../openapi.json"),
        ("GET", "/imagemill/../package.json"),
    ],
)
def test_the_server_passes_on_nothing_else(method: str, path: str, url: str) -> None:
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
        request = client.build_request(method, url)
        request.url = request.url.copy_with(raw_path=path.encode())

        assert client.send(request).status_code == 404
