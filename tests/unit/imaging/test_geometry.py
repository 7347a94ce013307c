import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.imaging.geometry import Box, Fitted, Size, fit
from imagemill.preset import COMPASS, Preset
from imagemill.recipe import Recipe

LONGEST = 65_500

sizes = st.builds(Size, st.integers(1, 20_000), st.integers(1, 20_000))
lengths = st.integers(1, 16_382)
shares = st.floats(0, 1).map(lambda value: round(value, 4))
fits = st.sampled_from(["inside", "cover", "exact", "pad"])
crops = st.one_of(
    st.just(""),
    st.just(":square"),
    st.builds(":crop{}x{}".format, lengths, lengths),
    st.builds(":crop{}x{}x{}x{}".format, lengths, lengths, lengths, lengths),
    st.builds(":pcrop{}x{}x{}x{}".format, *[st.integers(1, 100)] * 4),
)
scales = st.one_of(st.just(""), st.builds(":scale{}".format, st.integers(1, 100)))
recipes = st.builds(
    "x={}x{}:{}:focus{}x{}{}{}".format, lengths, lengths, fits, shares, shares, crops, scales
)


def preset(text: str) -> Preset:
    return Recipe.parse(text).presets[0]


def fitted(text: str, width: int, height: int) -> Fitted:
    return fit(Size(width, height), preset(text), LONGEST)


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("crop40x30", Box(30, 15, 70, 45)),
        ("crop40x30:northwest", Box(0, 0, 40, 30)),
        ("crop40x30:southeast", Box(60, 30, 100, 60)),
        ("crop40x30:focus0.3x0.5", Box(10, 15, 50, 45)),
        ("crop40x30x5x7", Box(5, 7, 45, 37)),
        ("crop40x30x5x7:south", Box(5, 7, 45, 37)),
        ("crop40x30x80x50", Box(80, 50, 100, 60)),
        ("crop400x300", Box(0, 0, 100, 60)),
        ("crop40x30x100x7", Box(60, 7, 100, 37)),
        ("crop0.2x0.2x10x10", Box(10, 10, 11, 11)),
        ("pcrop50x50", Box(25, 15, 75, 45)),
        ("pcrop10x10x90x90", Box(90, 54, 100, 60)),
        ("pcrop33.3333x100x33.3333x0", Box(33, 0, 67, 60)),
        ("square", Box(20, 0, 80, 60)),
        ("square:west", Box(0, 0, 60, 60)),
        ("square:focus0.4x0.9", Box(10, 0, 70, 60)),
    ],
)
def test_a_crop_is_a_part_of_the_original(option: str, part: Box) -> None:
    assert fitted(f"x=500:{option}", 100, 60).part == part


@pytest.mark.parametrize(
    ("focus", "left"),
    [("", 200), (":west", 0), (":east", 400), (":focus0.4x0", 80), (":focus0.9x1", 400)],
)
def test_covering_keeps_the_focus_in_the_middle_where_it_can(focus: str, left: int) -> None:
    part = fitted(f"x=100x100:cover{focus}", 1200, 800).part

    assert part == Box(left, 0, left + 800, 800)


def test_covering_finds_the_focus_in_a_part_that_it_has_placed() -> None:
    part = fitted("x=100x100:cover:crop600x400:focus0.2x0.5", 1200, 800).part

    # The focus, at 240, is nearer to the left than to the middle of the part from 0 to 600.
    assert part == Box(40, 200, 440, 600)


def test_covering_finds_the_focus_in_a_part_with_a_place() -> None:
    part = fitted("x=100x100:cover:crop600x400x100x200:east", 1200, 800).part

    assert part == Box(300, 200, 700, 600)


@pytest.mark.parametrize(
    ("recipe", "size"),
    [
        ("x=500:scale50", Size(500, 250)),
        ("x=500:scale0.01", Size(1, 1)),
        ("x=2000:scale12.5", Size(200, 100)),
        ("x=500x100:cover:scale10", Size(160, 32)),
        ("x=300x300:exact", Size(300, 300)),
        ("x=4000x4000:exact", Size(800, 800)),
        ("x=4000x400:exact", Size(1600, 160)),
        ("x=300x300:exact:scale25", Size(200, 200)),
        ("x=3000x3000:cover", Size(800, 800)),
    ],
)
def test_a_size_is_never_larger_than_the_part(recipe: str, size: Size) -> None:
    assert fitted(recipe, 1600, 800).canvas == size


def test_a_scaled_part_is_rounded_once() -> None:
    # Half of 100 × 89 is 50 × 45, of which a third would be 33 × 30.
    assert fitted("x=33:scale50", 100, 89).canvas == Size(33, 29)


@pytest.mark.parametrize(
    ("recipe", "place"),
    [
        ("x=400x400:pad", Box(0, 100, 400, 300)),
        ("x=400x400:pad:north", Box(0, 0, 400, 200)),
        ("x=400x400:pad:southeast", Box(0, 200, 400, 400)),
        ("x=400x400:pad:focus0.5x0.25", Box(0, 50, 400, 250)),
        ("x=2000x1000:pad", Box(200, 100, 1800, 900)),
        ("x=2000x1000:pad:northwest", Box(0, 0, 1600, 800)),
        ("x=400x200:pad", Box(0, 0, 400, 200)),
    ],
)
def test_padding_fills_the_box_around_the_image(recipe: str, place: Box) -> None:
    whole = fitted(recipe, 1600, 800)

    assert whole.place == place
    assert whole.canvas == Size(preset(recipe).width, preset(recipe).height)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (":cover:around0.75x0.5", Box(800, 0, 1600, 800)),
        (":cover:around0.75x0.5:west", Box(0, 0, 800, 800)),
        (":cover:around0.75x0.5:centre", Box(400, 0, 1200, 800)),
        (":square:around0.625x0", Box(600, 0, 1400, 800)),
        (":crop200x200:around0.25x0.25", Box(300, 100, 500, 300)),
        # 800 px from the left are the middle of the original, and 100 px from the part's edge.
        (":cover:crop500x100x700x0:around0.5x0.5", Box(750, 0, 850, 100)),
        (":cover:crop500x100x700x0:focus0.2x0.5", Box(750, 0, 850, 100)),
        (":cover:crop500x100x700x0:around0x0", Box(700, 0, 800, 100)),
    ],
)
def test_the_focal_point_of_an_image_is_a_point_of_the_original(options: str, part: Box) -> None:
    assert fitted(f"x=50x50{options}", 1600, 800).part == part


def test_the_focal_point_of_an_image_does_not_place_it_in_the_padding() -> None:
    found = fitted("x=50x50:pad:crop200x100:around0x0", 1600, 800)

    assert found == Fitted(Box(0, 0, 200, 100), Size(50, 50), Box(0, 12, 50, 37))


@pytest.mark.parametrize("name", ["cover", "exact", "pad"])
def test_a_box_without_a_height_only_limits_the_width(name: str) -> None:
    free = Preset("x", 400, 16_383, fit=preset(f"x=9x9:{name}").fit)

    found = fit(Size(1600, 800), free, LONGEST)

    assert found == Fitted(Box(0, 0, 1600, 800), Size(400, 200), Box(0, 0, 400, 200))


@given(sizes, recipes)
def test_the_part_lies_inside_the_image(whole: Size, recipe: str) -> None:
    part = fit(whole, preset(recipe), LONGEST).part

    assert Box(0, 0, whole.width, whole.height).contains(part)
    assert part.width >= 1
    assert part.height >= 1


@given(sizes, recipes)
def test_nothing_is_enlarged_and_nothing_leaves_the_box(whole: Size, recipe: str) -> None:
    found, box = fit(whole, preset(recipe), LONGEST), preset(recipe)

    assert 1 <= found.place.width <= min(found.part.width, box.width)
    assert 1 <= found.place.height <= min(found.part.height, box.height)
    assert Box(0, 0, found.canvas.width, found.canvas.height).contains(found.place)
    assert found.canvas.width <= box.width
    assert found.canvas.height <= box.height


@given(sizes, st.sampled_from(sorted(COMPASS)), lengths, lengths)
def test_a_crop_lies_as_near_to_its_focus_as_the_image_allows(
    whole: Size, name: str, width: int, height: int
) -> None:
    part = fitted(f"x=500:crop{width}x{height}:{name}", whole.width, whole.height).part

    middle = (part.left + part.right) / 2 - COMPASS[name][0] * whole.width
    assert part.left == 0 or middle <= 1
    assert part.right == whole.width or middle >= -1
