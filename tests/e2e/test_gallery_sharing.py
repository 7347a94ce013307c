"""The gallery: share links, made in one browser and opened in another one without a key."""

import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.stack import Stack
from playwright.sync_api import Page, expect

from imagemill.domain.keys import image_id

PHONE = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def folder(stack: Stack) -> str:
    """Return a folder with an image in it, one in a folder below, and one outside of it."""
    name = f"give-{secrets.token_hex(3)}"
    for key in (f"{name}/a.jpg", f"{name}/deeper/b.jpg", f"{name}-c.jpg"):
        stack.wait_until_final(key, stack.put(key, jpeg(600, 400)))
    return f"{name}/"


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing, and that the page is not wider than the screen."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert [one["id"] for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def made_link(page: Page) -> str:
    """Make a link in the dialog by keyboard alone, and return its fragment."""
    dialog = page.locator("#share")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Make the link").focus()
    page.keyboard.press("Enter")
    field = dialog.get_by_label("Links", exact=True)
    expect(field).to_be_visible()
    return "#" + field.input_value().partition("#")[2]


def test_a_folder_is_shown_without_a_key_until_the_link_is_revoked(
    visit: Visit, folder: str
) -> None:
    owner = visit().page
    owner.goto(f"{owner.url.partition('#')[0]}#folder={folder}")
    owner.get_by_role("button", name="Share this folder").click()
    owner.get_by_label("Works for").select_option("1 hour")
    link = made_link(owner)
    assert_accessible(owner)

    guest = visit(link, **PHONE)
    page = guest.page
    expect(guest.tile("a.jpg")).to_be_visible()
    expect(page.locator("#shared")).to_contain_text("The link works until")
    assert "share=" not in page.url
    assert_accessible(page)
    for name in ("Upload", "Delete a.jpg", "Share this folder"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("link", name="deeper").click()
    expect(guest.tile("b.jpg")).to_be_visible()
    assert_guest_changes_nothing(guest, image_id(f"{folder[:-1]}-c.jpg"))
    page.get_by_role("link", name="Folders").first.click()
    expect(page.locator(".tile")).to_have_count(1)
    expect(guest.tile("a.jpg")).to_be_visible()

    owner.get_by_role("button", name="Revoke").click()
    expect(owner.locator("#share .said")).to_contain_text("revoked")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("heading", name="This link was revoked")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(0)
    assert_accessible(page)


def assert_guest_changes_nothing(guest: Gallery, outside: str) -> None:
    """Open an image, press the keys that would change it, and look for another image by its id."""
    page, box = guest.page, guest.open("b.jpg")
    for name in ("Delete", "Focal point", "Original", "Compare", "Share"):
        expect(box.get_by_role("button", name=name)).to_have_count(0)
    page.keyboard.press("Delete")
    page.keyboard.press("f")
    expect(box.get_by_role("heading", name="b.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.evaluate("(id) => { location.hash = `picture=${id}`; }", outside)
    expect(page.locator("#stage .note")).to_have_text("This image does not exist.")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_an_image_is_shared_from_the_large_view_and_from_the_selection(
    visit: Visit, folder: str
) -> None:
    gallery = visit()
    owner = gallery.page
    owner.goto(f"{owner.url.partition('#')[0]}#folder={folder}")
    box = gallery.open("a.jpg")
    box.get_by_role("button", name="Share").click()
    owner.get_by_label("Show the original files").check()
    link = made_link(owner)
    owner.keyboard.press("Escape")
    owner.keyboard.press("Escape")
    owner.get_by_role("button", name="Select a.jpg").click()
    owner.get_by_role("toolbar").get_by_role("button", name="Share").click()
    expect(owner.get_by_role("heading", name="Share a.jpg")).to_be_visible()
    expect(owner.get_by_label("Links that are valid").get_by_role("listitem")).to_have_count(1)

    guest = visit(link)
    opened = guest.page.locator("#lightbox")
    expect(opened.get_by_role("heading", name="a.jpg")).to_be_visible()
    expect(opened.get_by_role("link", name="Original")).to_be_visible()
    guest.page.keyboard.press("Escape")
    expect(guest.page.locator(".tile")).to_have_count(1)

    wrong = visit(link[:-3] + "xyz")
    expect(wrong.page.get_by_role("heading", name="This link is not valid")).to_be_visible()
