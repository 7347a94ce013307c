"""What a function can do at once, and how long an image may take."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from fakes import jpegs
from fakes.events import created
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, StoppedClock

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.domain.event import ObjectEvent
from imagemill.errors import TimedOut
from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.pipeline.concurrency import (
    Budget,
    ConcurrencyLimiter,
    cpu_limit_s,
    granted_s,
    share_out,
)
from imagemill.recipe import Recipe

MIB = 1 << 20
SHOP = fake_deps()
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
def test_memory_is_shared_out_among_what_waits_and_what_is_rendered(
    memory_mb: int, budget: Budget
) -> None:
    assert share_out(memory_mb) == budget


@pytest.mark.parametrize(("remaining_s", "granted"), [(120, 11), (15, 11), (10, 6), (6, 2)])
def test_an_image_gets_what_is_left_but_never_everything(
    remaining_s: float, granted: float
) -> None:
    assert granted_s(remaining_s) == granted


@pytest.mark.parametrize(
    ("memory_mb", "limit_s"), [(512, 2.5), (1_280, 6.4), (1_769, 8.8), (10_240, 8.8)]
)
def test_an_image_may_take_its_share_of_a_core_but_for_a_fifth(
    memory_mb: int, limit_s: float
) -> None:
    assert cpu_limit_s(memory_mb) == pytest.approx(limit_s, abs=0.05)


def test_the_default_limit_is_that_of_the_default_size() -> None:
    assert pytest.approx(cpu_limit_s(DEFAULT_MEMORY_MB), abs=0.05) == DEFAULT_LIMITS.max_cpu_s


@pytest.mark.parametrize("remaining_s", [5.9, 0.5, 0, -1])
def test_with_too_little_time_left_no_image_is_begun(remaining_s: float) -> None:
    with pytest.raises(TimedOut):
        granted_s(remaining_s)


@pytest.mark.parametrize(("sandboxed", "outcome"), [(True, "drawn"), (False, "not_asked")])
def test_an_image_is_rendered_in_the_room_as_the_workshop_would(
    sandboxed: bool, outcome: str
) -> None:
    deps = replace(SHOP, render=partial(render, sandboxed=sandboxed))
    data = jpegs.save(jpegs.scene(801, 603))

    with ConcurrencyLimiter(SMALL, lambda: 60.0).place(deps) as place:
        rendered = place.render(data, Recipe.parse("100"), DEFAULT_LIMITS)

    assert rendered.sandbox == outcome


def test_files_come_in_together_as_long_as_they_fit() -> None:
    arrivals = Arrivals()
    room = ConcurrencyLimiter(SMALL, lambda: 60.0)
    deps = replace(SHOP, originals=arrivals)

    with room.place(deps) as one, room.place(deps) as other:
        one.originals.read(replace(created("a"), bytes=60))
        other.originals.read(replace(created("b"), bytes=20))

    assert arrivals.seen == ["a", "b"]


@pytest.mark.parametrize("size", [21, 1_000_000])
def test_a_file_that_does_not_fit_waits_for_those_before_it(size: int) -> None:
    arrivals = Arrivals()
    room = ConcurrencyLimiter(SMALL, lambda: 60.0)
    deps = replace(SHOP, originals=arrivals)

    def read_large() -> None:
        with room.place(deps) as other:
            other.originals.read(replace(created("large"), bytes=size))

    later = threading.Thread(target=read_large)
    with room.place(deps) as one:
        one.originals.read(replace(created("first"), bytes=60))
        later.start()
        later.join(0.1)
        seen_meanwhile = list(arrivals.seen)
    later.join()

    assert seen_meanwhile == ["first"]
    assert arrivals.seen == ["first", "large"]


def test_the_time_an_image_waits_is_not_counted_as_its_own() -> None:
    room = ConcurrencyLimiter(SMALL, lambda: 60.0)
    clock = HandClock()
    slow = replace(SHOP, originals=Arrivals(), clock=clock)
    told: list[int] = []

    def read_second() -> None:
        with room.place(slow) as other:
            before = other.clock.monotonic_ms()
            other.originals.read(replace(created("second"), bytes=100))
            told.append(other.clock.monotonic_ms() - before)

    later = threading.Thread(target=read_second)
    with room.place(slow) as one:
        one.originals.read(replace(created("first"), bytes=100))
        later.start()
        later.join(0.1)
        clock.ms = 60_000
    later.join()

    assert told == [0]


def test_a_file_larger_than_the_shelf_comes_in_alone() -> None:
    arrivals = Arrivals()

    with ConcurrencyLimiter(SMALL, lambda: 60.0).place(replace(SHOP, originals=arrivals)) as place:
        place.originals.read(replace(created("huge"), bytes=5_000))
        place.originals.read(replace(created("another"), bytes=5_000))

    assert arrivals.seen == ["huge", "another"]


class HandClock(StoppedClock):
    """A clock that is set by hand."""

    ms = 0

    def monotonic_ms(self) -> int:
        return self.ms


class Arrivals(FakeOriginals):
    """A bucket that remembers what was read, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = bool) -> bytes | None:
        del look
        self.seen.append(event.key)
        return b""
