"""The gallery shows changes that were made elsewhere: by a command, another tab or another user."""

import re
import secrets
from http import HTTPStatus

import pytest
from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.stack import Stack
from playwright.sync_api import Request, Response, expect

# Each test has images of its own, and forgets them.
pytestmark = pytest.mark.usefixtures("wall_of_the_test")

# A poll every two seconds, the answer, and a margin for a busy machine.
SOON_MS = 20_000
HIDE = """() => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => window.away});
    window.away = true;
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
    window.away = false;
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def name(stack: Stack) -> str:
    """Return the name of a ready image; every test gets a new one."""
    name = f"live-{secrets.token_hex(3)}.jpg"
    stack.wait_until_final(name, stack.put(name, jpeg(900, 600)))
    return name


def delete(stack: Stack, name: str) -> None:
    """Delete an original as `aws s3 rm` does."""
    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=name)


def test_an_image_put_elsewhere_appears_without_a_reload(gallery: Gallery, stack: Stack) -> None:
    name = f"arriving-{secrets.token_hex(3)}.jpg"

    stack.put(name, jpeg(800, 500))

    expect(gallery.tile(name)).to_have_attribute("data-state", "ready", timeout=SOON_MS)
    gallery.await_sharp(name)


def test_an_image_deleted_elsewhere_disappears(gallery: Gallery, stack: Stack, name: str) -> None:
    expect(gallery.tile(name)).to_be_visible(timeout=SOON_MS)

    delete(stack, name)

    expect(gallery.tile(name)).to_have_count(0, timeout=SOON_MS)


def test_a_deletion_in_another_tab_reaches_this_one(
    gallery: Gallery, visit: Visit, name: str
) -> None:
    other = visit()
    expect(gallery.tile(name)).to_be_visible(timeout=SOON_MS)
    dialog = other.open(name)

    dialog.get_by_role("button", name="Delete").click()
    expect(other.page.locator("#undo")).to_be_visible()
    other.page.goto("about:blank")

    expect(gallery.tile(name)).to_have_count(0, timeout=SOON_MS)


def test_an_open_image_says_that_it_was_deleted_elsewhere(
    gallery: Gallery, stack: Stack, name: str
) -> None:
    expect(gallery.tile(name)).to_be_visible(timeout=SOON_MS)
    dialog = gallery.open(name)
    expect(dialog.locator(".facts")).to_contain_text("Ready")

    delete(stack, name)

    expect(dialog.locator("#stage .note")).to_have_text("This image was deleted.", timeout=SOON_MS)
    expect(dialog.locator(".facts")).to_contain_text("Deleted")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    expect(dialog.locator("#stage .rendition")).to_be_hidden()


def test_a_version_put_elsewhere_replaces_the_image(
    gallery: Gallery, stack: Stack, name: str
) -> None:
    gallery.await_sharp(name)

    stack.put(name, jpeg(300, 900))

    image = gallery.tile(name).locator("img")
    expect(image).to_have_attribute("srcset", re.compile(" 167w$"), timeout=SOON_MS)


def test_a_page_that_nobody_sees_asks_for_nothing(gallery: Gallery, stack: Stack) -> None:
    name = f"unseen-{secrets.token_hex(3)}.jpg"
    gallery.page.evaluate(HIDE)
    gallery.page.wait_for_load_state("networkidle")
    asked: list[Request] = []
    gallery.page.on("request", lambda one: asked.append(one))  # noqa: PLW0108  # no built-in
    api = gallery.address.api_url

    stack.wait_until_final(name, stack.put(name, jpeg(400, 300)))
    gallery.page.wait_for_timeout(2500)
    unseen = [one.url for one in asked if one.url.startswith(api)]
    gallery.page.evaluate(SHOW)

    expect(gallery.tile(name)).to_be_visible(timeout=SOON_MS)
    assert unseen == []


def test_a_listing_without_changes_is_not_sent_again(gallery: Gallery) -> None:
    def is_unchanged(one: Response) -> bool:
        return one.status == HTTPStatus.NOT_MODIFIED and "/images?limit=" in one.url

    with gallery.page.expect_response(is_unchanged):
        pass


@pytest.mark.parametrize("view", ["#folder={folder}/", "#search=&name={folder}"])
def test_a_folder_and_a_search_show_changes_made_elsewhere(
    visit: Visit, stack: Stack, view: str
) -> None:
    folder = f"live-{secrets.token_hex(3)}"
    [kept, lost, added] = [f"{folder}/{letter}-{folder}.jpg" for letter in "acb"]
    for key in (kept, lost):
        stack.wait_until_final(key, stack.put(key, jpeg(400, 300)))
    gallery = visit()
    gallery.await_start()
    gallery.page.goto(gallery.address.gallery_url + view.format(folder=folder))
    expect(gallery.page.locator("#shelf .said")).to_have_text("2 images")

    stack.put(added, jpeg(300, 400))
    delete(stack, lost)

    expect(gallery.tile(f"b-{folder}")).to_have_attribute("data-state", "ready", timeout=SOON_MS)
    expect(gallery.tile(f"c-{folder}")).to_have_count(0, timeout=SOON_MS)
    expect(gallery.page.locator("#shelf .said")).to_have_text("2 images")


def test_a_folder_shows_folders_made_elsewhere(visit: Visit, stack: Stack) -> None:
    folder = f"live-{secrets.token_hex(3)}"
    stack.wait_until_final(f"{folder}/a.jpg", stack.put(f"{folder}/a.jpg", jpeg(400, 300)))
    gallery = visit()
    gallery.await_start()
    gallery.page.goto(f"{gallery.address.gallery_url}#folder={folder}/")
    expect(gallery.tile("a.jpg")).to_be_visible()

    stack.put(f"{folder}/deep/b.jpg", jpeg(300, 200))

    folders = gallery.page.get_by_role("list", name="Folders")
    expect(folders.get_by_role("link", name="deep")).to_be_visible(timeout=SOON_MS)
