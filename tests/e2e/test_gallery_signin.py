"""Users sign in to the gallery at a real OpenID Connect server (oidc-provider, certified)."""

import shutil
from collections.abc import Iterator

import pytest
from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.issuer import RunningIssuer
from playwright.sync_api import expect

from imagemill.domain.keys import owner_id
from imagemill.local.address import Address


@pytest.fixture(scope="module")
def provider(address: Address, issuer: RunningIssuer) -> Iterator[None]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    with issuer.replaced(address.gallery_url):
        yield


def sign_in(gallery: Gallery, user: str) -> None:
    page = gallery.page
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("input[name=login]").fill(user)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{gallery.address.gallery_url}**")
    gallery.await_start()


@pytest.mark.usefixtures("provider")
def test_a_user_signs_in_and_sees_only_own_images(visit: Visit) -> None:
    gallery = visit("")
    sign_in(gallery, "carol")
    gallery.choose(gallery.file("of-carol.jpg", jpeg(400, 300)))
    gallery.await_state("of-carol.jpg", "ready")

    assert "code=" not in gallery.page.url
    with gallery.page.expect_response("**/images?*") as listing:
        gallery.page.reload()
    assert listing.value.request.headers["authorization"].startswith("Bearer ")
    images = listing.value.json()["images"]
    assert [(one["filename"], one["owner"]) for one in images] == [
        ("of-carol.jpg", owner_id("user:carol"))
    ]

    gallery.page.get_by_role("button", name="Sign out").click()
    gallery.page.get_by_role("button", name="Yes, sign me out").click()
    expect(gallery.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.usefixtures("provider")
def test_an_answer_that_this_tab_did_not_ask_for_is_refused(visit: Visit) -> None:
    gallery = visit("?code=stolen&state=invented")

    expect(gallery.page.locator("#signin .why")).to_contain_text("not begun in this tab")
