"""Billed durations, fitted to artificial measurements with known lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.costs.durations import (
    CORE_MB,
    FORMATS,
    MOST_AT_ONCE,
    Batch,
    DurationModel,
    LinearFit,
    Point,
    duration_model,
    fitted,
    measured,
)

MODEL = DurationModel(LinearFit(100, 2), {"jpeg": LinearFit(10, 5)}, preset_ms=4)


def test_fitting_exact_points_returns_their_lines() -> None:
    points = [
        Point("jpeg", mp, presets, MODEL.work["jpeg"].at(mp) + MODEL.preset_ms * (presets - 1))
        for mp in (1, 4, 9)
        for presets in (1, 3)
    ]

    found = fitted(MODEL.wait, points)

    assert found.wait == MODEL.wait
    assert (found.work["jpeg"].base, found.work["jpeg"].slope) == pytest.approx((10, 5))
    assert found.preset_ms == pytest.approx(4)


@pytest.mark.parametrize(
    ("batch", "ms"),
    [
        (Batch(10), 120 + 60),
        (Batch(10, images=10), 120 + 10 * 60),
        (Batch(10, presets=4, images=2), 120 + 2 * (60 + 3 * 4)),
        (Batch(10, images=10, memory_mb=CORE_MB // 2), 120 + 10 * 60 / (884 / 1769)),
        (Batch(10, images=10, memory_mb=2 * CORE_MB - 1), 120 + 10 * 60),
        (Batch(10, images=10, memory_mb=2 * CORE_MB), 120 + 5 * 60),
        (Batch(10, images=1, memory_mb=2 * CORE_MB), 120 + 60),
        (Batch(10, images=10, memory_mb=3 * CORE_MB), 120 + 4 * 60),
    ],
)
def test_a_batch_waits_once_and_works_for_each_image(batch: Batch, ms: float) -> None:
    assert MODEL.ms(batch) == pytest.approx(ms)


def test_the_duration_per_image_is_an_equal_share_of_the_batch() -> None:
    assert MODEL.image_ms(Batch(10, images=10)) == pytest.approx(72)


def test_no_line_is_negative() -> None:
    assert LinearFit(-50, 1).at(10) == 0


@given(
    st.floats(0.1, 100), st.floats(0.1, 100), st.integers(1, 19), st.integers(1, MOST_AT_ONCE - 1)
)
def test_a_larger_batch_never_takes_less_time(
    megapixels: float, further: float, presets: int, images: int
) -> None:
    small = Batch(megapixels, "jpeg", presets, images)
    larger = [
        Batch(megapixels + further, "jpeg", presets, images),
        Batch(megapixels, "jpeg", presets + 1, images),
        Batch(megapixels, "jpeg", presets, images + 1),
    ]

    assert all(duration_model().ms(one) >= duration_model().ms(small) for one in larger)
    assert duration_model().image_ms(larger[2]) <= duration_model().image_ms(small)


def test_every_accepted_format_was_measured() -> None:
    assert set(duration_model().work) == set(FORMATS)


def test_the_lines_are_within_15_percent_of_the_measurements_on_average() -> None:
    found = duration_model()

    off = [
        (found.work[p.format].at(p.megapixels) + found.preset_ms * (p.presets - 1)) / p.ms - 1
        for p in measured().points
    ]

    assert sum(map(abs, off)) / len(off) < 0.15
