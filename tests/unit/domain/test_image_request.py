from dataclasses import replace

import pytest

from imagemill.domain.image_request import ImageRequest
from imagemill.preset import MAX_SIDE, Crop, Preset

ID = "kcnq2rsbu7b3ucep7iuflhi7k4"
WHOLE = Preset("variant", MAX_SIDE, MAX_SIDE)


@pytest.mark.parametrize(
    ("preset", "canonical"),
    [
        (WHOLE, "max.keep"),
        (replace(WHOLE, width=640, format="webp"), "640x.webp"),
        (replace(WHOLE, height=480, format="jpeg"), "x480.jpg"),
        (replace(WHOLE, width=640, height=480, fit="cover", quality=75), "640x480_cover_q75.keep"),
        (
            replace(WHOLE, crop=Crop("px", 9, 8, 7, 6), scale=12.5, mirror=True, rotation=90),
            "max_crop9x8x7x6_scale12.5_mirror_rotate90.keep",
        ),
    ],
)
def test_a_request_has_one_text_and_is_read_from_it(preset: Preset, canonical: str) -> None:
    request = ImageRequest(ID, preset)

    assert request.key == f"~t/{ID}/{canonical}"
    assert ImageRequest.parse_key(request.key) == request


def test_a_strict_request_is_another_variant() -> None:
    request = ImageRequest(ID, replace(WHOLE, width=640, quality=75), strict=True)

    assert request.canonical == "640x_q75_strict.keep"
    assert ImageRequest.parse_key(request.key) == request


def test_a_version_has_a_folder_of_its_own() -> None:
    request = ImageRequest(ID, WHOLE, version="3sL4")

    assert request.key == f"~t/{ID}/~3sL4/{ImageRequest(ID, WHOLE).canonical}"
    assert ImageRequest.parse_key(request.key) == request


def test_a_request_names_no_version_of_a_bucket_without_versioning() -> None:
    assert ImageRequest(ID, WHOLE, version="3sL4").names("3sL4")
    assert not ImageRequest(ID, WHOLE, version="3sL4").names("4")
    assert not ImageRequest(ID, WHOLE, version="null").names("null")
    assert not ImageRequest(ID, WHOLE).names("")


@pytest.mark.parametrize(
    "canonical",
    [
        "",
        "max",
        "x.keep",
        "0x.keep",
        "0640x.keep",
        "16383x.keep",
        "99999x.keep",
        "640x.jpeg",
        "640x_inside.keep",
        "640x_q75_cover.keep",
        "640x_strict_q75.keep",
        "640x_strict_strict.keep",
        "strict.keep",
        "640x_focus0.50x0.7.keep",
        "640x_e3.keep",
        "640x_rotate45.keep",
        "640x.keep/..",
        "640X.keep",
        "٣x.keep",
    ],
)
def test_only_the_exact_text_is_read(canonical: str) -> None:
    assert ImageRequest.parse_key(f"~t/{ID}/{canonical}") is None


@pytest.mark.parametrize("key", [f"~t/{ID}", f"t/{ID}/max.keep", f"~t/{ID[1:]}/max.keep", ""])
def test_only_keys_of_variants_are_read(key: str) -> None:
    assert ImageRequest.parse_key(key) is None
