from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.errors import ConfigurationInvalid
from imagemill.preset import (
    FITS,
    MAX_BYTES,
    MAX_EFFORT,
    MAX_SIDE,
    OUTPUT_FORMATS,
    ROTATIONS,
    Crop,
    Preset,
)
from imagemill.recipe import Recipe

ROOT = Path(__file__).parents[2]


def decimals(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(least, most).map(lambda value: round(value, 4))


shares, percents, sigmas = decimals(0, 1), decimals(0.0001, 100), decimals(0.0001, 100)
sides = st.integers(1, 99_999)
crops = st.one_of(
    st.just(Crop("square")),
    st.builds(Crop, st.just("px"), sides, sides),
    st.builds(Crop, st.just("px"), sides, sides, sides, sides),
    st.builds(Crop, st.just("percent"), percents, percents, shares, percents),
)


def test_a_single_number_is_a_recipe() -> None:
    recipe = Recipe.parse("500")

    assert recipe.presets == (Preset("500", 500, 500, "inside", "keep", None),)


def test_every_option_of_a_preset_can_be_set() -> None:
    recipe = Recipe.parse("thumb=160x120:cover:webp:q75:e4, 500,\n wide=1600x:avif:e0 , x400")

    assert recipe.presets == (
        Preset("thumb", 160, 120, "cover", "webp", 75, 4),
        Preset("500", 500, 500),
        Preset("wide", 1600, MAX_SIDE, format="avif", effort=0),
        Preset("x400", MAX_SIDE, 400),
    )


def test_every_edit_of_a_preset_can_be_set() -> None:
    text = "x=400x300:pad:keep:pcrop50x25x12.5x0:scale80:focus0.25x1:mirror:rotate270:bitonal"
    recipe = Recipe.parse(f"{text}:blur2.5:sharpen0.75:bgff00cc")

    assert recipe.presets == (
        Preset(
            "x",
            400,
            300,
            "pad",
            crop=Crop("percent", 50, 25, 12.5, 0),
            scale=80,
            focus=(0.25, 1),
            mirror=True,
            rotation=270,
            tone="bitonal",
            blur=2.5,
            sharpen=0.75,
            background="ff00cc",
        ),
    )
    assert str(recipe) == f"{text}:blur2.5:sharpen0.75:bgff00cc"


def test_the_documented_edits_are_options() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    rows = page.partition("### Edits")[2].partition("### Focal points")[0].splitlines()
    examples = [row.split("`")[-2] for row in rows if row.count("`") >= 4]

    assert len(examples) >= 15
    assert all(Recipe.parse(example).presets[0].edits() for example in examples)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "at least one preset"),
        ("50O", "expected a box such as 500, 800x600, 800x or x600 for '50O', got '50O'"),
        ("a=0", "sides from 1 to 16383 px for 'a'"),
        ("99999", "sides from 1 to 16383 px for '99999'"),
        ("500:q0", "got 'q0'"),
        ("500:q101", "got 'q101'"),
        ("500:e7", "an effort (e0 to e6) for '500', got 'e7'"),
        ("500:e10", "got 'e10'"),
        ("500:jpg", "got 'jpg'"),
        ("500:crop0x5", "got 'crop0x5'"),
        ("500:crop5", "got 'crop5'"),
        ("500:pcrop101x5", "got 'pcrop101x5'"),
        ("500:scale0", "got 'scale0'"),
        ("500:scale101", "got 'scale101'"),
        ("500:focus1.1x0", "got 'focus1.1x0'"),
        ("500:rotate45", "got 'rotate45'"),
        ("500:bgFFFFFF", "got 'bgFFFFFF'"),
        ("500:blur101", "got 'blur101'"),
        ("500:sharpen0", "got 'sharpen0'"),
        ("500:max0", "got 'max0'"),
        ("500:max=101MB", "got 'max=101MB'"),
        ("500:max80k", "got 'max80k'"),
        ("a=x500:pad", "both sides of the box for pad in 'a'"),
        ("a=500x:exact", "both sides of the box for exact in 'a'"),
        ("500:png:q80", "expected no quality for png"),
        ("500:png:quality=auto", "expected no quality for png"),
        ("500:quality=auto:29", "quality=auto:30"),
        ("500:quality=auto:91", "got 'qauto91'"),
        ("Ü=500", "expected a name of a-z"),
        ("../x=500", "expected a name of a-z"),
        ("=500", "expected a name of a-z"),
        ("a=500,a=600", "'a' is used 2 times"),
        ("a=x500:cover", "both sides of the box for cover in 'a'"),
        ("٥٠٠", "expected a box"),
        (",".join(f"p{i}=9" for i in range(21)), "at most 20 presets, got 21"),
    ],
)
def test_an_invalid_preset_is_reported(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        Recipe.parse(text)

    assert complaint in str(caught.value)


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        Recipe.parse("a=0,b=5:q101:foo,a=7")

    assert str(caught.value).count(";") == 3


def test_the_hash_of_the_default_never_changes() -> None:
    digest = Recipe.parse("500").hash

    assert digest == "4b10faf7d44a8c97"


@pytest.mark.parametrize("same", ["500=500", "500x500, 500", "500=500x500:inside:keep"])
def test_explicit_defaults_give_the_same_preset(same: str) -> None:
    presets = Recipe.parse(same).presets

    assert Preset("500", 500, 500) in presets


def test_order_does_not_change_the_hash() -> None:
    one, other = Recipe.parse("a=1,b=2"), Recipe.parse("b=2,a=1")

    assert one.hash == other.hash


@pytest.mark.parametrize(
    "other",
    [
        *("501", "x=500", "500:webp", "500:cover", "500:q82", "500:e0", "500:e6", "500,9"),
        *("500:qauto", "500:qauto76"),
        *("500:crop9x9", "500:pcrop9x9", "500:crop9x9x0x0", "500:square", "500:scale50"),
        *("500:north", "500:mirror", "500:rotate90", "500:gray", "500:bitonal", "500:blur1"),
        *("500:sharpen1", "500:bg000000", "500:exact", "500:pad", "500:centre", "500:around0x1"),
    ],
)
def test_every_option_changes_the_hash(other: str) -> None:
    assert Recipe.parse(other).hash != Recipe.parse("500").hash


@given(
    st.lists(
        st.builds(
            Preset,
            name=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True),
            width=st.integers(1, MAX_SIDE),
            height=st.integers(1, MAX_SIDE),
            fit=st.sampled_from(FITS),
            format=st.sampled_from([name for name in OUTPUT_FORMATS if name != "png"]),
            quality=st.none() | st.integers(1, 100),
            effort=st.none() | st.integers(0, MAX_EFFORT),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda preset: preset.name,
    )
)
def test_the_canonical_text_reads_back_as_the_same_recipe(presets: list[Preset]) -> None:
    recipe = Recipe(tuple(sorted(presets, key=str)))

    assert Recipe.parse(str(recipe)) == recipe


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(("quality=auto", "qauto75"), ("q=auto", "qauto75"), ("qauto", "qauto75")),
        *(("quality=auto:80", "qauto80"), ("q=auto : 80", "qauto80"), ("qauto:80", "qauto80")),
        *(("quality=auto80", "qauto80"), ("q80:qauto", "qauto75"), ("qauto:q80", "q80")),
    ],
)
def test_a_score_takes_the_place_of_the_quality(text: str, word: str) -> None:
    recipe = Recipe.parse(f"500:{text}:webp, 20:webp")

    assert str(recipe) == f"20=20x20:inside:webp,500=500x500:inside:webp:{word}"


def test_the_focal_point_of_an_image_places_the_crops_without_a_focus() -> None:
    recipe = Recipe.parse(
        "a=9x9:cover,b=9x9:cover:centre,c=9,d=9x9:pad,e=9x9:pad:square,f=9:crop5x5x1x1"
    )

    assert str(recipe.around((0.25, 1))) == (
        "a=9x9:cover:keep:around0.25x1,b=9x9:cover:keep:focus0.5x0.5,c=9x9:inside:keep,"
        "d=9x9:pad:keep,e=9x9:pad:keep:square:around0.25x1,f=9x9:inside:keep:crop5x5x1x1"
    )


def test_the_focal_point_of_an_image_replaces_that_of_the_recipe() -> None:
    recipe = Recipe.parse("a=9x9:cover:around0.5x0.3")

    assert str(recipe.around((0.25, 1))) == "a=9x9:cover:keep:around0.25x1"
    assert recipe.around(None) is recipe


@given(
    st.builds(
        Preset,
        name=st.just("x"),
        width=st.integers(1, MAX_SIDE),
        height=st.integers(1, MAX_SIDE),
        crop=st.none() | crops,
        scale=st.none() | percents,
        focus=st.none() | st.tuples(shares, shares),
        around=st.none() | st.tuples(shares, shares),
        mirror=st.booleans(),
        rotation=st.sampled_from(ROTATIONS),
        tone=st.sampled_from(["colour", "gray", "bitonal"]),
        blur=st.just(0) | sigmas,
        sharpen=st.just(0) | sigmas,
        background=st.none() | st.from_regex("[0-9a-f]{6}", fullmatch=True),
        max_bytes=st.none() | st.integers(1, MAX_BYTES),
    )
)
def test_edits_read_back_as_the_same(preset: Preset) -> None:
    assert Recipe.parse(str(preset)).presets == (preset,)


@pytest.mark.parametrize("word", ["max=80kB", "max80kb", "max80KB", "max80000", "max=80000B"])
def test_the_most_bytes_have_one_canonical_text(word: str) -> None:
    recipe = Recipe.parse(f"500:{word}")

    assert recipe.presets[0].max_bytes == 80_000
    assert str(recipe) == "500=500x500:inside:keep:max80000"


def test_megabytes_are_decimal() -> None:
    assert Recipe.parse("500:max=2MB").presets[0].max_bytes == 2_000_000
