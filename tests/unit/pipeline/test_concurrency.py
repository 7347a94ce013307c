"""Limits on memory, on parallel renderings and on the time for an image."""

import threading
from contextlib import AbstractContextManager, nullcontext, suppress

import pytest
from fakes.stores import ManualClock

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.errors import TimedOut
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.pipeline.concurrency import (
    MOST_S,
    Budget,
    ConcurrencyLimiter,
    cpu_limit_s,
    divide_memory,
    granted_s,
    unlimited,
)
from imagemill.pipeline.telemetry import StageTimer

MIB = 1 << 20
SMALL = Budget(waiting_bytes=100, render_bytes=1_000, renders=1)


@pytest.mark.parametrize(
    ("memory_mb", "budget"),
    [
        (1_769, Budget(400 * MIB, 1_200 * MIB, 1)),
        (3_538, Budget(842 * MIB + MIB // 4, 1_263 * MIB + 3 * MIB // 8, 2)),
        (512, Budget(85 * MIB + 3 * MIB // 4, 257 * MIB + MIB // 4, 1)),
        (128, Budget(MIB, 3 * MIB, 1)),
    ],
)
def test_memory_is_divided_between_waiting_files_and_renderings(
    memory_mb: int, budget: Budget
) -> None:
    assert divide_memory(memory_mb) == budget


@pytest.mark.parametrize(("remaining_s", "granted"), [(120, 11), (15, 11), (10, 6), (6, 2)])
def test_rendering_gets_the_time_left_without_the_margin_and_11_s_at_most(
    remaining_s: float, granted: float
) -> None:
    assert granted_s(remaining_s) == granted


@pytest.mark.parametrize(
    ("memory_mb", "limit_s"), [(512, 2.5), (1_280, 6.4), (1_769, 8.8), (10_240, 8.8)]
)
def test_an_image_may_take_80_percent_of_the_cpu_time_that_the_memory_size_grants(
    memory_mb: int, limit_s: float
) -> None:
    assert cpu_limit_s(memory_mb) == pytest.approx(limit_s, abs=0.05)


def test_the_default_cpu_limit_is_that_of_the_default_memory_size() -> None:
    assert pytest.approx(cpu_limit_s(DEFAULT_MEMORY_MB), abs=0.05) == DEFAULT_LIMITS.max_cpu_s


@pytest.mark.parametrize("remaining_s", [5.9, 0.5, 0, -1])
def test_with_less_than_6_s_left_no_rendering_is_started(remaining_s: float) -> None:
    with pytest.raises(TimedOut):
        granted_s(remaining_s)


def test_files_are_downloaded_together_while_they_fit() -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)

    with limiter.file_slot(60, nullcontext()) as one, limiter.file_slot(40, nullcontext()) as other:
        held = (one.held, other.held)

    assert held == (60, 40)


@pytest.mark.parametrize("size", [41, 1_000_000])
def test_a_file_that_does_not_fit_waits_for_those_before_it(size: int) -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)
    started: list[str] = []

    later = threading.Thread(target=lambda: hold(limiter.file_slot(size, nullcontext()), started))
    with limiter.file_slot(60, nullcontext()):
        later.start()
        later.join(0.1)
        started_meanwhile = list(started)
    later.join()

    assert (started_meanwhile, started) == ([], ["later"])


def test_a_file_that_shrinks_makes_room_for_the_next() -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)

    with limiter.file_slot(100, nullcontext()) as large:
        large.shrink(50)
        with limiter.file_slot(50, nullcontext()) as next_one:
            held = (large.held, next_one.held)

    assert held == (50, 50)


def test_a_file_larger_than_the_budget_is_downloaded_alone() -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)

    for size in (5_000, 5_000):
        with limiter.file_slot(size, nullcontext()) as slot:
            assert slot.held == size


@pytest.mark.parametrize("fails", [True, False])
def test_a_slot_is_free_again_after_its_block(fails: bool) -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)

    for _ in range(3):
        with (
            suppress(ZeroDivisionError),
            limiter.file_slot(100, nullcontext()),
            limiter.render_slot(nullcontext()),
        ):
            _ = 1 // (0 if fails else 1)

    with limiter.render_slot(nullcontext()):
        pass


def test_no_more_images_are_rendered_at_once_than_the_budget_allows() -> None:
    limiter = ConcurrencyLimiter(SMALL, lambda: 60.0)
    started: list[str] = []

    later = threading.Thread(target=lambda: hold(limiter.render_slot(nullcontext()), started))
    with limiter.render_slot(nullcontext()):
        later.start()
        later.join(0.1)
        started_meanwhile = list(started)
    later.join()

    assert (started_meanwhile, started) == ([], ["later"])


def test_the_time_spent_waiting_for_a_slot_is_measured() -> None:
    limiter, clock = ConcurrencyLimiter(SMALL, lambda: 60.0), ManualClock()
    timer = StageTimer(clock)

    later = threading.Thread(target=lambda: hold(limiter.file_slot(100, timer.waiting()), []))
    with limiter.file_slot(100, nullcontext()):
        later.start()
        later.join(0.1)
        clock.ms = 60_000
    later.join()

    assert (timer.waited_ms, timer.busy_ms()) == (60_000, 0)


def test_a_rendering_may_take_the_time_that_is_left() -> None:
    assert ConcurrencyLimiter(SMALL, lambda: 10.0).render_timeout_s() == 6.0


def test_without_a_limit_nothing_waits() -> None:
    limiter = unlimited()

    with limiter.file_slot(1 << 50, nullcontext()), limiter.file_slot(1 << 50, nullcontext()):
        assert limiter.render_timeout_s() == MOST_S


def hold(slot: AbstractContextManager[object], started: list[str]) -> None:
    """Acquire a slot, record it, and release it."""
    with slot:
        started.append("later")
