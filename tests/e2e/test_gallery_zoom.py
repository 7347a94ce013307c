"""The gallery zooms into an image of 100 megapixels through its tiles."""

import io
import re
import secrets

import pytest
from live.gallery import Gallery
from live.stack import Stack
from PIL import Image
from playwright.sync_api import Response, expect

SIDE = 10_000
TILE = re.compile(r"/iiif/3/[a-z2-7]{26}/(full|[0-9,]+)/[0-9,max]+/0/default\.jpg$")
# The level in the middle of what is shown.
MIDDLE = """canvas => canvas.getContext("2d")
    .getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0]"""


@pytest.fixture
def huge(stack: Stack) -> str:
    """Return the key of an image whose levels rise from 0 at the top to 255 at the bottom."""
    file, key = io.BytesIO(), f"{secrets.token_hex(6)}.jpg"
    Image.linear_gradient("L").resize((SIDE, SIDE)).save(file, "JPEG", quality=60)
    stack.wait_until_final(key, stack.put(key, file.getvalue()))
    return key


def test_the_original_is_seen_tile_by_tile(huge: str, gallery: Gallery) -> None:
    tiles: list[Response] = []
    gallery.page.on("response", lambda got: tiles.append(got) if TILE.search(got.url) else None)
    dialog = gallery.open(huge)

    dialog.get_by_role("button", name="Zoom", exact=True).click()
    canvas = dialog.locator("#zoom canvas")
    with gallery.page.expect_response(lambda got: is_of_full_size(got.url), timeout=60_000):
        for _ in range(8):
            canvas.press("+")
    expect(canvas).to_be_focused()

    gallery.page.wait_for_load_state("networkidle")
    assert {tile.status for tile in tiles} == {200}
    assert abs(canvas.evaluate(MIDDLE) - 127) <= 3
    canvas.press("Escape")
    expect(canvas).to_be_hidden()
    expect(dialog).to_be_visible()


def is_of_full_size(url: str) -> bool:
    """Return True for a tile with a px for each px of the original."""
    found = TILE.search(url)
    return found is not None and found[1].endswith(",512,512")


@pytest.fixture
def words(stack: Stack) -> str:
    """Return the key of a file that is no image."""
    key = f"{secrets.token_hex(6)}.txt"
    stack.wait_until_final(key, stack.put(key, b"words"))
    return key


def test_a_file_without_tiles_offers_no_zoom(words: str, gallery: Gallery) -> None:
    dialog = gallery.open(words)

    expect(dialog.get_by_role("button", name="Zoom", exact=True)).to_be_hidden()
