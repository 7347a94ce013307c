"""The canonical IIIF URIs of variants (IIIF Image API 3.0, 4.8; 2.1, 4.7)."""

from dataclasses import replace

import pytest
from fakes.decisions import ready_record
from fakes.variants import request_of

from imagemill.domain.event import Focus
from imagemill.domain.record import Original
from imagemill.transform.canonical import canonical_uris

RECORD = replace(ready_record(), original=Original(1, 400, 300, "jpeg", 1))


@pytest.mark.parametrize(
    ("canonical", "version_2", "version_3"),
    [
        ("max.jpg", "full/full/0/default.jpg", "full/max/0/default.jpg"),
        ("200x_strict.jpg", "full/200,/0/default.jpg", "full/200,150/0/default.jpg"),
        ("max_scale50.png", "full/200,/0/default.png", "full/200,150/0/default.png"),
        (
            "100x100_exact_strict.webp",
            "full/100,100/0/default.webp",
            "full/100,100/0/default.webp",
        ),
        ("800x600.jpg", "full/full/0/default.jpg", "full/max/0/default.jpg"),
        (
            "x100_square_mirror_rotate90_gray_strict.jpg",
            "50,0,300,300/100,/!90/gray.jpg",
            "50,0,300,300/100,100/!90/gray.jpg",
        ),
        # Cut at the right edge.
        (
            "max_crop200x100x300x0.jpg",
            "300,0,100,100/full/0/default.jpg",
            "300,0,100,100/max/0/default.jpg",
        ),
        (
            "max_pcrop50x50x25x25_bitonal.png",
            "100,75,200,150/full/0/bitonal.png",
            "100,75,200,150/max/0/bitonal.png",
        ),
    ],
)
def test_a_variant_has_a_canonical_uri(canonical: str, version_2: str, version_3: str) -> None:
    found = canonical_uris(request_of("a.jpg", canonical), RECORD)

    assert found == {"2": version_2, "3": version_3}


def test_the_canonical_uri_of_a_square_names_its_place_around_the_focal_point() -> None:
    record = replace(RECORD, focus=Focus(0.25, 0.5))

    found = canonical_uris(request_of("a.jpg", "x100_square_strict.jpg"), record)

    assert found["3"] == "0,0,300,300/100,100/0/default.jpg"


@pytest.mark.parametrize(
    "canonical",
    [
        *("200x.keep", "200x_q75.jpg", "200x_blur2.jpg", "200x_sharpen1.jpg", "200x_bgffffff.jpg"),
        *("200x200_cover.jpg", "200x200_pad.jpg", "max_crop100x100_focus0x0.jpg"),
    ],
)
def test_iiif_has_no_words_for_other_variants(canonical: str) -> None:
    assert canonical_uris(request_of("a.jpg", canonical), RECORD) == {}


def test_without_a_recorded_size_there_is_no_canonical_uri() -> None:
    record = replace(RECORD, original=Original(1))

    assert canonical_uris(request_of("a.jpg", "max.jpg"), record) == {}
