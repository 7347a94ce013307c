"""A rendition is the same whether the image is described with it or not."""

import io
from dataclasses import replace

import pytest
from fakes.images import jpeg
from PIL import Image

from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("40")
MODEL, COPYRIGHT = 0x0110, 0x8298


def photo() -> bytes:
    """Return a JPEG with an owner, a camera, and a second image with a gain map behind it."""
    exif = Image.Exif()
    exif[MODEL], exif[COPYRIGHT] = "Camera 1", "Owner"
    made = io.BytesIO()
    Image.open(io.BytesIO(jpeg(120, 80))).save(made, "JPEG", exif=exif)
    iso = b"urn:iso:std:iso:ts:21496:-1\0"
    gain_map = b"\xff\xd8\xff\xe2" + (2 + len(iso)).to_bytes(2, "big") + iso + b"\xff\xd9"
    return made.getvalue() + gain_map


def test_an_image_that_is_not_described_has_the_same_renditions() -> None:
    described = render(photo(), RECIPE)

    found = render(photo(), RECIPE, described=False)

    assert described.warnings == ("hdr",)
    assert (described.facts.camera, bool(described.placeholder)) == ("Camera 1", True)
    assert found == replace(
        described,
        facts=replace(described.facts, camera=None, has_gain_map=False),
        warnings=(),
        placeholder="",
        colour="",
    )
    assert found.facts.copyright == "Owner"


@pytest.mark.parametrize("described", [True, False])
def test_a_worker_describes_an_image_if_asked_to(*, described: bool) -> None:
    apart = render_isolated(photo(), RECIPE, DEFAULT_LIMITS, 120, described=described)

    assert apart == render(photo(), RECIPE, described=described)
