"""The focal point of an image is set by a click or by keys, and shown by a marker."""

import secrets
from io import BytesIO

import pytest
from live.gallery import TIMEOUT_MS, Gallery
from live.stack import Stack
from PIL import Image
from playwright.sync_api import Locator, expect

from imagemill.domain.event import Focus


@pytest.fixture
def key(stack: Stack) -> str:
    """Return the key of an image with a red left half and a blue right half."""
    picture, file = Image.new("RGB", (600, 400), "blue"), BytesIO()
    picture.paste("red", (0, 0, 300, 400))
    picture.save(file, "JPEG", quality=95)
    name = f"{secrets.token_hex(6)}.jpg"
    stack.wait_until_final(name, stack.put(name, file.getvalue()))
    return name


def middle(stack: Stack, key: str) -> str:
    """Return the colour in the middle of the square rendition."""
    bucket = stack.address.processed_bucket
    stored = stack.s3.get_object(Bucket=bucket, Key=f"thumb/{key}")["Body"].read()
    pixel = Image.open(BytesIO(stored)).convert("RGB").getpixel((50, 50))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > pixel[2] else "blue"


def begun(gallery: Gallery, key: str) -> Locator:
    dialog = gallery.open(key)
    dialog.get_by_role("button", name="Focal point", exact=True).click()
    expect(dialog.locator("#focal .marker")).to_be_focused()
    return dialog


def applied(gallery: Gallery, dialog: Locator, fact: str) -> None:
    """Wait until the record shows a focal point, and the page has read that it is applied."""
    expect(dialog.locator(".facts")).to_contain_text(fact, timeout=TIMEOUT_MS)
    with gallery.page.expect_response(
        lambda got: got.request.method == "GET" and '"focus_applied":true' in got.text(),
        timeout=TIMEOUT_MS,
    ):
        pass


def test_a_click_sets_the_focal_point_and_undo_takes_it_back(
    key: str, gallery: Gallery, stack: Stack
) -> None:
    dialog = begun(gallery, key)
    field = dialog.locator("#focal .field")
    box = field.bounding_box()
    assert box is not None

    field.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.5})
    applied(gallery, dialog, "90% across, 50% down")
    right = middle(stack, key)
    field.click(position={"x": box["width"] * 0.1, "y": box["height"] * 0.5})
    applied(gallery, dialog, "10% across, 50% down")
    left = middle(stack, key)
    dialog.locator("#focal").get_by_role("button", name="Undo").click()
    applied(gallery, dialog, "90% across, 50% down")

    assert [right, left, middle(stack, key)] == ["blue", "red", "blue"]
    marker = dialog.locator("#focal .marker")
    assert marker.evaluate("one => [one.style.left, one.style.top]") == ["90%", "50%"]


def test_the_focal_point_is_set_and_removed_by_keys(
    key: str, gallery: Gallery, stack: Stack
) -> None:
    dialog = begun(gallery, key)
    keyboard = gallery.page.keyboard

    for _ in range(4):
        keyboard.press("Shift+ArrowRight")
    keyboard.press("ArrowDown")
    assert stack.wait_until_final(key).wanted_focus is None
    keyboard.press("Enter")
    applied(gallery, dialog, "90% across, 51% down")
    assert stack.wait_until_final(key).focus == Focus(0.9, 0.51)
    keyboard.press("Delete")
    expect(dialog.locator(".facts")).not_to_contain_text("Focal point", timeout=TIMEOUT_MS)
    keyboard.press("Escape")

    expect(dialog.locator("#focal")).to_be_hidden()
    expect(dialog.get_by_role("button", name="Focal point", exact=True)).to_be_focused()
    assert stack.wait_until_final(key).wanted_focus is None
    assert gallery.violations == []
