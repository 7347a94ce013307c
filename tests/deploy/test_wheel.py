"""imagemill as a user has it: installed from the wheel, in a folder without a checkout."""

import io
import urllib.request
from pathlib import Path

import pytest
from fakes.images import jpeg
from live.laptop import Laptop
from live.stack import unused_port
from PIL import Image

KEY = "holiday 2026/été+sun (1).JPG"
UP_FACTS = {
    "endpoint",
    "region",
    "stack",
    "originals_bucket",
    "processed_bucket",
    "table",
    "queue_url",
    "dead_letter_queue_url",
    "api_url",
    "api_key",
    "site_bucket",
    "gallery_url",
    "images_url",
    "aws_access_key_id",
    "aws_secret_access_key",
    "users_api_url",
    "shares_api_url",
    "signed_api_url",
}


@pytest.fixture
def laptop(tmp_path: Path, wheel: Path) -> Laptop:
    photo = tmp_path / KEY
    photo.parent.mkdir()
    photo.write_bytes(jpeg(4032, 3024, orientation=6))
    return Laptop(tmp_path, unused_port(), [str(wheel / "imagemill")])


def read(url: str) -> bytes:
    # curl and browsers resolve names under localhost themselves; Python asks the system.
    name, _, port = url.split("/")[2].partition(":")
    request = urllib.request.Request(  # noqa: S310  # loopback
        url.replace(f"{name}:{port}", f"127.0.0.1:{port}"), headers={"Host": f"{name}:{port}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # loopback
        return bytes(answer.read())


def test_the_command_has_the_version_of_the_wheel(laptop: Laptop, wheel: Path) -> None:
    [file] = (wheel.parents[1] / "dist").iterdir()

    said = laptop.run("--version").stdout.decode()

    assert said == f"imagemill {file.name.split('-')[1]}\n"


def test_the_wheel_runs_everything_and_keeps_the_images(laptop: Laptop) -> None:
    with laptop.up("--sample") as facts:
        put = laptop.json("put", str(laptop.home / KEY), "--prefix", "holiday 2026", "--wait")
        page = read(facts["gallery_url"])
        variant = Image.open(io.BytesIO(read(f"{facts['images_url']}/~/sample.png?w=96&fm=webp")))
    stopped = not laptop.listening
    with laptop.up("--recipe", "64:cover:webp") as again:
        listed = laptop.json("ls")
        shown = laptop.json("show", KEY)
        fetched = laptop.run("get", KEY, "--preset", "500", "-o", "-")
        another = laptop.json("put", str(laptop.home / KEY), "--prefix", "next", "--wait")

    image = Image.open(io.BytesIO(fetched.stdout))
    assert set(facts) == UP_FACTS
    assert b"<title>imagemill" in page
    assert (variant.format, variant.size) == ("WEBP", (96, 64))
    assert stopped
    assert again["originals_bucket"] == facts["originals_bucket"]
    assert (put[0]["status"], put[0]["key"]) == ("ready", KEY)
    assert [record["key"] for record in listed] == [KEY, "sample.png"]
    assert shown == [listed[0] | {"history": shown[0]["history"]}]
    assert shown[0]["original"]["width"] == 3024
    assert (image.format, image.size) == ("JPEG", (375, 500))
    assert [made["width"] for made in another[0]["renditions"].values()] == [64]
