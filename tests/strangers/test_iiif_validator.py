"""The validator of the IIIF consortium, `iiif-validate.py`, finds all features of level 2."""

import io
import json
import re
import subprocess

import httpx
import pytest
from live.stack import TIMEOUT_S
from PIL import Image

from imagemill.domain.keys import image_id
from imagemill.local.address import Address
from strangers.conftest import Store
from strangers.tools import IIIF, lacks

# Prints the colours of the squares that the validator expects, by column and row.
COLOURS = """
import json
from iiif_validator.validator import ValidationInfo
print(json.dumps(ValidationInfo().colorInfo))
"""
SIDE = 1000
LINE = re.compile(r"test (\w+) (PASS|FAIL)")
# The number of tests up to level 2 by version. The validator has no test for 2.1 of its own.
TESTS = {"3.0": 33, "2.0": 30}


@pytest.fixture(scope="module")
def squares(store: Store) -> str:
    """Return the id of the validator's image: 10 × 10 squares of 100 px, drawn here."""
    if not IIIF.is_dir():
        lacks("iiif-validator")
    command = [str(IIIF / "python"), "-c", COLOURS]
    printed = subprocess.run(command, capture_output=True, text=True, check=False)
    if "libmagic" in printed.stderr:
        lacks("libmagic")
    image = Image.new("RGB", (SIDE, SIDE))
    for column, colours in enumerate(json.loads(printed.stdout.splitlines()[-1])):
        for row, colour in enumerate(colours):
            left, top = column * 100, row * 100
            image.paste(tuple(colour), (left, top, left + 100, top + 100))
    return image_id(store(image, "png"))


def validate(address: Address, image: str, version: str, *options: str) -> dict[str, bool]:
    """Return whether each test passed, by its name."""
    server = address.endpoint.removeprefix("http://")
    prefix = f"iiif/{version[0]}"
    program = [str(IIIF / name) for name in ("python", "iiif-validate.py")]
    asked = [f"--version={version}", "--level=2", "-s", server, "-p", prefix, "-i", image, *options]
    done = subprocess.run([*program, *asked], capture_output=True, text=True, check=False)
    return {test: result == "PASS" for test, result in LINE.findall(done.stderr)}


def test_all_of_level_2_of_version_3_but_the_wrong_test_passes(
    address: Address, squares: str
) -> None:
    passed = validate(address, squares, "3.0")

    assert len(passed) == TESTS["3.0"]
    assert {name for name, is_passed in passed.items() if not is_passed} == {"size_noup"}


def test_all_of_level_2_of_version_2_passes(address: Address, squares: str) -> None:
    passed = validate(address, squares, "2.0")

    assert (len(passed), all(passed.values())) == (TESTS["2.0"], True), passed


@pytest.mark.parametrize("version", ["3.0", "2.0"])
def test_images_have_links_to_profile_and_canonical_uri(
    version: str, address: Address, squares: str
) -> None:
    names = ("linkheader_canonical", "linkheader_profile")

    passed = validate(address, squares, version, *(f"--test={name}" for name in names))

    assert passed == dict.fromkeys(names, True)


def test_the_canonical_uri_leads_to_the_same_image(address: Address, squares: str) -> None:
    first = ask(address, squares, "pct:12.5")

    again = httpx.get(first.links["canonical"]["url"], timeout=TIMEOUT_S)

    assert first.links["canonical"]["url"].endswith("/full/125,125/0/default.jpg")
    assert again.links["canonical"] == first.links["canonical"]
    assert [Image.open(io.BytesIO(one.content)).size for one in (first, again)] == [(125, 125)] * 2


@pytest.mark.parametrize("size", ["1500,1500", ",1500", "1500,", "pct:200"])
def test_size_noup_is_right_about_four_of_its_five_sizes(
    size: str, address: Address, squares: str
) -> None:
    answer = ask(address, squares, size)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_size_noup_is_wrong_about_its_fifth_size(address: Address, squares: str) -> None:
    """It wants 400 for a confined size that is larger than the image.

    The image has "to be as large as possible but not larger than the extracted region" (3.0, 4.2).
    """
    image = Image.open(io.BytesIO(ask(address, squares, "!2000,3000").content))

    assert image.size == (SIDE, SIDE)


def ask(address: Address, image: str, size: str) -> httpx.Response:
    url = f"{address.endpoint}/iiif/3/{image}/full/{size}/0/default.jpg"
    return httpx.get(url, timeout=TIMEOUT_S)
