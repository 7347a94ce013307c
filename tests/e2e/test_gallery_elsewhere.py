"""A stack with another CORS origin."""

from pathlib import Path

import pytest
from live.gallery import open_gallery
from live.stack import unused_port
from playwright.sync_api import Browser, expect

from imagemill.local.up import UpOptions, cloud


def test_a_page_of_another_origin_is_refused(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    parameters = {"CorsOrigin": "https://photos.example.com"}
    with cloud(UpOptions(unused_port(), tmp_path / "data", "100", parameters)) as (_, address):
        gallery = open_gallery(browser, address, tmp_path, "icon.svg")

        with gallery.page.expect_console_message(
            lambda said: "blocked by CORS policy" in said.text
        ):
            gallery.page.goto(f"{address.gallery_url}#key={address.api_key}")

        expect(gallery.page.get_by_role("alert").first).to_contain_text(
            "The API cannot be reached."
        )
        gallery.page.context.close()
