"""Selection in the gallery by click, shift, keyboard and touch; its actions; the list of keys."""

import secrets
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.stack import TIMEOUT_S, Stack
from playwright.sync_api import Locator, expect

from imagemill.domain.clock import SystemClock
from imagemill.operations.wait import WaitOptions, wait_for_results


@pytest.fixture(scope="module")
def names(stack: Stack) -> list[str]:
    """Return the names of four ready images, newest first."""
    token = secrets.token_hex(3)
    names = [f"{token}-{letter}.jpg" for letter in "dcba"]
    for name in reversed(names):
        stack.wait_until_final(name, stack.put(name, jpeg(900, 600)))
    return names


def bar(gallery: Gallery) -> Locator:
    """Return the bar with the actions."""
    return gallery.page.get_by_role("toolbar", name="Selected images")


def mark(gallery: Gallery, name: str) -> Locator:
    """Return the button that selects an image."""
    return gallery.page.get_by_role("button", name=f"Select {name}")


def picked(gallery: Gallery) -> list[str]:
    """Return the names of the selected images on the screen."""
    return gallery.page.locator(".tile.picked .name").all_text_contents()


def test_clicks_and_shift_select_to_copy_links_and_to_process_again(
    names: list[str], gallery: Gallery, stack: Stack
) -> None:
    before = [stack.wait_until_final(name) for name in names]
    gallery.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mark(gallery, names[0]).click()
    gallery.tile(names[2]).locator("a").click(modifiers=["Shift"])
    expect(bar(gallery)).to_contain_text("3 images selected")
    gallery.tile(names[1]).locator("a").click()
    expect(bar(gallery)).to_contain_text("2 images selected")

    bar(gallery).get_by_role("button", name="Copy links").click()

    expect(bar(gallery)).to_contain_text("2 links copied")
    links = gallery.page.evaluate("navigator.clipboard.readText()").split("\n")
    start = gallery.address.gallery_url
    assert [link.partition("?")[0] for link in links] == [
        f"{start}500/{names[0]}",
        f"{start}500/{names[2]}",
    ]
    bar(gallery).get_by_role("button", name="Process again").click()
    expect(bar(gallery)).to_contain_text("2 images are processed again")
    options = WaitOptions(TIMEOUT_S, SystemClock(), time.sleep)
    made = wait_for_results([before[0], before[2]], stack.records, options)
    assert [record.status for _, record in made if record] == ["ready", "ready"]
    assert stack.records.get(before[1].id) == before[1]


def test_keys_select_and_delete_and_undo_restores(names: list[str], gallery: Gallery) -> None:
    expect(mark(gallery, names[0])).to_have_count(1)
    gallery.delay_timers()
    keyboard = gallery.page.keyboard
    gallery.tile(names[0]).locator("a").focus()
    keyboard.press("x")
    gallery.tile(names[3]).locator("a").focus()
    keyboard.press("Shift+X")
    assert picked(gallery) == names
    keyboard.press("Escape")
    assert picked(gallery) == []
    keyboard.press("x")
    gallery.tile(names[2]).locator("a").focus()
    keyboard.press("x")

    keyboard.press("Delete")

    expect(gallery.page.locator("#undo")).to_contain_text("2 images deleted")
    expect(gallery.tile(names[3])).to_have_count(0)
    expect(bar(gallery)).to_be_hidden()
    gallery.page.get_by_role("button", name="Undo").click()
    expect(gallery.tile(names[3])).to_be_visible()
    expect(gallery.tile(names[2])).to_be_visible()


def test_the_focus_stays_on_the_wall_when_the_bar_disappears(
    names: list[str], gallery: Gallery
) -> None:
    gallery.delay_timers()
    mark(gallery, names[1]).click()
    bar(gallery).get_by_role("button", name="Clear").press("Enter")
    expect(gallery.tile(names[1]).locator("a")).to_be_focused()
    mark(gallery, names[0]).click()

    bar(gallery).get_by_role("button", name="Delete").press("Enter")

    undo = gallery.page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(gallery.tile(names[0]).locator("a")).to_be_focused()


def test_keys_for_a_field_do_nothing_to_the_selected_images(
    names: list[str], gallery: Gallery
) -> None:
    gallery.page.goto(f"{gallery.address.gallery_url}#search=")
    mark(gallery, names[0]).click()
    name = gallery.page.get_by_label("Name")

    name.press("Delete")
    name.press("Control+a")
    gallery.page.get_by_label("Order").press("m")

    expect(gallery.page.locator("#undo")).to_be_hidden()
    expect(gallery.page.get_by_role("dialog")).to_have_count(0)
    assert picked(gallery) == [names[0]]


def test_arrow_keys_go_from_tile_to_tile(names: list[str], visit: Visit) -> None:
    gallery = visit(viewport={"width": 700, "height": 800})
    expect(mark(gallery, names[0])).to_have_count(1)
    links = [gallery.tile(name).locator("a") for name in names]
    links[0].focus()
    keyboard = gallery.page.keyboard

    keyboard.press("ArrowRight")
    expect(links[1]).to_be_focused()
    keyboard.press("ArrowDown")
    expect(links[3]).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(links[2]).to_be_focused()
    keyboard.press("ArrowUp")
    expect(links[0]).to_be_focused()


def test_selected_images_move_to_a_folder_by_keyboard(
    gallery: Gallery, names: list[str], stack: Stack
) -> None:
    token = secrets.token_hex(3)
    moved, stays = f"{token}-m.jpg", f"{token}-s.jpg"
    folder = f"move-{token}/"
    for key in (moved, stays, f"{folder}{stays}"):
        stack.wait_until_final(key, stack.put(key, jpeg(300, 200)))
    expect(mark(gallery, moved)).to_have_count(1)
    expect(mark(gallery, stays)).to_have_count(2)
    gallery.page.get_by_role("button", name=f"Select {names[0]}").wait_for()
    keyboard = gallery.page.keyboard
    gallery.tile(moved).locator("a").focus()
    keyboard.press("x")
    gallery.tile(stays).last.locator("a").focus()
    keyboard.press("x")
    keyboard.press("m")
    dialog = gallery.page.get_by_role("dialog", name="Move 2 images to")
    expect(dialog.get_by_label("Folder")).to_be_focused()
    expect(dialog.locator(f'option[value="{folder}"]')).to_be_attached()
    found = Axe().run(gallery.page, options={"resultTypes": ["violations"], "preload": False})
    assert [one["id"] for one in found.response["violations"]] == []

    keyboard.type(folder.removesuffix("/"))
    keyboard.press("Enter")

    expect(dialog).to_contain_text("1 image not moved. There is an image with this name already.")
    keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert stack.wait_until_final(f"{folder}{moved}").status == "ready"
    assert picked(gallery) == [stays]
    gallery.await_sharp(moved)


def test_a_finger_that_rests_selects_and_then_a_tap_does(names: list[str], visit: Visit) -> None:
    gallery = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    expect(mark(gallery, names[0])).to_have_count(0)
    expect(gallery.page.locator(".pick").first).to_be_attached()
    box = gallery.tile(names[0]).bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    touch = "Input.dispatchTouchEvent"
    gallery.devtools().send(touch, {"type": "touchStart", "touchPoints": [point]})
    expect(bar(gallery)).to_contain_text("1 image selected")
    gallery.devtools().send(touch, {"type": "touchEnd", "touchPoints": []})
    gallery.tile(names[1]).tap()

    expect(bar(gallery)).to_contain_text("2 images selected")
    assert sorted(picked(gallery)) == sorted(names[:2])
    expect(gallery.page.locator("#lightbox")).to_be_hidden()


def test_a_question_mark_shows_the_keys(names: list[str], gallery: Gallery) -> None:
    expect(mark(gallery, names[0])).to_have_count(1)

    gallery.page.keyboard.press("?")

    dialog = gallery.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("compare it with the original")
    gallery.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_images_are_dragged_onto_a_folder(gallery: Gallery, stack: Stack) -> None:
    folder = f"drag-{secrets.token_hex(3)}/"
    for name in ("a.jpg", "b.jpg", "c.jpg", "deep/d.jpg"):
        stack.wait_until_final(f"{folder}{name}", stack.put(f"{folder}{name}", jpeg(300, 200)))
    gallery.page.goto(f"{gallery.address.gallery_url}#folder={folder}")
    mark(gallery, "a.jpg").click()
    mark(gallery, "b.jpg").click()
    deep = gallery.page.get_by_role("list", name="Folders").get_by_role("link", name="deep")

    gallery.tile("b.jpg").drag_to(deep)

    expect(gallery.tile("b.jpg")).to_have_count(0)
    for name in ("a.jpg", "b.jpg"):
        assert stack.wait_until_final(f"{folder}deep/{name}").status == "ready"
    gallery.tile("c.jpg").drag_to(gallery.page.get_by_role("link", name="Folders").last)
    expect(gallery.tile("c.jpg")).to_have_count(0)
    assert stack.wait_until_final("c.jpg").status == "ready"
