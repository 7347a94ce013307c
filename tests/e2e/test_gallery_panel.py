"""The panel of an image in full size: facts of the photo, history, and processing again."""

import secrets

from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.stack import Stack
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}


def photo() -> bytes:
    """Return a JPEG with lens and exposure."""
    exif = Image.Exif()
    exif[0x0110] = "Q2"
    exif.get_ifd(0x8769).update(
        {0xA434: "Summilux 28", 0x829A: IFDRational(1, 250), 0x829D: IFDRational(17, 10)}
    )
    return jpeg(900, 600, exif=exif)


def test_a_photo_is_processed_again_and_the_panel_is_hidden_by_a_key(
    gallery: Gallery, stack: Stack
) -> None:
    name = f"{secrets.token_hex(4)}.jpg"
    before = stack.wait_until_final(name, stack.put(name, photo()))
    gallery.page.reload()
    dialog = gallery.open(name)
    expect(dialog.locator(".facts")).to_contain_text(
        "CameraQ2LensSummilux 28Exposure1/250 s, f/1.7"
    )
    expect(dialog.locator(".history b")).to_have_text(["Ready"])

    dialog.get_by_role("button", name="Process again").click()
    expect(dialog.get_by_text("Processed again: ready")).to_be_visible()
    expect(dialog.locator(".history b")).to_have_text(["Ready again", "Ready"])
    dialog.get_by_text("HTML for a page").click()
    expect(dialog.locator(".snippet pre")).to_contain_text("<picture>")

    image = dialog.locator("#stage")
    beside = image.bounding_box()
    gallery.page.keyboard.press("i")
    expect(dialog.locator("aside")).to_be_hidden()
    alone = image.bounding_box()
    assert beside is not None
    assert alone is not None
    assert alone["width"] > beside["width"]
    gallery.page.keyboard.press("ArrowRight")
    gallery.page.keyboard.press("ArrowLeft")
    expect(dialog.locator("aside")).to_be_hidden()
    gallery.page.keyboard.press("f")
    expect(dialog.locator("#focal .marker")).to_be_focused()
    gallery.page.keyboard.press("Escape")
    expect(dialog.get_by_role("button", name="Show details")).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(dialog.locator("aside")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert stack.wait_until_final(name).sequencer > before.sequencer


def test_a_rejected_image_is_tried_again_in_the_sheet_of_a_phone(
    visit: Visit, stack: Stack
) -> None:
    name = f"{secrets.token_hex(4)}.jpg"
    stack.wait_until_final(name, stack.put(name, b"only words"))
    gallery = visit(**PHONE)
    dialog = gallery.open(name)
    expect(dialog.locator(".history li")).to_have_count(1)

    dialog.get_by_role("button", name="Try again").press("Enter")

    expect(dialog.locator(".history b")).to_have_text(["Rejected again", "Rejected"])
    expect(dialog.locator(".history p").first).to_have_text(
        "This file is not an image. not_an_image"
    )
    expect(dialog.get_by_role("button", name="Try again")).to_be_focused()
    stage, sheet = (dialog.locator(one).bounding_box() for one in ("#stage", "aside"))
    assert stage is not None
    assert sheet is not None
    assert (stage["width"], sheet["width"], stage["x"], sheet["x"]) == (390, 390, 0, 0)
    assert sheet["y"] > stage["y"] + 0.9 * stage["height"]
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
