"""Information documents: fields, and that the edge answers every address they offer."""

from dataclasses import replace
from typing import Any, cast

import pytest
from fakes.decisions import ready_record

from imagemill.domain.image_request import ImageRequest
from imagemill.domain.record import Original
from imagemill.preset import MAX_SIDE, Crop
from imagemill.requests.build_iiif import canonical_parts
from imagemill.requests.iiif import TILE_SIDE
from imagemill.requests.iiif_info import info_2, info_3
from imagemill.requests.options import WHOLE
from imagemill.requests.route import Rewrite, route
from imagemill.requests.settings import IiifProfile, Settings
from imagemill.transform.decide import check_region

ID = "kcnq2rsbu7b3ucep7iuflhi7k4"
URI = f"https://cdn.example.com/iiif/3/{ID}"
LEVEL2 = Settings(now=0)
LEVEL0 = Settings(now=0, iiif_profile="level0")
SIZES = [(1, 1), (300, 200), (512, 512), (513, 100), (4000, 3000), (3000, 4001), (12_000, 9000)]


def test_version_3_has_the_required_fields() -> None:
    assert info_3(URI, 4000, 3000, LEVEL2) == {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": URI,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": 4000,
        "height": 3000,
        "sizes": [
            {"width": width, "height": height}
            for width, height in [
                (20, 15), (40, 30), (60, 45), (96, 72), (100, 75), (120, 90), (250, 188),
                (330, 248), (500, 375), (640, 480), (960, 720), (1280, 960), (1920, 1440),
                (2560, 1920),
            ]
        ],
        "tiles": [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4, 8]}],
        "extraFormats": ["webp", "avif", "jxl"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["mirroring", "canonicalLinkHeader", "profileLinkHeader"],
    }  # fmt: skip


def test_sizes_are_smaller_than_the_image() -> None:
    assert [size["width"] for size in info_3(URI, 640, 480, LEVEL2)["sizes"]][-2:] == [330, 500]
    assert info_3(URI, 641, 480, LEVEL2)["sizes"][-1] == {"width": 640, "height": 479}
    assert info_3(URI, 20, 20, LEVEL2)["sizes"] == []


def test_version_2_lists_formats_and_qualities_in_its_profile() -> None:
    document = info_2(URI, 600, 400, LEVEL2)

    assert document["@id"] == URI
    assert document["profile"] == [
        "http://iiif.io/api/image/2/level2.json",
        {
            "formats": ["jpg", "png", "webp", "avif", "jxl"],
            "qualities": ["default", "color", "gray", "bitonal"],
            "supports": [
                "mirroring", "regionSquare", "canonicalLinkHeader", "profileLinkHeader",
            ],
        },
    ]  # fmt: skip


def test_level_0_limits_the_size_and_offers_no_gray() -> None:
    document = info_3(URI, 4000, 3000, LEVEL0)

    assert document["profile"] == "level0"
    assert document["maxWidth"] == document["maxHeight"] == 2560
    assert document["extraQualities"] == ["color"]
    assert "baseUriRedirect" in document["extraFeatures"]
    assert "mirroring" not in document["extraFeatures"]


def test_level_0_of_version_2_says_the_same() -> None:
    level, extras = info_2(URI, 4000, 3000, LEVEL0)["profile"]

    assert level == "http://iiif.io/api/image/2/level0.json"
    assert extras["maxWidth"] == extras["maxHeight"] == 2560
    assert extras["qualities"] == ["default", "color"]


def tile_parts(width: int, height: int, tile: dict[str, Any]) -> list[str]:
    """Return region and size of every tile, as OpenSeadragon asks for them."""
    parts = []
    for scale in tile["scaleFactors"]:
        side = tile["width"] * scale
        for left in range(0, width, side):
            for top in range(0, height, side):
                across, down = min(side, width - left), min(side, height - top)
                size = f"{-(-across // scale)},{-(-down // scale)}"
                parts.append(f"{left},{top},{across},{down}/{size}")
    return parts


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("profile", ["level0", "level2"])
def test_the_edge_answers_all_sizes_and_tiles(
    width: int, height: int, profile: IiifProfile
) -> None:
    settings = replace(LEVEL0, iiif_profile=profile)
    document = info_3(URI, width, height, settings)
    offers = [f"full/{size['width']},{size['height']}" for size in document["sizes"]]
    offers += tile_parts(width, height, document["tiles"][0])

    answers = [route(f"/iiif/3/{ID}/{offer}/0/default.jpg", "", "", settings) for offer in offers]

    assert all(isinstance(answer, Rewrite) for answer in answers)
    record = replace(ready_record(), original=Original(1, width, height, "jpeg", 1))
    for answer in answers:
        request = ImageRequest.parse_key(cast("Rewrite", answer).path.removeprefix("/"))
        assert request is not None
        check_region(request, record)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_at_the_last_scale_factor_the_image_is_one_tile(width: int, height: int) -> None:
    factors = info_3(URI, width, height, LEVEL2)["tiles"][0]["scaleFactors"]

    assert TILE_SIDE * factors[-1] >= max(width, height)
    assert len(factors) == 1 or TILE_SIDE * factors[-2] < max(width, height)


@pytest.mark.parametrize(
    ("changes", "region", "size", "version_2", "version_3"),
    [
        ({}, (0, 0, 400, 300), (400, 300), "full/full/0/default.jpg", "full/max/0/default.jpg"),
        (
            {"width": 200},
            (0, 0, 400, 300),
            (200, 150),
            "full/200,/0/default.jpg",
            "full/200,150/0/default.jpg",
        ),
        (
            {"width": 50, "height": 50, "fit": "exact", "crop": Crop("px", 100, 50, 0, 0)},
            (0, 0, 100, 50),
            (50, 50),
            "0,0,100,50/50,50/0/default.jpg",
            "0,0,100,50/50,50/0/default.jpg",
        ),
        (
            {"mirror": True, "rotation": 90, "tone": "gray"},
            (0, 0, 400, 300),
            (400, 300),
            "full/full/!90/gray.jpg",
            "full/max/!90/gray.jpg",
        ),
    ],
)
def test_an_image_has_one_canonical_uri(
    changes: dict[str, Any],
    region: tuple[int, int, int, int],
    size: tuple[int, int],
    version_2: str,
    version_3: str,
) -> None:
    preset = replace(WHOLE, format="jpeg", **changes)

    assert canonical_parts(preset, (400, 300), region, size, "2") == version_2
    assert canonical_parts(preset, (400, 300), region, size, "3") == version_3


def test_a_size_of_the_document_is_not_distorted_at_level_0() -> None:
    answer = route(f"/iiif/3/{ID}/full/640,1/0/default.jpg", "", "", LEVEL0)

    assert isinstance(answer, Rewrite)
    request = ImageRequest.parse_key(answer.path.removeprefix("/"))
    assert request is not None
    assert (request.preset.width, request.preset.height) == (640, MAX_SIDE)
