"""A value up to a limit is accepted; a higher one is refused, and the error has both numbers."""

import pytest

from imagemill.errors import OverBudget, TooManyBytes, TooManyPixels
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import (
    Limits,
    check_bytes,
    check_cpu,
    check_memory,
    check_size,
    fits_animated,
    most_frames,
)

ANIMATION = Facts("gif", 0, 4, 5, frames=3)


def test_bytes_up_to_the_limit_are_accepted() -> None:
    check_bytes(1_000, Limits(max_bytes=1_000))


def test_bytes_beyond_the_limit_are_refused() -> None:
    with pytest.raises(TooManyBytes, match=r"^expected at most 1,000 bytes, got 1,001$"):
        check_bytes(1_001, Limits(max_bytes=1_000))


def test_pixels_and_sides_up_to_the_limits_are_accepted() -> None:
    check_size(40, 30, Limits(max_pixels=1_200, max_side=40), "jpeg")


def test_pixels_beyond_the_limit_are_refused() -> None:
    with pytest.raises(TooManyPixels, match=r"^expected at most 1,199 pixels, got 40 × 30$"):
        check_size(40, 30, Limits(max_pixels=1_199), "jpeg")


@pytest.mark.parametrize(("width", "height"), [(40, 1), (1, 40)])
def test_a_side_beyond_the_limit_is_refused(width: int, height: int) -> None:
    why = f"^expected sides of at most 39 px, got {width} × {height}$"

    with pytest.raises(TooManyPixels, match=why):
        check_size(width, height, Limits(max_side=39), "jpeg")


def test_memory_up_to_the_limit_is_accepted() -> None:
    check_memory(1_200 << 20, Limits(max_memory_bytes=1_200 << 20))


def test_memory_beyond_the_limit_is_refused() -> None:
    why = r"^expected to need at most 1,200 MiB, estimated 1,300 MiB$"

    with pytest.raises(OverBudget, match=why):
        check_memory((1_301 << 20) - 1, Limits(max_memory_bytes=(1_201 << 20) - 1))


def test_cpu_time_up_to_the_limit_is_accepted() -> None:
    check_cpu(2.5, Limits(max_cpu_s=2.5))


def test_cpu_time_beyond_the_limit_is_refused() -> None:
    why = r"^expected to take at most 2\.5 s of CPU time, estimated 2\.6 s$"

    with pytest.raises(OverBudget, match=why):
        check_cpu(2.6, Limits(max_cpu_s=2.5))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(max_frames=4, max_animation_pixels=80), 3),
        (Limits(max_frames=3, max_animation_pixels=60), 3),
        (Limits(max_frames=2, max_animation_pixels=60), 2),
        (Limits(max_frames=3, max_animation_pixels=59), 2),
    ],
)
def test_frames_are_shown_within_both_limits(limits: Limits, expected: int) -> None:
    assert most_frames(ANIMATION, limits) == expected


@pytest.mark.parametrize(("estimated_s", "expected"), [(2.5, True), (2.6, False)])
def test_an_animation_fits_up_to_the_limit_of_cpu_time(
    estimated_s: float, *, expected: bool
) -> None:
    assert fits_animated(1, estimated_s, Limits(max_cpu_s=2.5)) is expected
