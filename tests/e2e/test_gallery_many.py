"""The wall of the gallery with hundreds of images."""

from collections.abc import Iterator

import pytest
from live.gallery import Gallery, Visit
from live.ready_images import ready_images
from live.stack import Stack
from playwright.sync_api import expect

from imagemill.domain.record import ImageRecord

MANY = 200
SCROLL = """async () => {
    const ended = () => !document.querySelector("#figures .images").textContent.includes("+");
    while (!ended() || scrollY + innerHeight < document.body.scrollHeight - 1) {
        scrollBy(0, innerHeight);
        await new Promise((done) => setTimeout(done, 60));
    }
}"""
SCROLL_BACK = """async (name) => {
    const names = () => [...document.querySelectorAll(".tile .name")];
    const isShown = () => names().some((one) => one.textContent === name);
    while (!isShown() && scrollY > 0) {
        scrollBy(0, -innerHeight);
        await new Promise((done) => setTimeout(done, 60));
    }
}"""

SCROLLING = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const image = document.querySelector(".tile.sharp img");
    while (!document.querySelector("#wall.scrolling")) {
        scrollBy(0, 4);
        await frame();
    }
    return getComputedStyle(image).transitionProperty;
}"""

# Scrolls by a screen in each second frame, and returns the number of tiles without an image.
FLING = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const time = performance.now(), later = setTimeout;
    // Meanwhile no time passes: on a busy machine frames take so long that the wall would be slow.
    performance.now = () => time;
    window.setTimeout = () => 0;
    for (let screens = 0; screens < 4; screens += 1) {
        scrollBy(0, innerHeight);
        await frame().then(frame);
    }
    const found = document.querySelectorAll(".tile img:not([src])").length;
    delete performance.now;
    window.setTimeout = later;
    scrollBy(0, 1);
    return found;
}"""


@pytest.fixture(scope="module")
def many(stack: Stack) -> Iterator[list[ImageRecord]]:
    """Return the records of many images."""
    with ready_images(stack, MANY, "many") as records:
        yield records


def test_hundreds_of_images_scroll_to_the_last_and_nothing_shifts(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    expect(gallery.tile("199.png")).to_be_visible()

    gallery.page.evaluate(SCROLL)
    gallery.page.evaluate(SCROLL_BACK, "000.png")

    expect(gallery.tile("000.png")).to_have_count(1)
    assert gallery.page.locator(".tile").count() < len(many) / 2
    assert int(gallery.tile("000.png").get_attribute("aria-setsize") or 0) >= len(many)
    assert gallery.shifts <= 0.02


@pytest.mark.usefixtures("many")
def test_a_message_is_seen_wherever_the_page_is_scrolled_to(gallery: Gallery) -> None:
    expect(gallery.tile("199.png")).to_be_visible()
    gallery.page.evaluate("scrollTo(0, 1200)")

    gallery.page.context.set_offline(True)

    expect(gallery.page.locator("#banner")).to_contain_text("no network")
    expect(gallery.page.locator("#banner")).to_be_in_viewport()
    gallery.page.context.set_offline(False)
    expect(gallery.page.locator("#banner")).to_be_hidden()


@pytest.mark.usefixtures("many")
def test_a_tile_that_moves_does_not_widen_a_phone(visit: Visit) -> None:
    gallery = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    expect(gallery.tile("199.png")).to_be_visible()

    gallery.tile("199.png").evaluate("(one) => { one.style.translate = '300px' }")

    assert gallery.page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [390, 390]


@pytest.mark.usefixtures("many")
def test_the_header_does_not_cover_a_tile_with_the_focus(gallery: Gallery) -> None:
    gallery.tile("199.png").locator("a").focus()
    for key in ["ArrowDown"] * 6 + ["ArrowUp"] * 3 + ["Shift+Tab"] * 20:
        gallery.page.keyboard.press(key)

    header = gallery.page.locator("body > header").bounding_box()
    tile = gallery.page.locator(".tile:focus-within").bounding_box()

    assert header is not None
    assert tile is not None
    assert tile["y"] >= header["y"] + header["height"]


def test_the_wall_follows_an_open_image_beyond_the_first_page(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    dialog = gallery.open("199.png")
    steps = 45
    for step in range(1, steps + 1):
        gallery.page.keyboard.press("ArrowRight")
        expect(dialog.locator("h2")).to_have_text(many[-1 - step].filename)

    gallery.page.keyboard.press("Escape")

    link = gallery.tile(many[-1 - steps].filename).locator("a")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()


@pytest.mark.usefixtures("many")
def test_nothing_says_that_images_load_when_none_do(gallery: Gallery) -> None:
    expect(gallery.tile("199.png")).to_be_visible()

    expect(gallery.page.locator("#loading")).to_be_hidden()
    expect(gallery.page.locator("#figures .images")).to_contain_text("+")


@pytest.mark.usefixtures("many")
def test_nothing_on_the_wall_is_animated_while_it_scrolls(gallery: Gallery) -> None:
    gallery.await_sharp("199.png")

    while_scrolling = gallery.page.evaluate(SCROLLING)

    assert while_scrolling == "none"
    image = gallery.tile("199.png").locator("img")
    expect(image).to_have_css("transition-property", "opacity, transform")


@pytest.mark.usefixtures("many")
def test_images_that_only_pass_are_not_loaded_until_the_wall_stands_still(gallery: Gallery) -> None:
    gallery.page.evaluate(SCROLL)
    gallery.page.evaluate("scrollTo(0, 0)")
    gallery.await_sharp("199.png")

    without_images = gallery.page.evaluate(FLING)

    assert without_images > 0
    expect(gallery.page.locator(".tile img:not([src])")).to_have_count(0)


@pytest.mark.usefixtures("many")
def test_nothing_is_drawn_beneath_a_loaded_image(gallery: Gallery) -> None:
    gallery.await_sharp("199.png")

    canvas = gallery.tile("199.png").locator("canvas")
    expect(canvas).to_have_css("visibility", "hidden")
    expect(canvas).to_have_css("filter", "none")


@pytest.mark.usefixtures("many")
def test_nothing_shifts_on_a_phone(visit: Visit) -> None:
    gallery = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    gallery.await_sharp("199.png")

    assert gallery.shifts <= 0.02


def test_the_newest_comes_first_and_rows_are_full(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    expect(gallery.tile("199.png")).to_be_visible()

    names = gallery.page.locator(".tile .name").all_text_contents()[:5]
    boxes = [gallery.page.locator(".tile").nth(at).bounding_box() for at in range(3)]

    assert names == [many[-1 - at].filename for at in range(5)]
    assert len({box["y"] for box in boxes if box}) == 1


def test_an_image_has_its_position_and_shape_before_it_is_loaded(
    many: list[ImageRecord], gallery: Gallery
) -> None:
    gallery.page.route("**/500/many/**", lambda route: route.abort())
    gallery.page.reload()
    expect(gallery.tile("198.png")).to_be_visible()

    box = gallery.tile("198.png").bounding_box()
    filled = gallery.tile("198.png").locator("canvas").evaluate("(one) => one.width")

    width, height = (many[198].renditions["500"].width, many[198].renditions["500"].height)
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
    expect(gallery.tile("199.png")).to_be_visible()

    expect(figures.locator(".images")).to_contain_text("+")
    expect(figures.locator(".time")).to_contain_text("ms")
    # The originals have 90 kB, the largest renditions 900 bytes; the other presets do not count.
    expect(figures.locator(".bytes")).to_contain_text("−99")
