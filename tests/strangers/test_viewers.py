"""OpenSeadragon and Mirador zoom into an image of 100 megapixels, on a page of another origin."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from live.stack import TIMEOUT_S
from PIL import Image
from playwright.sync_api import Browser, Page, Response

from imagemill.domain.keys import image_id
from imagemill.local.address import Address
from strangers.conftest import Store
from strangers.pages import MIRADOR, manifest, openseadragon, served

SIDE = 10_000
IMAGE = re.compile(r"/iiif/[23]/[a-z2-7]{26}/(full|[0-9,]+)/([0-9]+),[0-9]*/0/default\.jpg$")
# A place of the image, as shares of its sides, and the colour there.
PLACE = (0.2, 0.7)
COLOUR = [round(255 * share) for share in PLACE]
# Zooms to the place in the image's own px, and waits until its tiles are there.
ZOOM = """([x, y]) => new Promise((resolve) => {
    const item = viewer.world.getItemAt(0);
    const at = item.imageToViewportCoordinates(x, y);
    viewer.viewport.zoomTo(item.imageToViewportZoom(1), at, true);
    viewer.viewport.panTo(at, true);
    const look = () => item.getFullyLoaded() ? resolve() : setTimeout(look, 50);
    setTimeout(look, 200);
})"""
# The colour in the middle of the viewer. Reading it fails if the images came without CORS.
MIDDLE = """() => {
    const canvas = viewer.drawer.canvas;
    viewer.forceRedraw();
    return new Promise((resolve) => requestAnimationFrame(() => resolve(Array.from(
        canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data
    ).slice(0, 2))));
}"""


@pytest.fixture(scope="module")
def huge(store: Store) -> str:
    """Return the id of an image with more red to the right, and more green to the bottom."""
    down = Image.linear_gradient("L").resize((SIDE, SIDE))
    across = down.transpose(Image.Transpose.TRANSPOSE)
    image = Image.merge("RGB", (across, down, Image.new("L", down.size)))
    return image_id(store(image, "jpg"))


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def origin(node_modules: Path, pages: dict[str, str]) -> Iterator[str]:
    with served(node_modules, pages) as origin:
        yield origin


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT_S * 1000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("version", ["3", "2"])
def test_openseadragon_shows_the_right_place(
    version: str, huge: str, address: Address, page: Page, origin: str, pages: dict[str, str]
) -> None:
    images = collect(page)
    info = f"{address.endpoint}/iiif/{version}/{huge}/info.json"
    pages["/"] = openseadragon(info)

    page.goto(origin)
    page.wait_for_function("viewer.world.getItemCount() === 1")
    page.evaluate(ZOOM, [SIDE * share for share in PLACE])

    assert all(abs(a - b) <= 3 for a, b in zip(page.evaluate(MIDDLE), COLOUR, strict=True))
    assert {image.status for image in images} == {200}
    assert any(is_of_full_size(image.url) for image in images)


def collect(page: Page) -> list[Response]:
    """Return a list to which the answers of images are added."""
    images: list[Response] = []
    page.on("response", lambda got: images.append(got) if IMAGE.search(got.url) else None)
    return images


def is_of_full_size(url: str) -> bool:
    """Return True for a tile with a px for each px of the original."""
    found = IMAGE.search(url)
    return found is not None and found[1].split(",")[2:3] == [found[2]]


def test_mirador_loads_the_tiles_of_the_manifest_s_image(
    huge: str, address: Address, page: Page, origin: str, pages: dict[str, str]
) -> None:
    images = collect(page)
    info = httpx.get(f"{address.endpoint}/iiif/3/{huge}/info.json", timeout=TIMEOUT_S).json()
    pages["/"] = MIRADOR
    pages["/manifest.json"] = json.dumps(manifest(origin, info))

    page.goto(origin)
    nearer = page.get_by_role("button", name="Zoom in")
    with page.expect_response(lambda got: is_of_full_size(got.url), timeout=TIMEOUT_S * 1000):
        for _ in range(5):
            nearer.click()

    page.wait_for_load_state("networkidle")
    assert {image.status for image in images} == {200}
