"""The object that a variant is made from."""

from dataclasses import replace

import pytest

from imagemill.domain.image_request import ImageRequest
from imagemill.domain.keys import image_id, rendition_key
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from imagemill.preset import Preset
from imagemill.recipe import Recipe
from imagemill.transform.source import ORIGINAL, choose_source

RECIPE = Recipe.parse("big=2000, small=500, webp=1600:webp, square=1000x1000:cover, low=1800:q60")
SIZES = {
    "big": (2000, 1333, "jpeg"),
    "small": (500, 333, "jpeg"),
    "webp": (1600, 1067, "webp"),
    "square": (1000, 1000, "jpeg"),
    "low": (1800, 1200, "jpeg"),
}
PHOTO = Original(5_000_000, 6000, 4000, "jpeg", 1)


def record_of(
    original: Original | None = PHOTO,
    sizes: dict[str, tuple[int, int, str]] = SIZES,
    recipe: Recipe = RECIPE,
) -> ImageRecord:
    renditions = {
        name: StoredRendition(rendition_key(name, "a"), width * height, width, height, to)
        for name, (width, height, to) in sizes.items()
    }
    return ImageRecord(
        id=image_id("a"),
        key="a",
        filename="a",
        status="ready",
        sequencer="01",
        uploaded_at="",
        original=original,
        renditions=renditions,
        recipe=recipe.hash,
    )


def preset_of(canonical: str) -> Preset:
    request = ImageRequest.parse_key(f"~t/{image_id('a')}/{canonical}")
    assert request is not None
    return request.preset


@pytest.mark.parametrize(
    ("canonical", "name"),
    [
        # The smallest JPEG with four times the pixels on each side.
        ("125x.jpg", "small"),
        ("126x.jpg", "big"),
        ("500x.webp", "big"),
        ("501x.webp", ORIGINAL),
        ("max.webp", ORIGINAL),
        # A height limits, too.
        ("x83.webp", "small"),
        ("x84.webp", "big"),
        # The whole image at the scale of the crop counts: 100 × 80 is cut from 120 × 80.
        ("100x80_cover.webp", "small"),
        ("100x84_cover.webp", "big"),
        ("400x400_cover.webp", ORIGINAL),
        ("125x50_exact.jpg", "small"),
        ("125x100_exact.jpg", "big"),
        ("125x.keep", "small"),
        # Pixels of the original are counted.
        ("100x_crop300x300.jpg", ORIGINAL),
        ("100x_scale50.jpg", ORIGINAL),
        ("100x100_pad.jpg", ORIGINAL),
        # Edits after scaling are made as from the original.
        ("100x_mirror_rotate90_gray.jpg", "small"),
    ],
)
def test_the_smallest_rendition_that_is_large_enough_is_used(canonical: str, name: str) -> None:
    source = choose_source(record_of(), preset_of(canonical), RECIPE)

    assert source.name == name
    assert (source.rendition is None) == (name == ORIGINAL)


@pytest.mark.parametrize(
    "record",
    [
        record_of(recipe=Recipe.parse("500")),
        record_of(original=None),
        record_of(original=replace(PHOTO, width=None)),
        record_of(original=replace(PHOTO, frames=12)),
        record_of(sizes={}),
        record_of(sizes={"unknown": SIZES["big"]}),
        record_of(sizes={"square": SIZES["square"]}),
        record_of(sizes={"low": SIZES["low"]}),
    ],
    ids=[
        "other recipe",
        "no original",
        "no size",
        "animation",
        "no renditions",
        "no preset",
        "cropped",
        "low quality",
    ],
)
def test_otherwise_the_original_is_used(record: ImageRecord) -> None:
    assert choose_source(record, preset_of("100x.webp"), RECIPE).name == ORIGINAL


@pytest.mark.parametrize(
    ("recipe", "original", "made", "canonical", "name"),
    [
        # A JPEG of a PNG may have lost transparency.
        ("p=1000:jpeg", "png", "jpeg", "100x.webp", ORIGINAL),
        # A lossless source need be only twice as large, a lossy one of other formats is not used.
        ("p=1000", "png", "png", "500x.webp", "p"),
        ("p=1000", "png", "png", "501x.webp", ORIGINAL),
        ("p=1000:webp", "jpeg", "webp", "100x.webp", ORIGINAL),
        # `keep` keeps the original's format, which a rendition in a named format has lost.
        ("p=1000:png", "jpeg", "png", "100x.webp", "p"),
        ("p=1000:png", "jpeg", "png", "100x.keep", ORIGINAL),
        # `keep` makes JPEG only of images without transparency.
        ("p=1000", "heic", "jpeg", "100x.webp", "p"),
        ("p=1000", "tiff", "png", "100x.keep", "p"),
        ("p=1000:rotate90", "jpeg", "jpeg", "100x.jpg", ORIGINAL),
    ],
)
def test_nothing_that_the_variant_shows_may_be_lost(
    recipe: str, original: str, made: str, canonical: str, name: str
) -> None:
    parsed = Recipe.parse(recipe)
    record = record_of(replace(PHOTO, format=original), {"p": (1000, 667, made)}, parsed)

    assert choose_source(record, preset_of(canonical), parsed).name == name


def test_a_variant_has_the_size_that_the_original_gives_it() -> None:
    # 2001 × 1335 px would give 334, the original gives 333.
    record = record_of(replace(PHOTO, width=6000, height=3999), {"big": (2001, 1335, "jpeg")})

    preset = choose_source(record, preset_of("500x.jpg"), RECIPE).preset

    assert (preset.width, preset.height, preset.fit) == (500, 333, "exact")


def test_a_jpeg_whose_quality_was_chosen_low_for_a_score_is_no_source() -> None:
    recipe = Recipe.parse("big=2000:jpeg:quality=auto")
    record = record_of(sizes={"big": SIZES["big"]}, recipe=recipe)
    chosen = [replace(record.renditions["big"], quality=quality) for quality in (81, 82)]

    sources = [
        choose_source(replace(record, renditions={"big": one}), preset_of("125x.jpg"), recipe)
        for one in chosen
    ]

    assert [source.name for source in sources] == [ORIGINAL, "big"]


def test_the_quality_of_png_which_is_lossless_is_left_out() -> None:
    source = choose_source(record_of(), preset_of("max_q75.png"), RECIPE)

    assert source.preset.quality is None
    assert Recipe.parse(str(source.preset))


@pytest.mark.parametrize(
    ("hdr", "canonical", "name"),
    [
        (None, "320x320.keep", ORIGINAL),
        ("gain_map", "320x320.keep", "big"),
        (None, "320x320_hdroff.keep", "big"),
    ],
)
def test_a_gain_map_that_the_rendition_lacks_comes_from_the_original(
    hdr: str | None, canonical: str, name: str
) -> None:
    record = record_of(replace(PHOTO, hdr="gain_map"))
    renditions = {one: replace(made, hdr=hdr) for one, made in record.renditions.items()}

    source = choose_source(replace(record, renditions=renditions), preset_of(canonical), RECIPE)

    assert source.name == name
