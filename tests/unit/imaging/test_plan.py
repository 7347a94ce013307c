import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Box, Size, crop_to_ratio, fit_inside
from imagemill.imaging.orientation import as_stored
from imagemill.imaging.plan import Plan, make_plan, size_to_decode, size_to_draw_from
from imagemill.imaging.sniff import Kind
from imagemill.recipe import Preset, Recipe

sides = st.integers(1, 20_000)
sizes = st.builds(Size, sides, sides)
boxes = st.builds(Size, st.integers(1, 16_383), st.integers(1, 16_383))


def plan_for(facts: Facts, recipe: str) -> Plan:
    return make_plan(facts, Recipe.parse(recipe).presets[0])


@pytest.mark.parametrize(
    ("size", "box", "fitted"),
    [
        (Size(1200, 800), Size(400, 400), Size(400, 267)),
        (Size(800, 1200), Size(400, 400), Size(267, 400)),
        (Size(1000, 501), Size(500, 500), Size(500, 251)),
        (Size(1000, 1000), Size(500, 300), Size(300, 300)),
        (Size(1, 1000), Size(500, 500), Size(1, 500)),
        (Size(940, 2), Size(500, 500), Size(500, 1)),
        (Size(20_000, 1), Size(10, 10), Size(10, 1)),
        (Size(300, 200), Size(500, 500), Size(300, 200)),
        (Size(500, 500), Size(500, 500), Size(500, 500)),
    ],
)
def test_an_image_is_fitted_by_exact_rounding(size: Size, box: Size, fitted: Size) -> None:
    assert fit_inside(size, box) == fitted


@given(sizes, boxes)
def test_an_image_is_never_enlarged_and_never_leaves_the_box(size: Size, box: Size) -> None:
    fitted = fit_inside(size, box)

    assert 1 <= fitted.width <= min(size.width, box.width)
    assert 1 <= fitted.height <= min(size.height, box.height)


@given(sizes, boxes)
def test_the_ratio_is_kept_within_rounding(size: Size, box: Size) -> None:
    fitted = fit_inside(size, box)

    off_width = abs(fitted.width - fitted.height * size.width / size.height)
    off_height = abs(fitted.height - fitted.width * size.height / size.width)
    assert min(off_width, off_height) <= 0.5 or 1 in (fitted.width, fitted.height)


@given(sizes, boxes)
def test_an_image_that_must_shrink_touches_the_box(size: Size, box: Size) -> None:
    fitted = fit_inside(size, box)

    assert fitted == size or fitted.width == box.width or fitted.height == box.height


@given(sizes, boxes)
def test_a_crop_lies_inside_the_image_and_touches_two_of_its_edges(size: Size, box: Size) -> None:
    crop = crop_to_ratio(size, box)

    assert crop.left >= 0
    assert crop.top >= 0
    assert crop.right <= size.width
    assert crop.bottom <= size.height
    assert crop.width == size.width or crop.height == size.height


@given(sizes, boxes)
def test_a_crop_is_in_the_middle(size: Size, box: Size) -> None:
    crop = crop_to_ratio(size, box)

    assert 0 <= (size.width - crop.right) - crop.left <= 1
    assert 0 <= (size.height - crop.bottom) - crop.top <= 1


@given(sizes, boxes)
def test_covering_never_enlarges_and_never_leaves_the_box(size: Size, box: Size) -> None:
    preset = Preset("x", box.width, box.height, fit="cover")

    plan = make_plan(Facts("jpeg", 1000, size.width, size.height), preset)

    assert 1 <= plan.size.width <= min(size.width, box.width)
    assert 1 <= plan.size.height <= min(size.height, box.height)


@pytest.mark.parametrize(
    ("facts", "recipe", "size", "crop"),
    [
        (Facts("jpeg", 1, 1200, 800), "x=200x200:cover", Size(200, 200), Box(200, 0, 1000, 800)),
        (Facts("jpeg", 1, 800, 1200), "x=200x100:cover", Size(200, 100), Box(0, 400, 800, 800)),
        (Facts("jpeg", 1, 300, 100), "x=200x200:cover", Size(100, 100), Box(100, 0, 200, 100)),
        (Facts("jpeg", 1, 90, 60), "x=200x200:cover", Size(60, 60), Box(15, 0, 75, 60)),
    ],
)
def test_covering_crops_to_the_ratio_of_the_box(
    facts: Facts, recipe: str, size: Size, crop: Box
) -> None:
    plan = plan_for(facts, recipe)

    assert (plan.size, plan.crop) == (size, crop)


@pytest.mark.parametrize(
    ("kind", "has_alpha", "kept"),
    [
        ("jpeg", False, "jpeg"),
        ("png", False, "png"),
        ("webp", True, "webp"),
        ("gif", True, "gif"),
        ("avif", False, "avif"),
        ("heic", False, "jpeg"),
        ("heic", True, "png"),
        ("tiff", False, "jpeg"),
        ("tiff", True, "png"),
        ("bmp", False, "jpeg"),
        ("jp2", False, "jpeg"),
        ("ico", True, "png"),
    ],
)
def test_keep_keeps_the_formats_that_the_web_can_show(
    kind: Kind, has_alpha: bool, kept: str
) -> None:
    facts = Facts(kind, 1, 10, 10, has_alpha=has_alpha)

    assert plan_for(facts, "500").format == kept


@pytest.mark.parametrize(
    ("recipe", "quality"),
    [("500", 82), ("500:webp", 80), ("500:avif", 62), ("500:webp:q33", 33)],
)
def test_quality_is_the_default_of_the_format_unless_requested(recipe: str, quality: int) -> None:
    assert plan_for(Facts("jpeg", 1, 10, 10), recipe).quality == quality


@pytest.mark.parametrize(
    ("facts", "recipe", "must_not_grow", "may_copy"),
    [
        (Facts("jpeg", 1, 500, 300), "500", True, True),
        (Facts("jpeg", 1, 501, 300), "500", False, False),
        (Facts("jpeg", 1, 500, 300), "500:webp", False, False),
        (Facts("heic", 1, 500, 300), "500", True, False),
        (Facts("gif", 1, 50, 30, frames=3), "500", True, True),
        (Facts("avif", 1, 50, 30, frames=3), "500", True, True),
    ],
)
def test_an_image_that_already_fits_must_not_grow(
    facts: Facts, recipe: str, must_not_grow: bool, may_copy: bool
) -> None:
    plan = plan_for(facts, recipe)

    assert (plan.must_not_grow, plan.may_copy) == (must_not_grow, may_copy)


@pytest.mark.parametrize(
    ("recipe", "orientation", "needed"),
    [
        ("500", 1, Size(1000, 750)),
        ("500", 6, Size(750, 1000)),
        ("500,100", 1, Size(1000, 750)),
        ("3000", 1, Size(4000, 3000)),
        ("x=500x500:cover", 1, Size(1334, 1000)),
    ],
)
def test_twice_the_pixels_of_the_largest_preset_are_decoded(
    recipe: str, orientation: int, needed: Size
) -> None:
    facts = Facts("jpeg", 1, 4000, 3000, orientation=orientation)
    plans = [make_plan(facts, preset) for preset in Recipe.parse(recipe).presets]

    assert size_to_decode(facts, plans) == needed


@pytest.mark.parametrize(("orientation", "needed"), [(1, Size(400, 300)), (6, Size(300, 400))])
def test_an_image_of_another_preset_needs_a_third_more_pixels(
    orientation: int, needed: Size
) -> None:
    facts = Facts("jpeg", 1, 4000, 3000, orientation=orientation)

    assert size_to_draw_from(facts, plan_for(facts, "300")) == needed


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_a_box_is_mapped_to_the_stored_rows(orientation: int, turn: Image.Transpose) -> None:
    stored = Image.frombytes("L", (7, 5), bytes(range(35)))
    displayed = stored.transpose(turn)

    box = as_stored(Box(1, 2, 4, 4), Size(*displayed.size), orientation)

    part = stored.crop((box.left, box.top, box.right, box.bottom)).transpose(turn)
    assert part.tobytes() == displayed.crop((1, 2, 4, 4)).tobytes()
