"""The gallery: API key, network errors, security and accessibility."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes.images import jpeg
from live.gallery import Gallery, Visit, open_gallery
from live.stack import TIMEOUT_S, Stack
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response, Route, expect

from imagemill.local.address import Address

AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}
SHOWN = "shown.jpg"


@pytest.fixture(scope="module")
def shown(stack: Stack) -> str:
    """Return the name of an image on the wall."""
    stack.put(SHOWN, jpeg(900, 600))
    stack.wait_until_final(SHOWN)
    return SHOWN


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Serve an empty page at another origin."""

    class EmptyPage(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:  # the base class's name for it
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def over_http(address: Address, path: str) -> httpx.Response:
    """Send a request to the distribution by its Host header, without name resolution."""
    url = httpx.URL(address.gallery_url)
    headers = {"host": f"{url.host}:{url.port}"}
    return httpx.get(f"{address.endpoint}/{path}", headers=headers, timeout=TIMEOUT_S)


def faults(page: Page) -> list[str]:
    """Return the violations that axe finds, with their elements."""
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


# ------------------------------------------------------------------------ API key


def test_the_key_is_removed_from_the_url_and_kept_in_the_tab(gallery: Gallery, shown: str) -> None:
    page = gallery.page
    expect(gallery.tile(shown)).to_be_visible()
    expect(page).to_have_url(gallery.address.gallery_url)

    page.reload()

    expect(gallery.tile(shown)).to_be_visible()
    kept = page.evaluate("[Object.values(sessionStorage), localStorage.length, document.cookie]")
    assert kept == [[gallery.address.api_key], 0, ""]


def test_the_page_asks_once_for_a_missing_key(visit: Visit, shown: str) -> None:
    gallery = visit("")

    gallery.page.get_by_label("API key").fill(gallery.address.api_key)
    gallery.page.get_by_role("button", name="Open the gallery").click()

    expect(gallery.tile(shown)).to_be_visible()


def test_the_page_asks_again_after_a_wrong_key(visit: Visit, shown: str) -> None:
    gallery = visit("#key=wrong")
    expect(gallery.page.get_by_role("dialog", name="Sign in")).to_contain_text(
        "This API key is not valid."
    )

    gallery.page.get_by_label("API key").fill(gallery.address.api_key)
    gallery.page.keyboard.press("Enter")

    expect(gallery.tile(shown)).to_be_visible()


# ----------------------------------------------------------------------------- errors


def test_a_network_error_is_shown_and_the_page_recovers(gallery: Gallery, shown: str) -> None:
    expect(gallery.tile(shown)).to_be_visible()
    gallery.page.context.set_offline(True)
    expect(gallery.page.get_by_role("alert")).to_contain_text("There is no network.")
    gallery.choose(gallery.file("waits-for-network.jpg", jpeg()))

    gallery.page.context.set_offline(False)

    gallery.await_state("waits-for-network.jpg", "ready")
    expect(gallery.page.locator("#banner")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (503, "store_unavailable", "The storage did not answer."),
        (429, "quota_exceeded", "The API key has reached its limit for today."),
        (500, "never_heard_of", "An error occurred (never_heard_of)."),
    ],
)
def test_an_error_is_explained_and_can_be_retried(
    visit: Visit, status: int, code: str, words: str, shown: str
) -> None:
    gallery = visit("")
    listing = "**/images?*"
    body = {"code": code, "detail": "d"}
    headers = {"access-control-allow-origin": "*"}
    gallery.page.route(
        listing, lambda route: route.fulfill(status=status, json=body, headers=headers)
    )
    gallery.page.goto(f"{gallery.address.gallery_url}#key={gallery.address.api_key}")
    gallery.page.reload()
    alert = gallery.page.get_by_role("alert").first
    expect(alert).to_contain_text(f"The images cannot be listed. {words}")
    expect(alert).not_to_contain_text("image itself")
    expect(gallery.page.locator("#loading")).to_be_hidden()
    gallery.page.unroute(listing)

    gallery.page.get_by_role("button", name="Try again").click()

    expect(gallery.tile(shown)).to_be_visible()


def test_a_page_without_a_configuration_shows_an_error(visit: Visit) -> None:
    gallery = visit("")
    gallery.page.route("**/config.json", lambda route: route.fulfill(status=404, body="{}"))

    gallery.page.reload()

    expect(gallery.page.get_by_role("alert").first).to_contain_text("is not set up")


# -------------------------------------------------------------------- other origins


def test_nothing_may_be_loaded_from_or_sent_to_another_origin(
    browser: Browser, address: Address, tmp_path: Path, elsewhere: str
) -> None:
    gallery = open_gallery(browser, address, tmp_path, "")
    gallery.page.route(
        "**/config.json", lambda route: route.fulfill(json={"api": elsewhere + "live"})
    )
    gallery.page.goto(f"{gallery.address.gallery_url}#key=secret")

    with gallery.page.expect_console_message(lambda said: "violated: connect-src" in said.text):
        gallery.page.reload()

    expect(gallery.page.get_by_role("alert").first).to_contain_text("The API cannot be reached.")
    gallery.page.unroute_all(behavior="ignoreErrors")
    gallery.page.context.close()


def test_another_site_can_neither_frame_nor_read_the_gallery(
    browser: Browser, address: Address, elsewhere: str
) -> None:
    page = browser.new_page()
    page.goto(elsewhere)

    read = page.evaluate(
        "(url) => fetch(url).then(() => 'read', () => 'refused')",
        f"{address.gallery_url}config.json",
    )
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.set_content(f'<iframe src="{address.gallery_url}"></iframe>')

    assert read == "refused"
    assert [frame.url for frame in page.frames if "cloudfront" in frame.url] == []
    page.close()


def test_text_cannot_become_code(gallery: Gallery) -> None:
    def is_violation(message: ConsoleMessage) -> bool:
        return "violated: require-trusted-types-for" in message.text

    with (
        gallery.page.expect_console_message(is_violation),
        pytest.raises(Error, match="TrustedHTML"),
    ):
        gallery.page.evaluate("() => { document.body.innerHTML = '<b>x</b>'; }")

    gallery.console.clear()


def test_the_buckets_refuse_unsigned_requests(address: Address, shown: str) -> None:
    answers = [
        httpx.get(f"{address.endpoint}/{address.site_bucket}/index.html", timeout=TIMEOUT_S),
        httpx.get(f"{address.endpoint}/{address.processed_bucket}/500/{shown}", timeout=TIMEOUT_S),
        over_http(address, f"500/{shown}/nothing"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_images_are_served_only_as_images(address: Address, shown: str) -> None:
    answer = over_http(address, f"500/{shown}?x-version=1")

    headers = answer.headers
    assert (answer.status_code, headers["content-type"]) == (200, "image/jpeg")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "public, max-age=60"


def test_a_deleted_image_is_no_longer_served(stack: Stack, address: Address) -> None:
    stack.put("leaving.jpg", jpeg())
    stack.wait_until_final("leaving.jpg")
    before = over_http(address, "500/leaving.jpg").status_code

    stack.s3.delete_object(Bucket=address.originals_bucket, Key="leaving.jpg")
    stack.wait_until_removed("leaving.jpg")

    assert (before, over_http(address, "500/leaving.jpg").status_code) == (200, 403)


# --------------------------------------------------------------- size and accessibility


def only_final(route: Route) -> None:
    """Answer with the images that are finished."""
    headers = {**route.request.headers}
    headers.pop("if-none-match", None)
    answer = route.fetch(headers=headers)
    found = answer.json()
    final = [one for one in found["images"] if one["status"] != "pending"]
    route.fulfill(response=answer, json=found | {"images": final})


def test_the_first_view_is_small_and_loads_only_our_own_files(
    browser: Browser, address: Address, tmp_path: Path, shown: str
) -> None:
    answers: list[Response] = []
    gallery = open_gallery(browser, address, tmp_path, "icon.svg")
    gallery.page.on("response", lambda one: answers.append(one))  # noqa: PLW0108  # no built-in

    # Changes made elsewhere are noticed later, by a module of its own.
    gallery.delay_timers_of_next_page()
    gallery.page.route("**/images?*", only_final)
    gallery.page.goto(f"{address.gallery_url}#key={address.api_key}")
    gallery.await_sharp(shown)
    gallery.page.wait_for_load_state("networkidle")

    code = [
        one for one in answers if one.request.resource_type in {"document", "script", "stylesheet"}
    ]
    assert {
        one.url for one in answers if not one.url.startswith((address.gallery_url, address.api_url))
    } == set()
    assert sum(len(one.body()) for one in code) < 79_500
    gallery.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wall_is_accessible(visit: Visit, scheme: str, shown: str) -> None:
    gallery = visit(color_scheme=scheme)
    torn = f"torn-in-the-{scheme}.jpg"
    gallery.choose(gallery.file(torn, jpeg()[:40]), gallery.file("notes.txt", b"words"))
    gallery.await_state(torn, "rejected")
    gallery.await_sharp(shown)
    gallery.delay_timers()
    gallery.page.get_by_role("button", name=f"Select {shown}").click()
    gallery.page.locator(".bin:visible").first.click()
    expect(gallery.page.locator("#undo")).to_be_visible()
    expect(gallery.page.locator("#selection")).to_be_visible()

    assert faults(gallery.page) == []

    gallery.page.get_by_role("button", name="Undo").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_full_size_view_is_accessible(visit: Visit, scheme: str, shown: str) -> None:
    gallery = visit(color_scheme=scheme)
    dialog = gallery.open(shown)
    expect(dialog.locator(".frame > img")).to_have_css("opacity", "1")
    dialog.get_by_role("button", name="Compare").click()

    assert faults(gallery.page) == []


def test_the_sign_in_dialog_is_accessible(visit: Visit) -> None:
    gallery = visit("#key=wrong")
    expect(gallery.page.get_by_role("dialog", name="Sign in")).to_be_visible()

    assert faults(gallery.page) == []


def test_a_phone_needs_no_horizontal_scrolling(visit: Visit, shown: str) -> None:
    viewport = {"width": 360, "height": 740}
    gallery = visit(viewport=viewport, is_mobile=True, has_touch=True)
    gallery.await_sharp(shown)

    gallery.tile(shown).tap()

    expect(gallery.page.get_by_role("dialog", name=shown)).to_be_visible()
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(gallery.page) == []


def test_a_page_that_is_zoomed_in_leaves_room_for_images(visit: Visit, shown: str) -> None:
    gallery = visit(viewport={"width": 320, "height": 256})
    gallery.await_sharp(shown)
    gallery.page.locator(".pick").first.wait_for()
    gallery.tile(shown).locator("a").focus()

    gallery.page.keyboard.press("x")
    gallery.page.evaluate("scrollTo(0, 9000)")

    header = gallery.page.locator("body > header").bounding_box()
    bar = gallery.page.locator("#selection").bounding_box()
    assert header is not None
    assert bar is not None
    assert header["y"] < 0
    assert bar["height"] < 80
    assert faults(gallery.page) == []


def test_reduced_motion_is_respected(visit: Visit, shown: str) -> None:
    gallery = visit(reduced_motion="reduce")
    expect(gallery.tile(shown)).to_be_visible()

    lasts = gallery.tile(shown).evaluate("(one) => getComputedStyle(one).transitionDuration")

    assert float(str(lasts).removesuffix("s")) < 0.001
