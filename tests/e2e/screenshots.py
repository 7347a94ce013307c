"""Screenshots of the gallery for the docs, with drawn landscapes: `make screenshots`."""

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fakes.landscapes import LANDSCAPES, encoded
from live.browser import BROWSER_OPTIONS, CHROMIUM
from live.gallery import Gallery, open_gallery
from PIL import Image, ImageOps
from playwright.sync_api import Browser, sync_playwright

from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud

PORT = 4599
# Bits per colour channel: half the bytes of 8 bits, without a visible difference.
BITS = 7
RECIPE = "small=400x, 800, large=1600"
DESK = {"viewport": {"width": 1280, "height": 832}}
PHONE = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}


@dataclass(frozen=True)
class Shot:
    """A screenshot: how the page is opened, and the actions before the shot."""

    name: str
    options: dict[str, Any]
    act: Callable[[Gallery], None] = field(default=lambda _: None)


def under_way(gallery: Gallery) -> None:
    """Upload some files: one is finished, one is no image, one is damaged."""
    landscapes = (LANDSCAPES[3], LANDSCAPES[9], LANDSCAPES[12])
    files = [
        gallery.file(f"IMG_{at}.jpg", encoded(one, 96)) for at, one in enumerate(landscapes, 2041)
    ]
    gallery.choose(gallery.file("scan 7.jpg", encoded(LANDSCAPES[5])[:60]))
    gallery.await_state("scan 7.jpg", "rejected")
    gallery.slow_down(180_000)
    gallery.choose(*files, gallery.file("itinerary.pdf", b"%PDF-1.7"))
    gallery.page.wait_for_timeout(2600)


def compared(gallery: Gallery) -> None:
    """Show an image in full size, compared with its original."""
    gallery.open("dunes-evening.jpg")
    gallery.page.wait_for_timeout(800)
    gallery.page.keyboard.press("c")
    gallery.page.wait_for_timeout(1200)


SHOTS = (
    Shot("gallery-phone", PHONE | {"color_scheme": "light"}),
    Shot("gallery-dark", DESK | {"color_scheme": "dark"}, compared),
    Shot("gallery-light", DESK | {"color_scheme": "light"}, under_way),
)


def fill(address: Address) -> None:
    """Upload all landscapes, the first one last, so that it is the newest."""
    with httpx.Client(headers={"x-api-key": address.api_key}, timeout=60) as api:
        for landscape in reversed(LANDSCAPES):
            query = {"filename": landscape.name}
            body = encoded(landscape, 97)
            headers = {"content-type": "image/jpeg"}
            url = f"{address.api_url}/images"
            api.post(url, params=query, content=body, headers=headers).raise_for_status()


def take(browser: Browser, address: Address, shot: Shot, folder: Path) -> None:
    """Write one screenshot to a folder."""
    with tempfile.TemporaryDirectory() as desk:
        gallery = open_gallery(browser, address, Path(desk), **shot.options)
        gallery.await_sharp(LANDSCAPES[0].name)
        gallery.page.wait_for_timeout(1500)
        shot.act(gallery)
        whole = Image.open(io.BytesIO(gallery.page.screenshot()))
        gallery.page.context.close()
    calm = ImageOps.posterize(whole.convert("RGB"), BITS)
    calm.save(folder / f"{shot.name}.png", optimize=True)


def main(folder: Path) -> None:
    """Take all screenshots."""
    with (
        tempfile.TemporaryDirectory() as data,
        cloud(UpOptions(PORT, Path(data), RECIPE)) as (_, address),
        sync_playwright() as playwright,
    ):
        fill(address)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_OPTIONS)
        for shot in SHOTS:
            take(browser, address, shot, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
