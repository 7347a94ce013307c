"""CORS in a real browser: access of a page from another origin to the API and the bucket."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.images import png
from live.stack import Stack
from playwright.sync_api import Browser, Page

from imagemill.local.address import Address

CALL = """async ([url, options]) => {
    const answer = await fetch(url, options);
    const text = await answer.text();
    return {status: answer.status, text, type: answer.headers.get("content-type"),
            location: answer.headers.get("location")};
}"""
UPLOAD = """async ([ticket, bytes]) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
    form.append("file", new Blob([new Uint8Array(bytes)], {type: "image/png"}));
    const answer = await fetch(ticket.url, {method: "POST", body: form});
    return {status: answer.status, etag: answer.headers.get("etag")};
}"""


class EmptyPage(http.server.BaseHTTPRequestHandler):
    """A web site with one empty page."""

    def do_GET(self) -> None:  # the base class's name for it
        """Answer every path."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Serve a page on another port, which is another origin."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Return a new browser page."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def foreign(page: Page, elsewhere: str) -> Page:
    """Return the page at the foreign origin."""
    page.goto(elsewhere)
    return page


def call(page: Page, url: str, key: str, **options: object) -> dict[str, Any]:
    """Send a request from the page; raises if CORS forbids the page to read the response."""
    headers = {"x-api-key": key, "content-type": "application/json"}
    return dict(page.evaluate(CALL, [url, {"headers": headers, **options}]))


def announced(page: Page, address: Address, size: int) -> dict[str, Any]:
    wish = json.dumps({"filename": "page.png", "content_type": "image/png", "bytes": size})
    url = f"{address.api_url}/uploads"
    answer = call(page, url, address.api_key, method="POST", body=wish)
    assert answer["status"] == 201
    return dict(json.loads(answer["text"]))


def test_a_foreign_page_announces_a_file_and_puts_it_into_the_bucket(
    foreign: Page, address: Address, stack: Stack
) -> None:
    data = png(640, 480)
    ticket = announced(foreign, address, len(data))

    stored = foreign.evaluate(UPLOAD, [ticket, list(data)])

    record = stack.wait_until_final(ticket["key"])
    assert stored["status"] == 204
    assert (record.status, stored["etag"].strip('"')) == ("ready", record.etag)


def test_a_foreign_page_reads_and_deletes_after_a_preflight(
    foreign: Page, address: Address, stack: Stack
) -> None:
    stack.put("browser.png", png())
    image = f"{address.api_url}/images/{stack.wait_until_final('browser.png').id}"

    read = call(foreign, image, address.api_key)
    deleted = call(foreign, image, address.api_key, method="DELETE")

    assert (read["status"], deleted["status"]) == (200, 202)


def test_a_foreign_page_sees_a_rendition_through_its_redirect(
    foreign: Page, address: Address, stack: Stack
) -> None:
    stack.put("seen.png", png())
    image = stack.wait_until_final("seen.png").id
    url = f"{address.api_url}/images/{image}/renditions/500"

    seen = call(foreign, url, address.api_key)

    assert (seen["status"], seen["type"]) == (200, "image/png")


def test_a_foreign_page_can_read_why_the_gateway_refused_it(
    foreign: Page, address: Address
) -> None:
    answer = call(foreign, f"{address.api_url}/images", "wrong")

    assert (answer["status"], answer["type"]) == (403, "application/problem+json")
    assert json.loads(answer["text"])["code"] == "forbidden"


def test_the_documentation_page_works_and_loads_nothing_from_other_origins(
    page: Page, address: Address
) -> None:
    asked: list[str] = []
    console: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda fault: console.append(str(fault)))

    page.goto(f"{address.api_url}/docs")
    page.get_by_text("Check that the API works").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text('"status": "ok"').first.wait_for()

    foreign = [url for url in asked if not url.startswith((address.api_url, "data:"))]
    assert foreign == []
    assert console == []
