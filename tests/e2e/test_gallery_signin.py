"""Users sign in to the gallery at a real OpenID Connect server (oidc-provider, certified)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg
from live.gallery import Gallery, Visit
from live.issuer import RunningIssuer
from live.stack import unused_port
from playwright.sync_api import Browser, Page, Route, expect

from imagemill.domain.keys import owner_id
from imagemill.local.address import Address

# A port of this machine to which only commands redirect.
PORT = unused_port()
REDIRECT = f"http://localhost:{PORT}/"


@pytest.fixture(scope="module")
def provider(address: Address, issuer: RunningIssuer) -> Iterator[None]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    with issuer.replaced(address.gallery_url, REDIRECT):
        yield


def enter(page: Page, user: str) -> None:
    """Sign in on the pages of the server."""
    page.locator("input[name=login]").fill(user)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def sign_in(gallery: Gallery, user: str) -> None:
    page = gallery.page
    page.get_by_role("button", name="Sign in", exact=True).click()
    enter(page, user)
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


def held_by(gallery: Gallery) -> dict[str, Any]:
    """Return the tokens of the page."""
    return dict(gallery.page.evaluate('JSON.parse(sessionStorage.getItem("imagemill-token"))'))


def reload_with(gallery: Gallery, **changes: Any) -> None:  # noqa: ANN401  # tokens
    """Open the page again with changed tokens."""
    text = json.dumps(held_by(gallery) | changes)
    gallery.page.evaluate('(text) => sessionStorage.setItem("imagemill-token", text)', text)
    gallery.page.reload()
    gallery.await_start()


def refuse_an_upload(gallery: Gallery) -> None:
    """Answer the next upload as the API does after the end of a token; others pass."""

    def answer(route: Route) -> None:
        problem = {"code": "unauthorized", "detail": "the token has ended"}
        route.fulfill(status=401, json=problem, headers={"access-control-allow-origin": "*"})

    gallery.page.route("**/uploads", answer, times=1)


def repeat_the_token(gallery: Gallery) -> None:
    """Let the issuer give the present token again, as it does twice in one second."""

    def answer(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, json=given.json() | {"id_token": held_by(gallery)["token"]})

    gallery.page.route("**/token", answer)


@pytest.mark.usefixtures("provider")
def test_a_token_that_ends_is_renewed_without_asking_the_visitor(visit: Visit) -> None:
    gallery = visit("")
    sign_in(gallery, "erin")
    first = held_by(gallery)

    reload_with(gallery, until=0)
    # The first requests of the page may still wait for the new token.
    gallery.page.wait_for_function(
        'JSON.parse(sessionStorage.getItem("imagemill-token")).until > 0'
    )
    second = held_by(gallery)
    refuse_an_upload(gallery)
    repeat_the_token(gallery)
    gallery.choose(gallery.file("of-erin.jpg", jpeg(400, 300)))
    gallery.await_state("of-erin.jpg", "ready")

    # The tokens that renew the others are random.
    assert len({one["refresh"] for one in (first, second, held_by(gallery))}) == 3
    expect(gallery.page.locator("#signin")).to_be_hidden()


@pytest.mark.usefixtures("provider")
def test_an_upload_waits_while_the_visitor_signs_in_again_beside_the_page(visit: Visit) -> None:
    gallery = visit("")
    sign_in(gallery, "frank")
    reload_with(gallery, refresh="")
    refuse_an_upload(gallery)
    gallery.choose(gallery.file("of-frank.jpg", jpeg(400, 300)))

    with gallery.page.expect_popup() as opened:
        gallery.page.get_by_role("button", name="Sign in", exact=True).click()
    beside = opened.value
    # The server remembers the visitor, so it does not ask for a name.
    if not beside.is_closed():
        beside.wait_for_event("close")

    gallery.await_state("of-frank.jpg", "ready")
    expect(gallery.page.locator("#signin")).to_be_hidden()


@pytest.mark.usefixtures("provider")
def test_an_answer_that_this_tab_did_not_ask_for_is_refused(visit: Visit) -> None:
    gallery = visit("?code=stolen&state=invented")

    expect(gallery.page.locator("#signin .why")).to_contain_text("not begun in this tab")


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command without credentials of AWS."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "imagemill.cli.main", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env=inherited | {"XDG_DATA_HOME": str(home)},
    )


def run(home: Path, *words: str) -> str:
    """Run a command that succeeds, and return its output."""
    with start(home, *words) as process:
        output, problems = process.communicate()
    assert process.returncode == 0, problems
    return output


@pytest.mark.usefixtures("provider")
def test_a_user_signs_in_on_the_command_line_and_stays_signed_in(
    address: Address, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "of-dave.jpg").write_bytes(jpeg(400, 300))
    words = ("login", address.gallery_url, "--port", str(PORT), "--no-browser")
    with start(tmp_path, *words) as login, browser.new_context() as context:
        assert login.stderr
        page = context.new_page()
        page.goto(login.stderr.readline().removeprefix("sign in at ").strip())
        enter(page, "dave")
        expect(page.get_by_text("You may close this page.")).to_be_visible()
        assert login.communicate()[0] == f"--api {address.users_api_url}\n"
    [place] = (tmp_path / "imagemill" / "logins").glob("*.json")
    first = json.loads(place.read_text())
    # The end of the token is near.
    place.write_text(json.dumps(first | {"until_s": 0}))

    api = ("--api", address.users_api_url)
    put = json.loads(run(tmp_path, "put", "of-dave.jpg", "--wait", "--json", *api))
    listed = [json.loads(line) for line in run(tmp_path, "ls", "--json", *api).splitlines()]

    assert [(one["id"], one["owner"]) for one in listed] == [(put["id"], owner_id("user:dave"))]
    later = json.loads(place.read_text())
    assert later["token"] != first["token"]
    assert later["refresh_token"] != first["refresh_token"]
    run(tmp_path, "logout", *api)
    assert not place.exists()
