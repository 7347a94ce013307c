"""The gallery: the wall, full size, comparison and deletion."""

import io
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fakes.images import encoded, jpeg
from live.gallery import Gallery, Visit
from live.ready_images import ready_images
from live.stack import Stack
from PIL import Image
from playwright.sync_api import Locator, Route, expect

from imagemill.domain.record import ImageRecord

MANY = 300
SCROLL = """async () => {
    const ended = () => !document.querySelector("#figures .images").textContent.includes("+");
    while (!ended() || scrollY + innerHeight < document.body.scrollHeight - 1) {
        scrollBy(0, innerHeight / 2);
        await new Promise((done) => setTimeout(done, 60));
    }
}"""

# Images of other tests may be older.
SCROLL_BACK = """async (name) => {
    const names = () => [...document.querySelectorAll(".tile .name")];
    const isShown = () => names().some((one) => one.textContent === name);
    while (!isShown() && scrollY > 0) {
        scrollBy(0, -innerHeight / 2);
        await new Promise((done) => setTimeout(done, 60));
    }
}"""


@pytest.fixture(scope="module")
def many(stack: Stack) -> Iterator[list[ImageRecord]]:
    """Return the records of many images."""
    with ready_images(stack, MANY, "many") as records:
        yield records


@pytest.fixture
def three(stack: Stack) -> list[str]:
    """Return the names of three real images, newest first; every test gets new ones."""
    token = secrets.token_hex(3)
    names = [f"{token}-c.jpg", f"{token}-b.jpg", f"{token}-a.jpg"]
    for name in reversed(names):
        stack.wait_until_final(name, stack.put(name, jpeg(1200, 800)))
    return names


def no_image(route: Route) -> None:
    """Answer with bytes that no browser shows."""
    route.fulfill(content_type="image/tiff", body=b"II*")


def brightness(shot: bytes) -> tuple[int, int]:
    """Return the level in the middle of a screenshot, and the highest one near its corner."""
    image = Image.open(io.BytesIO(shot)).convert("L")
    middle = image.getpixel((image.width // 2, image.height // 2))
    corner = image.crop((12, 12, 40, 40)).getextrema()[1]
    return int(str(middle)), int(str(corner))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_white_logo_is_visible_on_squares(visit: Visit, stack: Stack, scheme: str) -> None:
    logo = Image.new("RGBA", (600, 600))
    logo.paste("white", (150, 150, 450, 450))
    file = io.BytesIO()
    logo.save(file, "PNG")
    stack.wait_until_final("logo.png", stack.put("logo.png", file.getvalue()))
    gallery = visit(color_scheme=scheme, reduced_motion="reduce")
    gallery.await_sharp("logo.png")
    expect(gallery.tile("logo.png").locator("canvas")).to_have_css("visibility", "hidden")

    tile = brightness(gallery.tile("logo.png").screenshot())
    dialog = gallery.open("logo.png")
    expect(dialog.locator(".frame > img")).to_have_css("opacity", "1")
    full = brightness(dialog.locator(".frame").screenshot())

    assert min(tile[0], full[0]) >= 250
    assert max(tile[1], full[1]) <= 210


def test_hundreds_of_images_scroll_to_the_last_and_nothing_shifts(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    expect(gallery.tile("299.png")).to_be_visible()

    gallery.page.evaluate(SCROLL)
    gallery.page.evaluate(SCROLL_BACK, "000.png")

    expect(gallery.tile("000.png")).to_have_count(1)
    assert gallery.page.locator(".tile").count() < len(many) / 2
    assert int(gallery.tile("000.png").get_attribute("aria-setsize") or 0) >= len(many)
    assert gallery.shifts <= 0.02


@pytest.mark.usefixtures("many")
def test_nothing_says_that_images_load_when_none_do(gallery: Gallery) -> None:
    expect(gallery.tile("299.png")).to_be_visible()

    expect(gallery.page.locator("#loading")).to_be_hidden()
    expect(gallery.page.locator("#figures .images")).to_contain_text("+")


@pytest.mark.usefixtures("many")
def test_nothing_shifts_on_a_phone(visit: Visit) -> None:
    gallery = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    gallery.await_sharp("299.png")

    assert gallery.shifts <= 0.02


def test_the_newest_comes_first_and_rows_are_full(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    expect(gallery.tile("299.png")).to_be_visible()

    names = gallery.page.locator(".tile .name").all_text_contents()[:5]
    boxes = [gallery.page.locator(".tile").nth(at).bounding_box() for at in range(3)]

    assert names == [many[-1 - at].filename for at in range(5)]
    assert len({box["y"] for box in boxes if box}) == 1


def test_an_image_has_its_position_and_shape_before_it_is_loaded(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    gallery.page.route("**/500/many/**", lambda route: route.abort())
    gallery.page.reload()
    expect(gallery.tile("298.png")).to_be_visible()

    box = gallery.tile("298.png").bounding_box()
    filled = gallery.tile("298.png").locator("canvas").evaluate("(one) => one.width")

    width, height = (many[298].renditions["500"].width, many[298].renditions["500"].height)
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.02)
    assert filled > 8


def test_an_image_that_the_distribution_cannot_serve_comes_from_the_bucket(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    served = f"{gallery.address.gallery_url}500/many/"
    gallery.page.route(lambda url: url.startswith(served), lambda route: route.abort())

    gallery.page.reload()

    gallery.await_sharp(many[-1].filename)
    source = gallery.tile(many[-1].filename).locator("img").evaluate("(one) => one.currentSrc")
    assert gallery.address.processed_bucket in source


@pytest.mark.usefixtures("many")
def test_the_totals_cover_the_loaded_images(gallery: Gallery) -> None:
    figures = gallery.page.locator("#figures")
    expect(gallery.tile("299.png")).to_be_visible()

    expect(figures.locator(".images")).to_contain_text("+")
    expect(figures.locator(".time")).to_contain_text("ms")
    # The originals have 90 kB, the largest renditions 900 bytes; the other presets do not count.
    expect(figures.locator(".bytes")).to_contain_text("−99")


def test_keys_go_to_the_next_image_and_close_the_view(three: list[str], gallery: Gallery) -> None:
    newest, middle, _ = three
    dialog = gallery.open(newest)

    gallery.page.keyboard.press("ArrowRight")
    expect(dialog.locator("h2")).to_have_text(middle)
    gallery.page.keyboard.press("ArrowLeft")
    expect(dialog.locator("h2")).to_have_text(newest)
    gallery.page.keyboard.press("Escape")

    expect(gallery.page.locator("#lightbox")).to_be_hidden()
    expect(gallery.page).to_have_url(gallery.address.gallery_url)


def test_the_back_button_closes_the_image(three: list[str], gallery: Gallery) -> None:
    gallery.open(three[0])

    gallery.page.go_back()

    expect(gallery.page.locator("#lightbox")).to_be_hidden()


def test_a_swipe_shows_the_next_image(three: list[str], gallery: Gallery) -> None:
    dialog = gallery.open(three[0])
    mouse = gallery.page.mouse

    mouse.move(500, 300)
    mouse.down()
    mouse.move(300, 310, steps=4)
    mouse.up()

    expect(dialog.locator("h2")).to_have_text(three[1])


def test_a_link_to_an_image_opens_it(three: list[str], gallery: Gallery, stack: Stack) -> None:
    record = stack.wait_until_final(three[0])

    gallery.page.goto(f"{gallery.address.gallery_url}#picture={record.id}")
    gallery.page.reload()

    expect(gallery.page.get_by_role("dialog", name=three[0])).to_be_visible()


def clip_of(image: Locator) -> str:
    """Return how much of an image is shown."""
    return str(image.evaluate("(one) => getComputedStyle(one).clipPath"))


def test_a_slider_compares_the_original_with_the_rendition(
    three: list[str], gallery: Gallery
) -> None:
    dialog = gallery.open(three[0])
    dialog.get_by_role("button", name="Compare").click()
    slider = dialog.get_by_role("slider")
    original = dialog.get_by_role("img", name="The original")
    expect(original).to_have_js_property("naturalWidth", 1200)

    half = clip_of(original)
    slider.press("End")
    expect(original).not_to_have_css("clip-path", half)
    all_of_it = clip_of(original)
    slider.press("Home")
    expect(original).not_to_have_css("clip-path", all_of_it)
    nothing = clip_of(original)

    assert all_of_it != nothing
    assert "100%" in nothing
    expect(dialog.locator("#comparison output")).to_contain_text("%")


def test_an_original_that_the_browser_cannot_show_is_compared_as_a_jpeg(
    gallery: Gallery, stack: Stack
) -> None:
    stack.wait_until_final("scan.tiff", stack.put("scan.tiff", encoded(900, 600, "TIFF")))
    expect(gallery.tile("scan.tiff")).to_be_visible()
    dialog = gallery.open("scan.tiff")
    expect(dialog.get_by_role("button", name="Zoom")).to_be_visible()

    dialog.get_by_role("button", name="Compare").click()

    original = dialog.get_by_role("img", name="The original")
    expect(original).to_have_js_property("naturalWidth", 900)
    expect(dialog.locator("#comparison .left")).to_have_text("Original, TIFF as JPEG")


def test_the_rendition_stays_if_the_original_cannot_be_shown(
    three: list[str], gallery: Gallery
) -> None:
    gallery.page.route(re.compile(gallery.address.originals_bucket), no_image)
    gallery.page.route("**/full/max/**", no_image)
    dialog = gallery.open(three[0])
    dialog.get_by_role("button", name="Compare").click()

    expect(dialog.locator("#comparison output")).to_contain_text("the largest rendition")

    expect(dialog.locator("#stage .rendition")).to_have_css("clip-path", "none")
    expect(dialog.locator("#comparison img")).to_be_hidden()


def test_the_facts_of_the_record_are_shown(three: list[str], gallery: Gallery) -> None:

    dialog = gallery.open(three[0])

    expect(dialog.locator(".facts")).to_contain_text("1200×800, jpeg")
    expect(dialog.locator(".facts")).to_contain_text(three[0])
    expect(dialog.locator(".renditions li")).to_have_count(2)


def test_the_link_that_is_copied_leads_to_the_rendition(three: list[str], gallery: Gallery) -> None:
    gallery.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    gallery.delay_timers()
    dialog = gallery.open(three[0])

    dialog.get_by_role("button", name="Copy link to 500").click()
    expect(dialog.get_by_role("button", name="Copy link to 500")).to_have_text("Copied")

    url = gallery.page.evaluate("navigator.clipboard.readText()")
    assert url.startswith(f"{gallery.address.gallery_url}500/{three[0]}?x-version=")


def test_the_html_that_is_copied_shows_the_image_on_a_page(
    three: list[str], gallery: Gallery
) -> None:
    gallery.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog = gallery.open(three[0])

    dialog.get_by_role("button", name="Copy HTML").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()

    html = gallery.page.evaluate("navigator.clipboard.readText()")
    page = gallery.page.context.new_page()
    page.set_content(html)
    image = page.locator("picture > img")
    image.evaluate("image => { image.loading = 'eager' }")
    image.evaluate("image => image.decode()")
    assert image.evaluate("image => image.naturalWidth") > 0
    page.close()


def test_a_rendition_is_downloaded_under_its_name(three: list[str], gallery: Gallery) -> None:
    dialog = gallery.open(three[0])

    with gallery.page.expect_download() as download:
        dialog.get_by_role("link", name="Download 500").click()

    assert download.value.suggested_filename == three[0]
    assert download.value.path().read_bytes()[:3] == b"\xff\xd8\xff"


def test_a_deletion_can_be_undone(three: list[str], gallery: Gallery, stack: Stack) -> None:
    gallery.delay_timers()
    gallery.tile(three[0]).hover()
    gallery.page.get_by_role("button", name=f"Delete {three[0]}").click()
    expect(gallery.tile(three[0])).to_have_count(0)

    gallery.page.get_by_role("button", name="Undo").click()

    expect(gallery.tile(three[0])).to_have_count(1)
    gallery.page.reload()
    expect(gallery.tile(three[0])).to_have_count(1)
    assert stack.wait_until_final(three[0]).status == "ready"


def test_a_deletion_in_full_size_can_be_undone_there(three: list[str], gallery: Gallery) -> None:
    gallery.delay_timers()
    dialog = gallery.open(three[0])
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.locator("h2")).to_have_text(three[1])

    gallery.page.get_by_role("button", name="Undo").click()
    gallery.page.keyboard.press("Escape")

    expect(gallery.tile(three[0])).to_be_visible()


def test_a_deletion_by_keyboard_moves_the_focus_to_undo(three: list[str], gallery: Gallery) -> None:
    gallery.delay_timers()
    gallery.tile(three[0]).get_by_role("button", name="Delete").focus()

    gallery.page.keyboard.press("Enter")

    expect(gallery.page.get_by_role("button", name="Undo")).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(gallery.tile(three[0])).to_be_visible()


def test_a_deletion_is_final_after_some_seconds(
    three: list[str], gallery: Gallery, stack: Stack
) -> None:
    clock = gallery.page.clock
    clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    gallery.tile(three[1]).locator("a").focus()
    gallery.page.keyboard.press("Tab")
    gallery.page.keyboard.press("Enter")

    expect(gallery.page.locator("#undo")).to_be_visible()
    clock.run_for(10_000)
    expect(gallery.page.locator("#undo")).to_be_hidden()

    stack.wait_for_status(three[1], "deleted")
    assert stack.wait_until_removed(three[1])


def test_leaving_the_page_completes_the_deletion(
    three: list[str], gallery: Gallery, stack: Stack
) -> None:
    gallery.delay_timers()
    gallery.open(three[2])
    gallery.page.keyboard.press("Delete")
    expect(gallery.page.locator("#undo")).to_be_visible()

    gallery.page.goto("about:blank")

    stack.wait_for_status(three[2], "deleted")


def test_a_replaced_image_shows_its_new_version(gallery: Gallery, stack: Stack) -> None:
    stack.put("changing.jpg", jpeg(1200, 800))
    stack.wait_until_final("changing.jpg")
    gallery.page.reload()
    former = gallery.tile("changing.jpg").locator("img").get_attribute("src")

    version = stack.put("changing.jpg", jpeg(600, 1200))
    stack.wait_until_final("changing.jpg", version)
    gallery.page.reload()

    gallery.await_sharp("changing.jpg")
    image = gallery.tile("changing.jpg").locator("img")
    assert image.get_attribute("src") != former
    assert image.evaluate("(one) => one.naturalHeight > one.naturalWidth")
