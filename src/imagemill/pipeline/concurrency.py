"""Room: how much of a function's memory and time its images may take, side by side."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import BoundedSemaphore, Condition

from imagemill.domain.clock import Clock
from imagemill.domain.event import ObjectEvent
from imagemill.errors import TimedOut
from imagemill.imaging import Limits, Rendered
from imagemill.imaging.worker_process import render_isolated
from imagemill.pipeline.deps import Originals, PipelineDeps
from imagemill.recipe import Recipe

MOST_S = 11.0
"""What one image may take at most: a batch of ten that all hang still ends in time."""
LEAST_S = 2.0
"""What must be left for rendering to be worth beginning."""
MARGIN_S = 4.0
"""What storing, recording and answering may take after the last image."""
_MIB = 1 << 20
_OURS_BYTES = 169 * _MIB
"""What the function takes before it has an image: interpreter, libraries, clients."""
_CORE_MB = 1_769
"""Memory size that comes with one whole core; source: "Configure Lambda function memory"."""
_CPU_MARGIN = 0.8
"""Part of the granted CPU time that estimates may fill."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How the memory of a function is shared out.

    `waiting_bytes` is for files that are downloaded and wait their turn, `render_bytes` for each
    of the `renders` that run at once.
    """

    waiting_bytes: int
    render_bytes: int
    renders: int


def share_out(memory_mb: int) -> Budget:
    """Return what a function of this memory size can do at once: one image for each core.

    A quarter of what is free is for files that wait. A larger file than that comes in alone, and
    counts into the estimate of its own rendering.
    """
    renders = max(1, memory_mb // _CORE_MB)
    free = max(memory_mb * _MIB - _OURS_BYTES, 4 * _MIB)
    waiting = free // 4
    return Budget(waiting, (free - waiting) // renders, renders)


def cpu_limit_s(memory_mb: int) -> float:
    """Return the CPU time that an image may be estimated to take in a function of this size, s.

    A function below one whole core has its share of one. A fifth is kept back: for a core that is
    slower than the one the estimates were measured on, and for starting the process.
    """
    share = min(1.0, memory_mb / _CORE_MB)
    return MOST_S * share * _CPU_MARGIN


class ConcurrencyLimiter:
    """Lets in as much at once as the budget allows; the rest waits."""

    def __init__(self, budget: Budget, remaining_s: Callable[[], float]) -> None:
        self._remaining_s = remaining_s
        self._renders = BoundedSemaphore(budget.renders)
        self._shelf = _Shelf(budget.waiting_bytes)

    @contextmanager
    def place(self, deps: PipelineDeps) -> Iterator[PipelineDeps]:
        """Yield the workshop with a place of its own: bounded in memory, and ended in time.

        Its `render` works in a process apart; it raises TimedOut when the function has too little
        time left to begin another image. Its clock stands still while an image waits its turn.
        """
        watch = _StopWatch(deps.clock)
        hand = _Hand(deps.originals, self._shelf, watch)
        try:
            render = partial(self._render, partial(render_isolated, work=deps.render), watch)
            yield replace(deps, originals=hand, clock=watch, render=render)
        finally:
            hand.let_go()

    def _render(
        self,
        apart: Callable[[bytes, Recipe, Limits, float], Rendered],
        watch: "_StopWatch",
        *job: *tuple[bytes, Recipe, Limits],
    ) -> Rendered:
        with watch.stopped():
            self._renders.acquire()
        try:
            return apart(*job, granted_s(self._remaining_s()))
        finally:
            self._renders.release()


def granted_s(remaining_s: float) -> float:
    """Return what an image may take; raises TimedOut when that is too little to begin."""
    granted = min(MOST_S, remaining_s - MARGIN_S)
    if granted < LEAST_S:
        raise TimedOut(f"only {remaining_s:.1f} s were left to begin another image")
    return granted


class _StopWatch:
    """Implements `workflows.clock.Clock`; what is waited for does not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waited_ms = 0

    def now(self) -> str:
        return self._clock.now()

    def now_s(self) -> int:
        return self._clock.now_s()

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms() - self._waited_ms

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stand still for as long as this takes."""
        before = self.monotonic_ms()
        yield
        self._waited_ms += self.monotonic_ms() - before


class _Shelf:
    """A number of bytes that may be taken in parts."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0
        self._changed = Condition()

    def take(self, size: int) -> None:
        """Wait until there is room; what is larger than the shelf waits until it is empty."""
        with self._changed:
            self._changed.wait_for(partial(self._has_room, size))
            self._taken += size

    def give_back(self, size: int) -> None:
        with self._changed:
            self._taken -= size
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return self._taken == 0 or self._taken + size <= self._capacity


class _Hand:
    """Implements `workflows.workshop.Originals`, holding one file at a time off the shelf."""

    def __init__(self, originals: Originals, shelf: _Shelf, watch: _StopWatch) -> None:
        self._originals = originals
        self._watch = watch
        self._shelf = shelf
        self._held = 0

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = bool) -> bytes | None:
        """Read a file; while its parts are put together it is there twice."""
        self.let_go()
        with self._watch.stopped():
            self._shelf.take(2 * event.bytes)
        self._held = 2 * event.bytes
        data = self._originals.read(event, look)
        self._shelf.give_back(event.bytes)
        self._held = event.bytes
        return data

    def current(self, key: str) -> ObjectEvent | None:
        return self._originals.current(key)

    def let_go(self) -> None:
        self._shelf.give_back(self._held)
        self._held = 0
