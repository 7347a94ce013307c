"""Billed durations: the terms of an image, and the model of the package on its measurements."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.billed_cases import cases
from benchmarks.fit import errors, fit
from imagemill.costs.durations import (
    CORE_MB,
    MOST_AT_ONCE,
    Batch,
    DurationModel,
    LinearFit,
    Point,
    duration_model,
    measured,
)
from imagemill.costs.work import (
    FORMATS,
    MOVING,
    Efforts,
    Format,
    outputs,
    relative_bytes,
    work_terms,
)
from imagemill.recipe import Recipe

WAIT = LinearFit(100, 2)
KNOWN = {
    "read jpeg": 10.0,
    "decode jpeg, MP": 4.0,
    "decode jpeg in detail, MP": 2.0,
    "planes of jpeg, MP": 3.0,
    "draw from planes, MP": 1.5,
    "make jpeg": 1.0,
    "encode jpeg, MP": 20.0,
    "make webp": 2.0,
    "encode webp, MP": 90.0,
}
EFFORTS: Efforts = {"webp": (0.5, 0.6, 1.0, 1.4, 1.8, 2.5, 3.0)}
MODEL = DurationModel(WAIT, KNOWN, EFFORTS, {})
# One preset of 1 MP, of an original of 12 MP.
ONE = Recipe.parse("1155x866")
# Four samples are kept on the side of a block.
ONE_MS = 10 + 4 * 12 + 2 * 12 + (3 + 1.5) * 12 / 4 + 1 + 20
RECIPES = ("500", "800", "1600", "2048", "320, 1280", "500:webp", "1600:webp", "200x200:cover")


@pytest.mark.parametrize(
    ("kind", "recipe", "expected"),
    [
        ("jpeg", "500", [("jpeg", 0.1875)]),
        ("heic", "500", [("jpeg", 0.1875)]),
        ("png", "500, 1000:webp", [("png", 0.1875), ("webp", 0.75)]),
        ("jpeg", "160x160:cover", [("jpeg", 0.0256)]),
        ("jpeg", "9000", [("jpeg", 12.0)]),
    ],
)
def test_the_outputs_of_an_original_are_sized_as_it_is_rendered(
    kind: Format, recipe: str, expected: list[tuple[str, float]]
) -> None:
    made = outputs(12, kind, Recipe.parse(recipe))

    assert [each.format for each in made] == [to for to, _ in expected]
    assert [each.megapixels for each in made] == pytest.approx([size for _, size in expected])


def test_a_jpeg_is_decoded_as_far_as_its_largest_rendition_needs() -> None:
    terms = work_terms(12, "jpeg", Recipe.parse("1000, 500"), {})

    # Of 4,000 px, 1,000 with 8/5 samples each are 3.2 of 8: four samples on the side of a block.
    assert terms["planes of jpeg, MP"] == pytest.approx(12 / 4)
    assert terms["draw from planes, MP"] == pytest.approx(12 / 4 + 16 * 0.1875)
    assert terms["encode jpeg, MP"] == pytest.approx(0.75 + 0.1875)
    assert terms["make jpeg"] == 2


def test_a_raw_file_is_read_and_then_decoded_as_its_jpeg() -> None:
    raw, jpeg = (work_terms(12, kind, Recipe.parse("500"), {}) for kind in ("raw", "jpeg"))

    assert raw.pop("read raw") == jpeg.pop("read jpeg") == 1
    assert raw == jpeg


@pytest.mark.parametrize(("recipe", "megapixels"), [("500", 0.1875), ("500:hdr=off, 800:webp", 0)])
def test_a_gain_map_is_made_for_each_jpeg_that_keeps_it(recipe: str, megapixels: float) -> None:
    terms = work_terms(12, "ultrahdr", Recipe.parse(recipe), {})

    assert terms["gain maps, MP"] == pytest.approx(megapixels)


def test_of_an_animation_each_frame_is_decoded_drawn_and_encoded() -> None:
    recipe = Recipe.parse("500, 800:webp")

    terms = work_terms(0.3, "gif", recipe, {}, 40)

    assert terms == pytest.approx(
        {
            "read moving gif": 1,
            "decode moving gif, MP": 40 * 0.3,
            "draw from frames, MP": 40 * (0.3 + 0.3),
            "make moving gif": 40,
            "encode moving gif, MP": 40 * 0.1875,
            "make moving webp": 40,
            "encode moving webp, MP": 40 * 0.3,
        },
        rel=0.01,
    )


def test_an_animation_that_becomes_a_jpeg_is_a_still_image() -> None:
    still, moving = (
        work_terms(0.3, "gif", Recipe.parse("500:jpeg"), {}, frames) for frames in (1, 40)
    )

    assert moving == still


def test_a_jpeg_beside_a_moving_rendition_is_encoded_once() -> None:
    terms = work_terms(0.3, "webp", Recipe.parse("500, 400:jpeg"), {}, 40)

    assert terms["make jpeg"] == 1
    assert terms["encode jpeg, MP"] == pytest.approx(0.12)
    assert terms["draw from frames, MP"] == pytest.approx(40 * 0.3 + 0.3)


@pytest.mark.parametrize("kind", MOVING)
def test_more_frames_never_take_less_time_or_bytes(kind: Format) -> None:
    model, recipe = duration_model(), Recipe.parse("320, 240:avif")
    few, many = (Batch(0.3, kind, recipe, frames=frames) for frames in (2, 20))

    assert model.ms(few) < model.ms(many)
    assert relative_bytes(kind, 20) == pytest.approx(10 * relative_bytes(kind, 2))
    assert model.renditions_bytes(0.3, kind, recipe, 20) == pytest.approx(
        10 * model.renditions_bytes(0.3, kind, recipe, 2)
    )


def test_a_raw_file_takes_longer_to_fetch() -> None:
    raw, jpeg = (WAIT.at(12 * relative_bytes(kind)) for kind in ("raw", "jpeg"))

    assert MODEL.ms(Batch(12, "raw", ONE)) - MODEL.work_ms(12, "raw", ONE) == pytest.approx(raw)
    assert raw > jpeg


@pytest.mark.parametrize(("recipe", "detailed"), [("500", 0), ("1600", 12)])
def test_more_coefficients_are_read_for_a_larger_rendition(recipe: str, detailed: float) -> None:
    terms = work_terms(12, "jpeg", Recipe.parse(recipe), {})

    assert terms["decode jpeg in detail, MP"] == detailed


def test_an_effort_multiplies_the_work_of_encoding() -> None:
    plain, hard = (
        work_terms(12, "jpeg", Recipe.parse(f"500:webp{effort}"), EFFORTS)["encode webp, MP"]
        for effort in ("", ":e5")
    )

    assert hard == pytest.approx(2.5 * plain)


def test_other_formats_are_resampled_for_each_rendition_at_most_in_full() -> None:
    terms = work_terms(2, "png", Recipe.parse("1000:jpeg, 500:jpeg"), {})

    assert terms["draw from pixels, MP"] == pytest.approx(2 + 4 * 0.1875)


@pytest.mark.parametrize(
    ("batch", "ms"),
    [
        (Batch(12, recipe=ONE), 124 + ONE_MS),
        (Batch(12, recipe=ONE, images=10), 124 + 10 * ONE_MS),
        (Batch(12, recipe=ONE, images=10, memory_mb=CORE_MB // 2), 124 + 10 * ONE_MS * 1769 / 884),
        (Batch(12, recipe=ONE, images=10, memory_mb=2 * CORE_MB - 1), 124 + 10 * ONE_MS),
        (Batch(12, recipe=ONE, images=10, memory_mb=2 * CORE_MB), 124 + 5 * ONE_MS),
        (Batch(12, recipe=ONE, images=1, memory_mb=2 * CORE_MB), 124 + ONE_MS),
        (Batch(12, recipe=ONE, images=10, memory_mb=3 * CORE_MB), 124 + 4 * ONE_MS),
    ],
)
def test_a_batch_waits_once_and_works_for_each_image(batch: Batch, ms: float) -> None:
    assert MODEL.ms(batch) == pytest.approx(ms, rel=1e-3)


def test_the_duration_per_image_is_an_equal_share_of_the_batch() -> None:
    batch = Batch(12, recipe=ONE, images=10)

    assert MODEL.image_ms(batch) == pytest.approx(MODEL.ms(batch) / 10)


def test_no_line_is_negative() -> None:
    assert LinearFit(-50, 1).at(10) == 0


def test_fitting_exact_points_predicts_other_recipes() -> None:
    points = [exact(megapixels, recipe) for megapixels in (2, 6, 12, 24) for recipe in RECIPES]

    model = fit(points, WAIT, EFFORTS, {}, {})

    others = [exact(9, recipe) for recipe in ("640", "1024:webp", "160x160:cover, 500, 2048")]
    assert max(map(abs, errors(model, others))) < 0.02


def test_no_fitted_coefficient_is_negative() -> None:
    points = [Point("jpeg", size, "500", 100.0 - size) for size in (2.0, 6.0, 12.0, 24.0)]

    assert min(fit(points, WAIT, EFFORTS, {}, {}).coefficients.values()) >= 0


def exact(megapixels: float, recipe: str) -> Point:
    ms = MODEL.work_ms(megapixels, "jpeg", Recipe.parse(recipe))
    return Point("jpeg", megapixels, recipe, ms)


@given(
    st.floats(0.1, 100),
    st.sampled_from(FORMATS),
    st.sampled_from(RECIPES),
    st.integers(1, MOST_AT_ONCE - 1),
)
def test_a_batch_with_more_presets_or_images_never_takes_less_time(
    megapixels: float, kind: Format, text: str, images: int
) -> None:
    small = Batch(megapixels, kind, Recipe.parse(text), images)
    more_presets = replace(small, recipe=Recipe.parse(f"{text}, 100"))
    more_images = replace(small, images=images + 1)

    assert duration_model().ms(more_presets) >= duration_model().ms(small)
    assert duration_model().ms(more_images) >= duration_model().ms(small)
    assert duration_model().image_ms(more_images) <= duration_model().image_ms(small)


# A larger JPEG may take less time: one that is decoded whole takes longer than a scaled one.
@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "jpeg"])
@given(st.floats(0.1, 100), st.floats(1.1, 10))
def test_a_larger_original_never_takes_less_time(
    kind: Format, megapixels: float, factor: float
) -> None:
    small, large = (
        duration_model().ms(Batch(size, kind)) for size in (megapixels, factor * megapixels)
    )

    assert large >= small


def test_the_measurements_are_those_that_the_benchmark_makes_or_nearly_all() -> None:
    wanted = {
        (case.format, case.megapixels, case.recipe, case.is_fitted, case.frames)
        for case in cases(FORMATS)
    }

    known = {
        (point.format, point.megapixels, point.recipe, is_fitted, point.frames)
        for points, is_fitted in ((measured().points, True), (measured().others, False))
        for point in points
    }

    assert known <= wanted
    assert len(known) >= 0.9 * len(wanted)


def test_the_model_is_within_20_percent_of_animations_that_it_has_not_seen() -> None:
    moving = [point for point in measured().others if point.frames > 1]

    assert len(moving) >= 6
    assert max(abs(error) for error in errors(duration_model(), moving)) < 0.20


def test_the_model_is_within_20_percent_of_recipes_that_it_has_not_seen() -> None:
    off = [abs(error) for error in errors(duration_model(), measured().others)]

    assert len(off) >= 15
    assert sum(off) / len(off) < 0.15
    assert sum(each < 0.20 for each in off) >= 0.75 * len(off)


@pytest.mark.parametrize("text", ["500", "1600:jpeg", "500:webp, 1280:avif"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_accepted_format_has_a_duration_and_bytes(kind: Format, text: str) -> None:
    recipe = Recipe.parse(text)

    assert duration_model().work_ms(12, kind, recipe) > 0
    assert duration_model().renditions_bytes(12, kind, recipe) > 10_000


def test_recipes_that_need_more_work_cost_more() -> None:
    costs = [duration_model().work_ms(12, "jpeg", Recipe.parse(text)) for text in ORDERED]

    assert costs == sorted(costs)
    assert costs[-1] > 3 * costs[0]


ORDERED = ("500", "1600:jpeg", "1600:webp")
