"""The gallery: the wall, full size, comparison and deletion."""

import io
import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from fakes.images import encoded, jpeg
from live.gallery import Gallery, Visit
from live.stack import Stack
from PIL import Image
from playwright.sync_api import Locator, Route, expect

# Each test has images of its own, and forgets them.
pytestmark = pytest.mark.usefixtures("wall_of_the_test")


@pytest.fixture
def three(stack: Stack) -> list[str]:
    """Return the names of three real images, newest first; every test gets new ones."""
    token = secrets.token_hex(3)
    names = [f"{token}-c.jpg", f"{token}-b.jpg", f"{token}-a.jpg"]
    for name in reversed(names):
        stack.wait_until_final(name, stack.put(name, jpeg(1200, 800)))
    return names


# Elements that do not belong to the comparison above the corners of an element of it.
COVERED = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const places = [left + 4, right - 4].flatMap((x) => [[x, top + 4], [x, bottom - 4]]);
    const above = places.flatMap(([x, y]) => document.elementsFromPoint(x, y)[0]);
    const own = document.querySelector("#comparison");
    return above.filter((other) => !own.contains(other)).map((other) => other.outerHTML);
}"""


def no_image(route: Route) -> None:
    """Answer with bytes that no browser shows."""
    route.fulfill(content_type="image/tiff", body=b"II*")


def brightness(shot: bytes) -> tuple[int, int]:
    """Return the level in the middle of a screenshot, and the highest one near its corner."""
    image = Image.open(io.BytesIO(shot)).convert("L")
    middle = image.getpixel((image.width // 2, image.height // 2))
    corner = image.crop((12, 12, 40, 40)).getextrema()[1]
    return int(str(middle)), int(str(corner))


def logo(ink: str) -> bytes:
    """Return a PNG that is transparent around a square."""
    image = Image.new("RGBA", (600, 600))
    image.paste(ink, (150, 150, 450, 450))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(("scheme", "ink"), [("light", "white"), ("dark", "black")])
def test_a_logo_is_visible_with_forced_colours(
    visit: Visit, stack: Stack, scheme: str, ink: str
) -> None:
    stack.wait_until_final("logo.png", stack.put("logo.png", logo(ink)))
    gallery = visit(color_scheme=scheme, forced_colors="active")
    gallery.await_sharp("logo.png")

    middle, corner = brightness(gallery.tile("logo.png").screenshot())

    assert abs(middle - corner) >= 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_white_logo_is_visible_on_squares(visit: Visit, stack: Stack, scheme: str) -> None:
    stack.wait_until_final("logo.png", stack.put("logo.png", logo("white")))
    gallery = visit(color_scheme=scheme, reduced_motion="reduce")
    gallery.await_sharp("logo.png")
    expect(gallery.tile("logo.png").locator("canvas")).to_have_css("visibility", "hidden")

    tile = brightness(gallery.tile("logo.png").screenshot())
    dialog = gallery.open("logo.png")
    expect(dialog.locator(".frame > img")).to_have_css("opacity", "1")
    full = brightness(dialog.locator(".frame").screenshot())

    assert min(tile[0], full[0]) >= 250
    assert max(tile[1], full[1]) <= 210


def test_the_totals_of_one_image_are_singular(gallery: Gallery, stack: Stack) -> None:
    stack.wait_until_final("only.jpg", stack.put("only.jpg", jpeg(300, 200)))

    expect(gallery.page.locator("#figures .images dt")).to_have_text("image")


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


def test_a_small_image_is_enlarged_beside_its_original(gallery: Gallery, stack: Stack) -> None:
    stack.wait_until_final("icon.png", stack.put("icon.png", encoded(16, 16, "PNG")))
    expect(gallery.tile("icon.png")).to_be_visible()
    dialog = gallery.open("icon.png")
    frame = dialog.locator(".frame")
    expect(frame).to_have_css("width", "16px")

    dialog.get_by_role("button", name="Compare").click()

    expect(frame).to_have_css("width", "320px")
    expect(frame.locator(".rendition")).to_have_css("image-rendering", "pixelated")
    expect(frame.locator(".right")).to_be_in_viewport(ratio=1)


def test_nothing_covers_the_words_of_a_comparison_on_a_phone(
    gallery: Gallery, stack: Stack
) -> None:
    stack.wait_until_final("tall.jpg", stack.put("tall.jpg", jpeg(780, 1000)))
    gallery.page.set_viewport_size({"width": 390, "height": 844})
    expect(gallery.tile("tall.jpg")).to_be_visible()
    dialog = gallery.open("tall.jpg")

    dialog.get_by_role("button", name="Compare").click()

    for words in ("b.left", "b.right", "output"):
        found = dialog.locator(f"#comparison {words}").evaluate(COVERED)
        assert (words, found) == (words, [])


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


def test_a_deletion_in_full_size_is_undone_by_keyboard(three: list[str], gallery: Gallery) -> None:
    gallery.delay_timers()
    dialog = gallery.open(three[0])

    gallery.page.keyboard.press("Delete")

    expect(gallery.page.get_by_role("button", name="Undo")).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Close", exact=True)).to_be_focused()


def test_the_focus_stays_at_a_rendition_from_image_to_image(
    three: list[str], gallery: Gallery
) -> None:
    dialog = gallery.open(three[0])
    button = dialog.get_by_role("button", name="Copy link to thumb")
    button.focus()

    gallery.page.keyboard.press("ArrowRight")

    expect(dialog.locator("h2")).to_have_text(three[1])
    expect(button).to_be_focused()


def test_a_deletion_by_keyboard_moves_the_focus_to_undo(three: list[str], gallery: Gallery) -> None:
    gallery.delay_timers()
    gallery.tile(three[0]).get_by_role("button", name="Delete").focus()

    gallery.page.keyboard.press("Enter")

    expect(gallery.page.get_by_role("button", name="Undo")).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(gallery.tile(three[0]).locator("a")).to_be_focused()


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
    expect(gallery.tile(three[2]).locator("a")).to_be_focused()

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
