"""The gallery: search, and folders."""

import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes.images import encoded, jpeg
from live.gallery import Gallery, Visit
from live.stack import Stack
from playwright.sync_api import Page, expect

PHONE = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}
ADDED = ("one-{}.jpg", "deep/two-{}.jpg", "deep/three-{}.png")


@pytest.fixture(scope="module")
def folder(stack: Stack) -> str:
    """Return the token of a new folder's name, with an image in it and two in a folder below."""
    token = secrets.token_hex(3)
    for name in ADDED:
        key = f"shelf-{token}/{name.format(token)}"
        data = encoded(300, 200, "PNG") if key.endswith("png") else jpeg(600, 400)
        stack.wait_until_final(key, stack.put(key, data))
    return token


def names(page: Page) -> list[str]:
    """Return the names on the wall, in the order of the document."""
    return page.locator(".tile .name").all_text_contents()


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing, and that the page is not wider than the screen."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert [one["id"] for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_search_survives_a_reload_and_back(visit: Visit, folder: str) -> None:
    gallery = visit(**PHONE)
    page = gallery.page
    page.get_by_role("link", name="Search", exact=True).click()
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    said = page.locator("#shelf .said")

    page.keyboard.type(folder)
    expect(said).to_have_text("3 images")
    page.get_by_label("Order").select_option("Z to A")
    expect(page.locator(".tile").first).to_contain_text("two-")
    assert names(page) == [f"two-{folder}.jpg", f"three-{folder}.png", f"one-{folder}.jpg"]
    page.get_by_label("Order").select_option("Oldest first")
    expect(page.locator(".tile").first).to_contain_text("one-")
    page.get_by_text("Filters").click()
    page.get_by_label("Format").select_option("JPEG")
    expect(said).to_have_text("2 images")
    page.reload()
    expect(said).to_have_text("2 images")
    oldest_first = [f"one-{folder}.jpg", f"two-{folder}.jpg"]
    assert names(page) == oldest_first
    assert_accessible(page)

    gallery.open(oldest_first[0])
    page.reload()
    expect(page.get_by_role("dialog", name=oldest_first[0])).to_be_visible()
    expect(said).to_have_text("2 images")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name=oldest_first[1])).to_be_visible()
    page.keyboard.press("Escape")
    expect(said).to_have_text("2 images")
    name.fill(f"{folder}-no-such")
    expect(said).to_have_text("No image matches.")
    assert names(page) == []
    page.go_back()
    expect(said).to_have_text("2 images")
    page.get_by_role("link", name="All images").click()
    expect(page.locator("#shelf")).to_be_hidden()
    gallery.await_sharp(f"three-{folder}.png")


def test_folders_have_breadcrumbs_and_are_used_by_keyboard(
    visit: Visit, folder: str, stack: Stack
) -> None:
    gallery: Gallery = visit()
    page = gallery.page
    gallery.await_sharp(f"three-{folder}.png")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("link", name="Folders").click()
    folders = page.get_by_role("list", name="Folders")
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")

    folders.get_by_role("link", name=f"shelf-{folder}").press("Enter")
    expect(gallery.tile("one-")).to_have_count(1)
    assert names(page) == [f"one-{folder}.jpg"]
    expect(crumbs.get_by_role("link", name=f"shelf-{folder}")).to_be_focused()
    assert_accessible(page)
    folders.get_by_role("link", name="deep").press("Enter")
    expect(gallery.tile("two-")).to_have_count(1)
    assert names(page) == [f"three-{folder}.png", f"two-{folder}.jpg"]
    expect(crumbs.get_by_role("link")).to_have_text(["Folders", f"shelf-{folder}", "deep"])
    page.get_by_label("Format").select_option("PNG")
    expect(gallery.tile("two-")).to_have_count(0)
    crumbs.get_by_role("link", name=f"shelf-{folder}").press("Enter")
    expect(folders.get_by_role("link")).to_have_text(["deep"])
    page.go_back()
    expect(gallery.tile("three-")).to_have_count(1)

    page.get_by_role("link", name="All images").click()
    late = f"late-{folder}.jpg"
    stack.put(late, jpeg(300, 200))
    gallery.await_state(late, "ready")
