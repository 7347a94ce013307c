"""The benchmark of `quality=auto`: the curve of a usual image."""

import pytest

from benchmarks.auto import usual_curve

MIDDLE = 75


def test_the_curve_passes_the_median_and_has_the_steps_of_the_images() -> None:
    rows = [[60, 72, 80], [62, 74, 82], [64, 76, 84]]

    curve = usual_curve(rows, MIDDLE)

    assert curve[1] == 74
    assert curve == pytest.approx([62, 74, 82], abs=0.5)


def test_images_far_from_the_median_have_no_say_in_its_steps() -> None:
    rows = [[60.0, 72.0, 80.0], [62.0, 74.0, 82.0], [64.0, 76.0, 84.0]]
    far = [*2 * [[0.0, 1.0, 2.0]], *2 * [[97.0, 97.1, 97.2]]]

    assert usual_curve([*rows, *far], MIDDLE) == usual_curve(rows, MIDDLE)
