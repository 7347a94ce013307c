"""Private images: the embedded CloudFront shows them only with a valid signature."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fakes.images import jpeg
from live.browser import CHROMIUM, open_browser
from live.gallery import open_gallery
from live.stack import TIMEOUT_S, Stack, credentials_of

from imagemill.domain.api_key import KeyLimits, KeyRequest
from imagemill.domain.keys import owner_id
from imagemill.errors import SetupFailed
from imagemill.wiring.api_keys import open_api_keys
from imagemill.wiring.private_keys import open_private_keys

Get = Callable[..., httpx.Response]
Ask = Callable[..., httpx.Response]


@pytest.fixture
def get(short_retry_stack: Stack) -> Iterator[Get]:
    """Return a function that requests a URL of the distribution, whose name need not resolve."""
    with httpx.Client(base_url=short_retry_stack.address.endpoint, timeout=TIMEOUT_S) as client:

        def get(url: str, cookie: str = "") -> httpx.Response:
            parts = urlsplit(url)
            headers = {"host": parts.netloc} | ({"cookie": cookie} if cookie else {})
            return client.get(f"{parts.path}?{parts.query}", headers=headers)

        yield get


@pytest.fixture
def ask(short_retry_stack: Stack) -> Iterator[Ask]:
    """Return a function that sends a request to the API, with the key of the stack or another."""
    address = short_retry_stack.address
    with httpx.Client(base_url=address.api_url, timeout=TIMEOUT_S) as client:

        def ask(method: str, path: str, key: str = "", data: bytes = b"") -> httpx.Response:
            headers = {"x-api-key": key or address.api_key}
            headers |= {"content-type": "image/jpeg"} if data else {}
            return client.request(method, address.api_url + path, headers=headers, content=data)

        yield ask


def uploaded(ask: Ask, stack: Stack, key: str = "") -> dict[str, str]:
    """Upload an image, and return its addresses: rendition, size, iiif."""
    accepted = ask("POST", "/images?filename=a.jpg", key, jpeg(600, 400)).json()
    stack.wait_until_final(accepted["key"])
    public = ask("GET", f"/images/{accepted['id']}", key).json()["public"]
    size = public["srcset"].split(" ")[0]
    return {"rendition": public["renditions"]["100"], "size": size, "iiif": public["iiif"]}


def cookies(ask: Ask, get: Get, key: str = "") -> str:
    """Return the cookies that open the images of a key, as a browser sends them to all paths."""
    answer = get(ask("POST", "/cookies", key).json()["url"])
    assert answer.status_code == 204
    lines = [line for line in answer.headers.get_list("set-cookie") if "Max-Age=0" not in line]
    return "; ".join(line.partition(";")[0] for line in lines)


def test_only_signed_requests_get_an_image(short_retry_stack: Stack, ask: Ask, get: Get) -> None:
    found = uploaded(ask, short_retry_stack)
    rendition, size = found["rendition"], found["size"]
    bare = {name: address.partition("?")[0] for name, address in found.items()}
    tile = f"{found['iiif']}/full/90,/0/default.jpg"

    signed = [get(address) for address in (rendition, size)]
    unsigned = [get(one) for one in (bare["rendition"], f"{bare['size']}?w=250", tile)]
    changed = [
        get(rendition.replace("/a.jpg", "/b.jpg")),
        get(rendition.replace("Expires=1", "Expires=2")),
        get(size.replace("/~/", "/~/a")),
    ]

    assert [one.status_code for one in signed] == [200, 200]
    assert [one.headers["content-type"] for one in signed] == ["image/jpeg"] * 2
    assert {one.headers["cache-control"].partition(",")[0] for one in signed} == {"private"}
    assert [one.status_code for one in unsigned + changed] == [403] * 6
    assert get(tile, cookies(ask, get)).status_code == 200
    assert get(bare["rendition"], cookies(ask, get)).content == signed[0].content


def test_the_cookies_of_an_owner_open_its_own_images_only(
    short_retry_stack: Stack, ask: Ask, get: Get
) -> None:
    address = short_retry_stack.address
    keys = open_api_keys(address.stack, credentials_of(address)).keys
    scopes = frozenset({"upload", "read"})
    one, other = (
        keys.create(KeyRequest(name, scopes, KeyLimits())).value  # type: ignore[arg-type]  # two scopes
        for name in ("one", "other")
    )
    own, foreign = (uploaded(ask, short_retry_stack, key) for key in (one, other))

    cookie = cookies(ask, get, one)

    def opened(addresses: dict[str, str]) -> list[int]:
        bare = [
            addresses["rendition"].partition("?")[0],
            addresses["iiif"] + "/full/90,/0/default.jpg",
        ]
        return [get(url, part).status_code for url in bare for part in each(cookie)]

    assert f"/~~/~{owner_id('key:one')}/" in own["rendition"]
    assert sorted(opened(own)) == [200, 200, 403, 403, 403, 403]
    assert opened(foreign) == [403] * 6


def each(cookie: str) -> list[str]:
    """Return the three cookies of each area."""
    parts = cookie.split("; ")
    return ["; ".join(parts[at : at + 3]) for at in range(0, len(parts), 3)]


def test_a_rotated_key_waits_for_the_deployment(
    short_retry_stack: Stack, ask: Ask, get: Get
) -> None:
    address = short_retry_stack.address
    opened = open_private_keys(address.stack, credentials_of(address))
    before = opened.keys.read()
    try:
        opened.rotate()
        with pytest.raises(SetupFailed, match="deploy the stack"):
            opened.rotate()

        # The function signs with the key that is deployed.
        assert get(uploaded(ask, short_retry_stack)["rendition"]).status_code == 200
    finally:
        opened.keys.write(before)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_the_gallery_shows_private_images(
    short_retry_stack: Stack, tmp_path: Path, ask: Ask, get: Get
) -> None:
    address = short_retry_stack.address
    with open_browser(tmp_path / "home") as browser:
        gallery = open_gallery(browser, address, tmp_path)
        gallery.choose(gallery.file("mine.jpg", jpeg(1200, 900)))
        gallery.await_state("mine.jpg", "ready")
        gallery.await_sharp("mine.jpg")
        dialog = gallery.open("mine.jpg")
        with gallery.page.expect_response("**/iiif/3/**") as tile:
            dialog.get_by_role("button", name="Zoom", exact=True).click()
        zoomed = tile.value.status
        source = gallery.tile("mine.jpg").locator("img").get_attribute("src")
        seen = gallery.page.evaluate("document.cookie")
        gallery.page.context.close()

    assert zoomed == 200
    assert source
    assert source.startswith("/~~/")
    assert seen == ""
    assert get(f"{address.gallery_url}{source[1:]}").status_code == 403
    assert get(f"{address.gallery_url}{source[1:]}", cookies(ask, get)).status_code == 200
    assert gallery.violations == []
