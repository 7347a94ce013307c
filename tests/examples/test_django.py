"""The Django project, with a stack in a browser, and without one."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack
from playwright.sync_api import Browser, expect

EXAMPLE = Path(__file__).parents[2] / "examples/django"


@pytest.fixture(scope="module")
def url(start: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the project with an empty database, and return its URL."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WALL_DATA", str(tmp_path_factory.mktemp("wall")))
        yield start("django")


def test_an_uploaded_photo_is_shown_in_all_sizes_until_it_is_deleted(
    browser: Browser, url: str, stack: Stack
) -> None:
    page = browser.new_page()
    page.goto(url)
    page.fill("[name=caption]", "The <beach>")
    page.set_input_files(
        "[name=image]",
        {"name": "été-django.jpg", "mimeType": "image/jpeg", "buffer": jpeg(900, 600)},
    )
    page.click("text=Upload")

    photo = page.locator("img[alt='The <beach>']")
    expect(photo).to_have_attribute("srcset", re.compile(r"cloudfront\.localhost.* 500w"))
    expect(page.locator("source[type='image/avif']")).to_have_count(1)
    page.wait_for_function("document.querySelector('img').naturalWidth > 0")

    page.click("text=Delete")
    expect(photo).to_have_count(0)
    assert stack.wait_until_removed("/été-django.jpg")


def test_a_file_that_is_no_image_is_refused_by_the_form(url: str) -> None:
    answer = sent(url, b"no image at all")

    assert "the bytes are not a known kind of image" in answer.text


# Makes the tables, checks that the models need no further migration, and uploads a photo.
LOCAL = """
import django, sys
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

call_command("migrate", verbosity=0)
call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
photo = SimpleUploadedFile("a.jpg", sys.stdin.buffer.read())
page = Client(SERVER_NAME="localhost").post("/", {"caption": "Sea", "image": photo}, follow=True)
print(page.content.decode())
"""


def test_without_a_stack_the_photo_is_there_at_once(tmp_path: Path) -> None:
    inherited = {name: text for name, text in os.environ.items() if name != "IMAGEMILL_API"}
    done = subprocess.run(
        [sys.executable, "-c", LOCAL],
        cwd=EXAMPLE,
        env=inherited | {"DJANGO_SETTINGS_MODULE": "wall.settings", "WALL_DATA": str(tmp_path)},
        input=jpeg(900, 600),
        capture_output=True,
        check=True,
    )

    page = done.stdout.decode()
    [large] = tmp_path.glob("media/renditions/*/large.jpg")
    url = "/media/" + large.relative_to(tmp_path / "media").as_posix()
    assert f'<picture><img src="{url}" srcset="' in page
    assert 'width="900" height="600" alt="Sea"' in page


def sent(url: str, data: bytes) -> httpx.Response:
    """Send the form, as a browser does, and return the page that follows."""
    with httpx.Client(base_url=url, follow_redirects=True, timeout=TIMEOUT_S) as client:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").text)
        assert found
        fields = {"caption": "The beach", "csrfmiddlewaretoken": found[1]}
        return client.post("/", data=fields, files={"image": ("a.jpg", data, "image/jpeg")})
