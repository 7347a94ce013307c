"""Web pages in a real browser that attack the embedded AWS on the same machine."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import boto3
import pytest
from live.attacks import ACTIONS, Target, authorization, claim, forged_form
from live.browser import launched
from live.gallery import TIMEOUT_MS
from playwright.sync_api import Browser, Page, Playwright, Request, Response

from imagemill.local.address import Address

PUBLIC = "evil.example"
# Host names that the test browser resolves to this machine: a site, and a rebound name.
REBOUND = "moved.example"
FORM = """([url, kind, fields, file]) => {
    const form = document.createElement("form");
    Object.assign(form, {method: "POST", action: url, enctype: kind});
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("input");
        Object.assign(field, {type: "hidden", name, value});
        form.append(field);
    }
    if (file) {
        const field = document.createElement("input");
        Object.assign(field, {type: "file", name: "file"});
        const carried = new DataTransfer();
        carried.items.add(new File(["attacked"], "x.zip", {type: "application/zip"}));
        field.files = carried.files;
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""
CALL = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options);
        return [answer.type, answer.status, await answer.text()];
    } catch (fault) { return ["failed", 0, ""]; }
}"""
EMBED = """async ([kind, url]) => {
    const one = document.createElement(kind);
    const done = new Promise((end) => { one.onload = one.onerror = () => end(one.width || 0); });
    one.src = url;
    document.body.append(one);
    return await Promise.race([done, new Promise((end) => setTimeout(end, 5000, 0))]);
}"""
SOCKET = """(url) => new Promise((end) => {
    const line = new WebSocket(url);
    line.onopen = () => end("open");
    line.onerror = () => end("closed");
})"""


class EvilPage(http.server.BaseHTTPRequestHandler):
    """A site with an empty page and with redirects to any URL."""

    def do_GET(self) -> None:  # the base class's name for it
        """Answer every path; /to?URL redirects to the URL."""
        path, _, query = self.path.partition("?")
        wanted = parse_qs(query).get("url")
        if path == "/to" and wanted:
            self.send_response(302)
            self.send_header("location", wanted[0])
        else:
            self.send_response(200)
            self.send_header("content-type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """Serve the attacking pages, and return the port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EvilPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser that resolves two internet host names to this machine."""
    names = ", ".join(f"MAP {name} 127.0.0.1" for name in (PUBLIC, REBOUND))
    more = (
        f"--host-resolver-rules={names}",
        # The last option of a name counts, so this one repeats that of BROWSER_OPTIONS.
        "--disable-features=SpareRendererForSitePerProcess,LocalNetworkAccessChecks",
    )
    with launched(playwright, tmp_path_factory.mktemp("browser"), *more) as browser:
        yield browser


@pytest.fixture(params=[PUBLIC, "127.0.0.1"])
def origin(request: pytest.FixtureRequest, site: int) -> str:
    """Return the origins of the attacks: one of another site, and one of the site attacked."""
    return f"http://{request.param}:{site}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    context.close()


@pytest.fixture(scope="module")
def target(address: Address, session: boto3.Session) -> Target:
    return Target(address, session)


@pytest.fixture
def unchanged(target: Target) -> Iterator[None]:
    """Compare the state that an attack would change, before and after the block."""
    before = target.state()
    yield
    assert target.state() == before


class Watched:
    """The requests of a page to the embedded AWS, and the responses that a page can read."""

    def __init__(self, page: Page, target: Target) -> None:
        self._port = urlsplit(target.address.endpoint).port
        self.asked = 0
        self.answers: list[Response] = []
        page.on("request", self._count)
        page.on("response", self._note)

    def _count(self, request: Request) -> None:
        self.asked += urlsplit(request.url).port == self._port

    def _note(self, answer: Response) -> None:
        if urlsplit(answer.url).port == self._port:
            self.answers.append(answer)

    @property
    def statuses(self) -> set[int]:
        return {answer.status for answer in self.answers}


pytestmark = pytest.mark.usefixtures("unchanged")


def test_a_link_from_a_mail_does_nothing(page: Page, target: Target) -> None:
    watched = Watched(page, target)

    for link in target.links():
        page.goto(link)

    assert watched.statuses == {403}
    assert len(watched.answers) >= len(target.links())


def test_a_link_on_a_page_does_nothing(page: Page, target: Target, origin: str) -> None:
    watched = Watched(page, target)

    for link in target.links():
        page.goto(origin)
        with page.expect_navigation():
            page.evaluate("(url) => { location.href = url; }", link)

    assert watched.statuses == {403}


def test_a_redirect_does_nothing(page: Page, target: Target, origin: str) -> None:
    watched = Watched(page, target)

    for link in target.links():
        page.goto(f"{origin}/to?url={quote(link, safe='')}")

    assert watched.statuses == {403}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "text/plain", "application/x-www-form-urlencoded"]
)
def test_a_form_does_nothing(page: Page, target: Target, origin: str, kind: str) -> None:
    watched = Watched(page, target)
    buckets = target.buckets()
    posts: list[tuple[str, dict[str, str], bool]] = [
        (f"/{bucket}", forged_form(bucket, "attacked.zip"), True) for bucket in buckets
    ]
    posts += [(f"/{bucket}", {"key": "attacked.zip"}, True) for bucket in buckets]
    posts += [("/", query, False) for query in ACTIONS.values()]
    posts += [("/", query | claim(service), False) for service, query in ACTIONS.items()]
    posts += [("/_ministack/reset", {}, False), ("/_ministack/config", {"a": "b"}, False)]

    for path, fields, has_file in posts:
        page.goto(origin)
        with page.expect_navigation():
            page.evaluate(FORM, [target.address.endpoint + path, kind, fields, has_file])

    assert watched.statuses == {403}
    assert len(watched.answers) >= len(posts)


@pytest.mark.parametrize("mode", ["no-cors", "cors"])
def test_a_script_reads_and_does_nothing(
    page: Page, target: Target, origin: str, mode: str
) -> None:
    watched = Watched(page, target)
    page.goto(origin)
    seen: list[Any] = [
        page.evaluate(CALL, [link, {"mode": mode, "method": method}])
        for link in target.links()
        for method in ("GET", "POST")
    ]
    body = json.dumps({"QueueName": "attacked"})
    for headers in (
        {"content-type": "text/plain"},
        {"x-amz-target": "AmazonSQS.CreateQueue", "content-type": "application/x-amz-json-1.0"},
        authorization("sqs") | {"x-amz-target": "AmazonSQS.CreateQueue"},
    ):
        options = {"mode": mode, "method": "POST", "headers": headers, "body": body}
        seen.append(page.evaluate(CALL, [target.address.endpoint, options]))

    assert {(status, text) for _, status, text in seen} == {(0, "")}
    assert watched.statuses <= {403}
    assert watched.asked >= len(seen)


@pytest.mark.parametrize("kind", ["img", "script", "iframe"])
def test_embedded_resources_do_nothing(page: Page, target: Target, origin: str, kind: str) -> None:
    watched = Watched(page, target)
    page.goto(origin)

    for link in target.links():
        page.evaluate(EMBED, [kind, link])

    assert watched.statuses <= {403}
    assert watched.asked >= len(target.links())


def test_a_web_socket_is_not_opened(page: Page, target: Target, origin: str) -> None:
    page.goto(origin)
    web_socket = target.address.api_url.replace("http://", "ws://")

    assert page.evaluate(SOCKET, web_socket) == "closed"


def test_a_rebound_host_name_does_nothing(page: Page, target: Target) -> None:
    watched = Watched(page, target)
    port = urlsplit(target.address.endpoint).port
    here = f"http://{REBOUND}:{port}"
    page.goto(here)
    api = urlsplit(target.address.api_url).path

    seen = [
        page.evaluate(CALL, [here + path, {"method": method, "headers": headers}])
        for path in (
            "/",
            f"{api}/health",
            f"{api}/images",
            "/_ministack/reset",
            "/?Action=ListUsers",
        )
        for method in ("GET", "POST", "DELETE")
        for headers in ({}, authorization("iam"), {"x-api-key": target.address.api_key})
    ]

    assert {(kind, status) for kind, status, _ in seen} == {("basic", 403)}
    assert watched.statuses == {403}


def test_a_page_cannot_learn_the_name_of_a_bucket(page: Page, target: Target, origin: str) -> None:
    watched = Watched(page, target)
    page.goto(origin)
    page.evaluate(CALL, [target.address.endpoint, {"mode": "no-cors"}])
    page.goto(target.address.endpoint)

    assert target.address.originals_bucket not in page.content()
    assert watched.statuses == {403}


def test_the_api_is_open_to_pages_that_have_its_key(
    page: Page, target: Target, origin: str
) -> None:
    page.goto(origin)
    headers = {"x-api-key": target.address.api_key}

    answer = page.evaluate(CALL, [f"{target.address.api_url}/images", {"headers": headers}])

    assert answer[:2] == ["cors", 200]
