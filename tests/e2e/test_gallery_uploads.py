"""Uploads in the gallery: dropped, pasted and chosen files, retries and refusals."""

import io
import itertools
import os
import re
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes.images import encoded, jpeg, png
from live.gallery import Gallery, Visit
from PIL import Image
from playwright.sync_api import Request, Route, expect

from imagemill.local.page import page_path

# Each test has images of its own, and forgets them.
pytestmark = pytest.mark.usefixtures("wall_of_the_test")

BROKEN_JPEG = jpeg(200, 100)[:40]
NOTHING: dict[str, object] = {"images": [], "cursor": None}
EVIL = "<img src=x onerror=alert(1)>.png"
# Attempts of which one with an answer would be the last.
MORE_THAN_TRIES = 5
_HURRY = """() => {
    const later = window.setTimeout;
    window.setTimeout = (act, ms, ...more) => later(act, ms / 20, ...more);
}"""
# Resolves when the page has stored a file and the form of its upload.
_KEPT = """async () => {
    const get = (request) => new Promise((done) => {
        request.onsuccess = () => done(request.result);
    });
    for (;;) {
        const database = await get(indexedDB.open("imagemill", 1));
        const all = await get(database.transaction("uploads").objectStore("uploads").getAll());
        database.close();
        if (all.some((one) => one.ticket)) return;
        await new Promise((done) => setTimeout(done, 50));
    }
}"""
_PROGRESS = """() => {
    window.seen = new Set();
    const bar = document.querySelector("#tray > progress");
    const look = () => { seen.add(bar.value); requestAnimationFrame(look); };
    look();
}"""
_SEEN = """() => new Promise((done) => {
    const look = () => (%s ? done() : requestAnimationFrame(look));
    look();
})"""
_SEEN_SOME, _SEEN_ALL = _SEEN % "seen.size >= 4", _SEEN % "seen.has(1)"


def no_images(route: Route) -> None:
    """Answer that there are no images, and then that nothing has changed."""
    cors = {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag"}
    if "if-none-match" in route.request.headers:
        route.fulfill(status=HTTPStatus.NOT_MODIFIED, headers=cors)
    else:
        route.fulfill(json=NOTHING, headers={**cors, "etag": 'W/"1"'})


def noise(side: int) -> bytes:
    """Return an image of noise, which no compression makes smaller."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_dropped_image_is_uploaded_and_its_rendition_shown(gallery: Gallery) -> None:
    path = gallery.file("dropped.jpg", jpeg(800, 500))

    gallery.drop(path)

    gallery.await_state("dropped.jpg", "ready")
    gallery.await_sharp("dropped.jpg")


def test_dragging_files_over_the_page_shows_the_drop_area(gallery: Gallery) -> None:
    path = gallery.file("hanging.jpg", jpeg())
    veil = gallery.page.locator("#veil")

    gallery.drag("dragEnter", "dragOver", paths=[path])
    expect(veil).to_be_visible()
    gallery.page.evaluate("dispatchEvent(new DragEvent('dragleave'))")

    expect(veil).to_be_hidden()


def test_a_dropped_folder_is_uploaded_with_its_subfolders(gallery: Gallery) -> None:
    gallery.file("trip/one-of-trip.jpg", jpeg())
    gallery.file("trip/day 2/two-of-trip.png", png())
    gallery.file("trip/.DS_Store", b"a file manager's own")

    gallery.drop(gallery.folder / "trip")

    gallery.await_state("one-of-trip.jpg", "ready")
    gallery.await_state("two-of-trip.png", "ready")
    expect(gallery.page.locator("#tray li")).to_have_count(2)


def test_chosen_images_are_uploaded_and_listed_in_the_tray(gallery: Gallery) -> None:
    paths = [gallery.file(f"chosen-{number}.jpg", jpeg(300, 200)) for number in range(5)]

    gallery.choose(*paths)

    for path in paths:
        gallery.await_state(path.name, "ready")
    expect(gallery.page.locator("#tray .said")).to_have_text("5 files uploaded")


def test_a_chosen_folder_is_uploaded(gallery: Gallery) -> None:
    gallery.file("album/in-album.jpg", jpeg())

    gallery.choose_folder(gallery.folder / "album")

    gallery.await_state("in-album.jpg", "ready")


def test_files_dropped_before_the_page_is_ready_are_uploaded_later(visit: Visit) -> None:
    held: list[Route] = []
    gallery = visit("icon.svg")
    gallery.page.route("**/config.json", lambda route: held.append(route))  # noqa: PLW0108  # no built-in
    with gallery.page.expect_request("**/config.json"):
        gallery.page.goto(f"{gallery.address.gallery_url}#key={gallery.address.api_key}")

    gallery.drop(gallery.file("early.jpg", jpeg()))

    held[0].continue_()
    gallery.await_state("early.jpg", "ready")


def test_a_pasted_image_is_uploaded(gallery: Gallery) -> None:
    gallery.paste("pasted.png", png())

    gallery.await_state("pasted.png", "ready")


def test_the_heic_of_a_phone_is_uploaded(gallery: Gallery) -> None:
    import pillow_heif  # noqa: PLC0415  # an extra

    buffer = io.BytesIO()
    image = Image.linear_gradient("L").convert("RGB").resize((640, 480))
    pillow_heif.from_pillow(image).save(buffer, quality=80)

    gallery.choose(gallery.file("IMG_0001.HEIC", buffer.getvalue()))

    gallery.await_sharp("IMG_0001.HEIC")


def test_progress_is_shown_during_an_upload(gallery: Gallery) -> None:
    gallery.slow_down(100_000)
    gallery.page.evaluate(_PROGRESS)

    gallery.choose(gallery.file("slow.png", noise(1400)))
    expect(gallery.tile("slow.png").locator("progress")).to_be_visible()
    gallery.page.evaluate(_SEEN_SOME)
    gallery.slow_down(-1)
    gallery.await_state("slow.png", "ready")

    gallery.page.evaluate(_SEEN_ALL)
    assert min(gallery.page.evaluate("[...seen]")) == 0


def test_a_cancelled_upload_is_removed_from_the_wall(gallery: Gallery) -> None:
    gallery.slow_down(10_000)
    gallery.choose(gallery.file("unwanted.png", noise(700)))
    gallery.await_state("unwanted.png", "sending")

    gallery.page.get_by_role("button", name="Cancel all").click()

    expect(gallery.tile("unwanted.png")).to_have_count(0)
    expect(gallery.page.locator("#tray")).to_be_hidden()


def test_an_upload_goes_on_after_a_connection_was_lost_for_long(gallery: Gallery) -> None:
    broken: list[str] = []

    def break_often(route: Route) -> None:
        if len(broken) == MORE_THAN_TRIES:
            route.continue_()
        else:
            broken.append(route.request.url)
            route.abort("connectionreset")

    gallery.page.route(re.compile(gallery.address.originals_bucket), break_often)
    gallery.choose(gallery.file("stubborn.jpg", jpeg()))
    expect(gallery.page.locator("#tray li .why")).to_contain_text("No connection")
    gallery.page.evaluate(_HURRY)

    gallery.await_state("stubborn.jpg", "ready")
    assert len(broken) == MORE_THAN_TRIES


def test_an_upload_goes_on_after_a_reload(gallery: Gallery) -> None:
    name = "reloaded.png"
    gallery.page.on("dialog", lambda dialog: dialog.accept())
    gallery.slow_down(50_000)
    gallery.choose(gallery.file(name, noise(500)))
    expect(gallery.tile(name).locator("progress")).to_be_visible()
    gallery.page.evaluate(_KEPT)
    identity = gallery.tile(name).locator("a").get_attribute("href")

    gallery.page.reload()
    gallery.slow_down(-1)

    gallery.await_state(name, "ready")
    expect(gallery.tile(name)).to_have_count(1)
    expect(gallery.tile(name).locator("a")).to_have_attribute("href", str(identity))
    expect(gallery.page.locator("#tray .said")).to_have_text("1 file uploaded")
    assert gallery.page.evaluate("sessionStorage.getItem('imagemill-tab')") is None


# A file of three parts: the bytes after the end of a JPEG are ignored.
_LARGE = jpeg(300, 200).ljust(17 * 1024 * 1024, b"\0")
_OLDER_API = {"code": "method_not_allowed", "detail": "no route has this method"}


def send_all_in_parts(gallery: Gallery) -> None:
    """Let the page load a module that sends files of any size in parts."""
    source = (page_path() / "uploads.js").read_text()
    code = source.replace("IN_PARTS_FROM = 32 * 1024 * 1024;", "IN_PARTS_FROM = 0;")
    assert code != source
    # Once, because a page with routes passes all bodies to the test.
    gallery.page.route(
        "**/uploads.js",
        lambda route: route.fulfill(body=code, content_type="text/javascript"),
        times=1,
    )


def parts_of(gallery: Gallery) -> list[str]:
    """Return a list to which the numbers of the parts are added that the page sends."""
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.extend(parse_qs(urlsplit(request.url).query).get("partNumber", []))

    gallery.page.on("request", note)
    return sent


def cut(gallery: Gallery, *urls: str) -> None:
    """Let requests to these addresses fail without an answer, and those to others arrive."""
    gallery.devtools().send("Network.enable")
    gallery.devtools().send("Network.setBlockedURLs", {"urls": list(urls)})


@pytest.mark.parametrize("goes_on", ["in-the-page", "after-a-reload"])
def test_after_an_interruption_only_the_missing_parts_are_sent(
    gallery: Gallery, goes_on: str
) -> None:
    name = f"{goes_on}.jpg"
    gallery.page.on("dialog", lambda dialog: dialog.accept())
    sent = parts_of(gallery)
    send_all_in_parts(gallery)
    cut(gallery, "*partNumber=2*")
    gallery.choose(gallery.file(name, _LARGE))
    expect(gallery.page.locator("#tray li .why")).to_contain_text("No connection")
    gallery.page.evaluate(_KEPT)
    identity = gallery.tile(name).locator("a").get_attribute("href")

    cut(gallery)
    if goes_on == "after-a-reload":
        gallery.page.reload()

    gallery.await_state(name, "ready")
    assert [key for key, _ in itertools.groupby(sent)] == ["1", "2", "3"]
    assert sent.count("1") == sent.count("3") == 1
    assert sent.count("2") >= 2
    expect(gallery.tile(name).locator("a")).to_have_attribute("href", str(identity))
    expect(gallery.page.locator("#tray .amount")).to_have_text("17.8 MB of 17.8 MB")


def test_the_parts_of_a_cancelled_upload_are_removed(gallery: Gallery) -> None:
    send_all_in_parts(gallery)
    gallery.page.route("**/*partNumber=*", lambda route: None)  # noqa: ARG005  # held until the end
    with gallery.page.expect_request("**/*partNumber=1*"):
        gallery.choose(gallery.file("unwanted-parts.jpg", jpeg()))

    with gallery.page.expect_response(lambda one: one.request.method == "DELETE") as removed:
        gallery.page.get_by_role("button", name="Cancel all").click()

    assert removed.value.status == HTTPStatus.ACCEPTED
    assert "/multipart/" in removed.value.url
    expect(gallery.tile("unwanted-parts.jpg")).to_have_count(0)


def test_an_api_without_parts_gets_the_file_by_a_form(gallery: Gallery) -> None:
    send_all_in_parts(gallery)
    cors = {"access-control-allow-origin": "*"}
    gallery.page.route(
        "**/multipart",
        lambda route: route.fulfill(
            status=HTTPStatus.METHOD_NOT_ALLOWED, json=_OLDER_API, headers=cors
        ),
    )

    with gallery.page.expect_request("**/uploads"):
        gallery.choose(gallery.file("whole.jpg", jpeg()))

    gallery.await_state("whole.jpg", "ready")


def test_files_have_previews_before_they_are_sent_and_the_first_ones_go_first(
    gallery: Gallery,
) -> None:
    held: list[Route] = []
    gallery.page.route("**/uploads", lambda route: held.append(route))  # noqa: PLW0108  # no built-in
    paths = [gallery.file(f"order-{n}.jpg", jpeg(300, 200)) for n in range(8)]
    scan = gallery.file("order-8.tiff", encoded(300, 200, "TIFF"))

    gallery.choose(*paths, scan)

    for path in paths:
        expect(gallery.tile(path.name).locator("canvas")).to_have_attribute("width", "320")
    expect(gallery.tile(scan.name).locator("a")).to_have_attribute("data-kind", "TIFF")
    wall = gallery.page.locator(".tile .name", has_text="order-").all_text_contents()
    assert wall == [path.name for path in [*paths, scan]]
    sent = {(route.request.post_data_json or {})["filename"] for route in held}
    assert sent == {"order-0.jpg", "order-1.jpg", "order-2.jpg"}


def test_a_failed_upload_is_shown_and_can_be_retried(gallery: Gallery) -> None:
    bucket = re.compile(gallery.address.originals_bucket)
    gallery.page.route(bucket, lambda route: route.fulfill(status=403))
    gallery.choose(gallery.file("refused.jpg", jpeg()))
    gallery.await_state("refused.jpg", "failed")
    expect(gallery.page.locator("#tray li")).to_contain_text("The file could not be uploaded.")
    gallery.page.unroute(bucket)

    gallery.page.get_by_role("button", name="Retry refused.jpg").click()

    gallery.await_state("refused.jpg", "ready")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("notes.jpg", b"only words", "This file is not an image."),
        ("nothing.png", b"", "The file is empty."),
        ("paper.pdf", b"%PDF-1.7 and so on", "This image format is not supported."),
    ],
)
def test_a_file_that_is_no_image_is_refused_before_the_upload(
    gallery: Gallery, name: str, data: bytes, why: str
) -> None:
    asked: list[str] = []
    gallery.page.on("request", lambda request: asked.append(request.url))

    gallery.choose(gallery.file(name, data))

    expect(gallery.page.locator("#tray li")).to_contain_text(why)
    expect(gallery.tile(name)).to_have_count(0)
    assert [url for url in asked if url == f"{gallery.address.api_url}/uploads"] == []


def test_a_file_that_is_too_large_is_refused_before_the_upload(gallery: Gallery) -> None:
    path = gallery.file("huge.jpg", jpeg())
    with path.open("r+b") as file:
        file.truncate(200_000_000)

    gallery.choose(path)

    expect(gallery.page.locator("#tray li")).to_contain_text("The file is too large.")
    expect(gallery.tile("huge.jpg")).to_have_count(0)


def test_a_rejected_image_shows_the_reason(gallery: Gallery) -> None:
    gallery.choose(gallery.file("torn.jpg", BROKEN_JPEG))

    gallery.await_state("torn.jpg", "rejected")
    expect(gallery.tile("torn.jpg")).to_contain_text("The file is damaged.")
    expect(gallery.page.locator("#tray .said")).to_have_text("1 file uploaded, 1 rejected")
    expect(gallery.page.locator("#tray li .why")).to_have_text(
        "Uploaded, but not accepted: The file is damaged. · 40 B"
    )


def test_a_file_name_with_markup_is_shown_as_text(gallery: Gallery) -> None:
    gallery.choose(gallery.file(EVIL, png()))

    gallery.await_state(EVIL, "ready")
    expect(gallery.open(EVIL).locator("h2")).to_have_text(EVIL)
    expect(gallery.page.locator("img[src=x]")).to_have_count(0)


@pytest.mark.parametrize("name", ["100% ?sure#1+2 & é 写真.jpg", "plain.jpg"])
def test_a_rendition_with_any_name_is_loaded_from_the_distribution(
    gallery: Gallery, name: str
) -> None:
    gallery.choose(gallery.file(name, jpeg(400, 300)))

    gallery.await_sharp(name)

    image = gallery.tile(name).locator("img")
    assert str(image.evaluate("image => image.currentSrc")).startswith(gallery.address.gallery_url)


def test_uploading_shifts_no_layout(visit: Visit) -> None:
    gallery = visit(reduced_motion="no-preference")
    gallery.await_start()
    gallery.page.wait_for_timeout(500)

    gallery.drop(*(gallery.file(f"still-{n}.jpg", jpeg(300 + 90 * n, 300)) for n in range(6)))

    for number in range(6):
        gallery.await_sharp(f"still-{number}.jpg")
    assert gallery.shifts <= 0.05


def test_no_single_image_is_polled_when_all_are_final(gallery: Gallery) -> None:
    gallery.page.route("**/images?*", no_images)
    gallery.page.reload()
    gallery.choose(gallery.file("final.jpg", jpeg()))
    gallery.await_state("final.jpg", "ready")
    with gallery.page.expect_response(lambda one: one.status == HTTPStatus.NOT_MODIFIED):
        pass
    asked: list[str] = []
    gallery.page.on("request", lambda request: asked.append(request.url))

    gallery.page.wait_for_timeout(1500)

    assert [url for url in asked if url.startswith(f"{gallery.address.api_url}/images/")] == []
