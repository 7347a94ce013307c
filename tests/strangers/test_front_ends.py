"""URLs of front ends: unpic's end-to-end tests, and the documented loader for `next/image`.

The tests of unpic are `e2e.test.ts` in its repository, not part of the package: for each provider a
width of 96 px and a box of 100 × 50 px, both as JPEG, with a tolerance of one px. Here sizes are
exact, and other sizes, formats and qualities are asked for, too. unpic knows neither imgproxy nor
IIIF.
"""

import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from live.stack import TIMEOUT_S
from PIL import Image

from imagemill.local.address import Address
from strangers.conftest import Store
from strangers.tools import ROOT

SUITE = [
    pytest.param({"width": 96, "format": "jpg"}, "", ("JPEG", (96, 64)), id="e2e: width"),
    pytest.param(
        {"width": 100, "height": 50, "format": "jpg"}, "", ("JPEG", (100, 50)), id="e2e: ratio"
    ),
]
MORE = [
    ({"width": 640}, "", ("JPEG", (640, 427))),
    ({"width": 640}, "image/avif,image/webp,*/*", ("AVIF", (640, 427))),
    ({"width": 640}, "image/webp,*/*", ("WEBP", (640, 427))),
    ({"height": 330}, "", ("JPEG", (495, 330))),
    ({"width": 640, "height": 480, "quality": 75}, "image/webp", ("WEBP", (640, 480))),
    ({"width": 250, "height": 250, "format": "png"}, "", ("PNG", (250, 250))),
    ({"width": 960, "format": "webp"}, "", ("WEBP", (960, 640))),
    ({"width": 500, "format": "avif"}, "", ("AVIF", (500, 333))),
    # Never enlarged.
    ({"width": 1920}, "", ("JPEG", (1200, 800))),
]


# The loader in docs/urls/imgix.md, called with the arguments that Next.js gives it.
LOADER = re.compile(r"```js\nexport default (function imagemill.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def photo(store: Store) -> str:
    """Return the key of a JPEG of 1200 × 800 px."""
    return store(Image.effect_noise((1200, 800), 60).convert("RGB"), "jpg")


def unpic(node_modules: Path, options: dict[str, Any]) -> str:
    """Return the URL that unpic makes."""
    program = ROOT / "tests/strangers/unpic.mjs"
    command: list[str | Path] = ["node", program, node_modules / "unpic", json.dumps([options])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)[0])


@pytest.mark.parametrize(("options", "accept", "expected"), [*SUITE, *MORE])
def test_an_image_has_the_size_and_the_format_that_unpic_asks_for(
    options: dict[str, Any],
    accept: str,
    expected: tuple[str, tuple[int, int]],
    address: Address,
    photo: str,
    node_modules: Path,
) -> None:
    url = unpic(node_modules, {"url": f"{address.endpoint}/~/{photo}", **options})

    answer = httpx.get(url, headers={"accept": accept} if accept else {}, timeout=TIMEOUT_S)

    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == expected


@pytest.mark.usefixtures("node_modules")
@pytest.mark.parametrize("quality", [None, 50])
def test_the_documented_loader_for_next_image_gets_an_image(
    quality: int | None, address: Address, store: Store
) -> None:
    key = store(Image.new("RGB", (700, 500)), "jpg", "a space, ünd #1/")
    page = (ROOT / "docs/urls/imgix.md").read_text()
    [loader] = LOADER.findall(page)
    given = json.dumps({"src": key, "width": 640, "quality": quality})
    command = ["node", "-e", f"console.log(({loader})({given}))"]
    url = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    answer = httpx.get(
        url.replace("https://cdn.example.com", address.endpoint),
        headers={"accept": "image/webp"},
        timeout=TIMEOUT_S,
    )

    # A source set separates its candidates by spaces.
    assert " " not in url
    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == ("WEBP", (640, 457))
