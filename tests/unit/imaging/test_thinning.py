"""Frames of an animation over the limits are left out evenly, and the speed stays."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from fakes.animations import ApngPart, GifPart, apng, gif
from PIL import Image

from imagemill.imaging import Limits, Rendered, probe, render
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import fits_animated, most_frames
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.thinning import fewer_frames, is_shown
from imagemill.recipe import Recipe

LARGE = Facts("gif", 5_000_000, 1920, 1080, frames=300, mode="P", coded_pixels=8_000_000)
SMALL = replace(LARGE, width=400, height=300)
RECIPE = Recipe.parse("500, 200:webp")

Save = Callable[..., bytes]


def frames_and_time(rendered: Rendered) -> tuple[list[tuple[int, ...]], int]:
    """The colour of each frame, and the duration of all, ms."""
    image = Image.open(BytesIO(rendered.renditions[0].data))
    colours, total = [], 0
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        colours.append(image.convert("RGB").getpixel((5, 5)))
        total += round(image.info["duration"])
    return colours, total  # type: ignore[return-value]  # RGB is a tuple


@pytest.mark.parametrize(
    ("frames", "shown", "expected"),
    [
        (6, 6, [0, 1, 2, 3, 4, 5]),
        (6, 3, [0, 2, 4]),
        (5, 4, [0, 2, 3, 4]),
        (10, 3, [0, 4, 7]),
        (2, 1, [0]),
    ],
)
def test_the_frames_shown_are_evenly_spread(frames: int, shown: int, expected: list[int]) -> None:
    assert [index for index in range(frames) if is_shown(index, frames, shown)] == expected


@pytest.mark.parametrize("shown", range(1, 41))
def test_exactly_as_many_frames_are_shown_as_planned(shown: int) -> None:
    assert sum(is_shown(index, 40, shown) for index in range(40)) == shown


@pytest.mark.parametrize(
    "limits",
    [Limits(max_cpu_s=5.0), Limits(max_memory_bytes=80 << 20), Limits(max_frames=90)],
    ids=["time", "memory", "frames"],
)
def test_as_many_frames_are_shown_as_the_limits_allow(limits: Limits) -> None:
    plans = fewer_frames(LARGE, make_plans(LARGE, RECIPE), limits) or ()

    shown = plans[0].frames
    more = [replace(plan, frames=shown + 1) for plan in plans]
    fits = [
        fits_animated(estimate_memory(LARGE, each), estimate_cpu_s(LARGE, each), limits)
        and each[0].frames <= most_frames(LARGE, limits)
        for each in (plans, more)
    ]
    assert 75 <= shown < 300
    assert {plan.frames for plan in plans} == {shown}
    assert fits == [True, False]


def test_an_animation_within_the_limits_keeps_all_frames_and_may_be_copied() -> None:
    plans = make_plans(SMALL, RECIPE)

    assert fewer_frames(SMALL, plans, Limits(max_cpu_s=60)) == plans
    assert plans[0].may_copy


def test_an_animation_without_all_frames_is_no_copy() -> None:
    plans = fewer_frames(SMALL, make_plans(SMALL, RECIPE), Limits(max_frames=200))

    assert plans
    assert not plans[0].may_copy


@pytest.mark.parametrize(("most", "is_animated"), [(75, True), (74, False)])
def test_one_frame_in_four_is_shown_or_only_the_first(most: int, *, is_animated: bool) -> None:
    plans = fewer_frames(LARGE, make_plans(LARGE, RECIPE), Limits(max_frames=most, max_cpu_s=60))

    assert (plans is not None) is is_animated


@pytest.mark.parametrize("to", ["GIF", "WEBP", "PNG"])
def test_the_time_of_frames_that_are_left_out_is_added_to_the_frame_before(
    to: str, save: Save
) -> None:
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in range(0, 250, 50)]
    times = [100, 200, 300, 400, 500]
    data = save(frames[0], to, save_all=True, append_images=frames[1:], duration=times)

    rendered = render(data, Recipe.parse("20"), Limits(max_frames=3))

    colours, total = frames_and_time(rendered)
    assert rendered.warnings == ("fewer_frames",)
    assert [red for red, _, _ in colours] == pytest.approx([0, 100, 200], abs=8)
    assert total == sum(times)


def test_every_rendition_of_one_original_shows_the_same_frames(save: Save) -> None:
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in range(0, 250, 50)]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:])

    rendered = render(data, Recipe.parse("20, 30:webp, still=30:jpeg"), Limits(max_frames=3))

    counts = [getattr(Image.open(BytesIO(r.data)), "n_frames", 1) for r in rendered.renditions]
    assert counts == [3, 3, 1]
    assert rendered.warnings == ("first_frame_only", "fewer_frames")


def test_small_changes_on_a_large_canvas_take_little_time_to_decode() -> None:
    parts = [GifPart(1, (at, at, 4, 4)) for at in range(9)]
    data = gif((400, 300), [GifPart(0, (0, 0, 400, 300)), *parts])

    assert probe(data).coded_pixels == 400 * 300 + 9 * 16


@pytest.mark.parametrize(
    ("part", "coded"),
    [
        (GifPart(1, (0, 0, 100, 50)), 100 * 10),
        (GifPart(1, (0, 0, 100, 50), is_interlaced=True), 100 * 50),
        (GifPart(1, (20, 0, 100, 50)), 0),
        (GifPart(1, (0, 0, 9000, 9000), is_interlaced=True, pixels=Image.new("P", (1, 1))), 0),
    ],
    ids=["rows below", "interlaced", "outside", "far too large"],
)
def test_the_parts_of_frames_off_the_canvas_count_as_far_as_they_are_decoded(
    part: GifPart, coded: int
) -> None:
    data = gif((10, 10), [GifPart(0, (0, 0, 10, 10)), part])

    assert probe(data).coded_pixels == 10 * 10 + coded


def test_the_frames_of_an_apng_count_by_their_own_size() -> None:
    small = ApngPart(Image.new("RGB", (4, 5)))
    data = apng((30, 20), [ApngPart(Image.new("RGB", (30, 20))), small, small])

    assert probe(data).coded_pixels == 30 * 20 + 2 * 20


@pytest.mark.parametrize("frames", [9_000, 60_000])
def test_a_gif_of_endless_tiny_frames_without_delay_is_shown_by_its_first(frames: int) -> None:
    part = GifPart(1, (0, 0, 1, 1), delay=0)
    alone, twice = gif((10, 10), [part]), gif((10, 10), [part] * 2)
    block = twice[len(alone) - 1 : -1]

    rendered = render(alone[:-1] + block * (frames - 1) + b";", RECIPE)

    assert "first_frame_only" in rendered.warnings
    assert [r.width for r in rendered.renditions] == [10, 10]


def test_a_huge_canvas_of_tiny_frames_is_within_the_time() -> None:
    parts = [GifPart(1, (at, at, 4, 4), delay=0) for at in range(400)]
    facts = probe(gif((4000, 3000), [GifPart(0, (0, 0, 4000, 3000)), *parts]))

    plans = fewer_frames(facts, make_plans(facts, RECIPE), Limits())

    assert plans is None
    assert estimate_cpu_s(facts, make_plans(facts, RECIPE, animate=False)) < 2


def test_attempts_at_lower_quality_are_left_out_before_frames() -> None:
    facts = Facts("webp", 900_000, 400, 300, frames=100, codes=(12, 13))
    plans = [replace(plan, may_copy=False) for plan in make_plans(facts, Recipe.parse("500:webp"))]
    alone, all_attempts = (
        estimate_cpu_s(facts, [replace(plans[0], must_not_grow=grows)]) for grows in (False, True)
    )

    [planned] = fewer_frames(facts, plans, Limits(max_cpu_s=alone)) or ()

    assert all_attempts > 4 * alone
    assert (planned.frames, planned.must_not_grow) == (100, False)
    assert fewer_frames(facts, plans, Limits(max_cpu_s=all_attempts)) == tuple(plans)
