"""Limits on the memory and the time that the images of a batch take in parallel."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from math import inf
from threading import BoundedSemaphore, Condition

from imagemill.dataclass import dataclass
from imagemill.errors import TimedOut

# Longest time for rendering one image, s: a batch of ten that all hang still ends in time.
MOST_S = 11.0
# Shortest time left for which rendering is started at all, s.
LEAST_S = 2.0
# Time kept for storing, recording and answering after the last image is rendered, s.
MARGIN_S = 4.0
_MIB = 1 << 20
# Memory in use before the first image: the function's process and a worker with their libraries,
# 60 MiB measured, and room for the largest file a second time, in the worker. Of files of up to
# 16 MiB there is a third copy, in the worker's shared memory.
_OURS_BYTES = 169 * _MIB
# Memory size that comes with one whole core; source: "Configure Lambda function memory".
_CORE_MB = 1_769
# Part of the granted CPU time that estimates may fill.
_CPU_MARGIN = 0.8
# More bytes, and more images, than any batch has.
_UNLIMITED = 1 << 60


@dataclass(frozen=True, slots=True)
class Budget:
    """How the memory of a function is divided.

    `waiting_bytes` is for files that are downloaded and not yet rendered, `render_bytes` for each
    of the `renders` that run at once.
    """

    waiting_bytes: int
    render_bytes: int
    renders: int


def divide_memory(memory_mb: int) -> Budget:
    """Return the budget of a function with this memory size: one image is rendered for each core.

    A quarter of the free memory is for files that wait. A file larger than that is downloaded while
    no other file is held, and counts into the estimate of its own rendering.
    """
    renders = max(1, memory_mb // _CORE_MB)
    free = max(memory_mb * _MIB - _OURS_BYTES, 4 * _MIB)
    waiting = free // 4
    return Budget(waiting, (free - waiting) // renders, renders)


def cpu_limit_s(memory_mb: int) -> float:
    """Return the CPU time that an image may be estimated to take in a function of this size, s.

    A function below one whole core has its share of one. A fifth is kept in reserve: for a core
    slower than the one that the estimates were measured on, and for starting the process.
    """
    share = min(1.0, memory_mb / _CORE_MB)
    return MOST_S * share * _CPU_MARGIN


def granted_s(remaining_s: float) -> float:
    """Return how long rendering may take; raises TimedOut if too little time is left to start."""
    granted = min(MOST_S, remaining_s - MARGIN_S)
    if granted < LEAST_S:
        raise TimedOut(f"only {remaining_s:.1f} s were left to begin another image")
    return granted


class ByteSemaphore:
    """A number of bytes that threads take and give back in parts."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0
        self._changed = Condition()

    def acquire(self, size: int) -> None:
        """Wait until `size` bytes are free; more than the capacity waits until none is taken."""
        with self._changed:
            self._changed.wait_for(partial(self._has_room, size))
            self._taken += size

    def release(self, size: int) -> None:
        """Give back bytes that were acquired."""
        with self._changed:
            self._taken -= size
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return self._taken == 0 or self._taken + size <= self._capacity


@dataclass(slots=True)
class FileSlot:
    """The bytes of a semaphore that one downloaded file holds."""

    semaphore: ByteSemaphore
    held: int

    def shrink(self, size: int) -> None:
        """Keep `size` bytes and give back the rest."""
        self.semaphore.release(self.held - size)
        self.held = size


class ConcurrencyLimiter:
    """Limits the bytes of downloaded files and the number of images that are rendered at once.

    All tasks of an invocation share one limiter. `remaining_s` returns the time until the
    invocation is ended, s. `waiting` is entered for as long as a slot is waited for.
    """

    def __init__(self, budget: Budget, remaining_s: Callable[[], float]) -> None:
        self._remaining_s = remaining_s
        self._files = ByteSemaphore(budget.waiting_bytes)
        self._renders = BoundedSemaphore(budget.renders)

    @contextmanager
    def file_slot(self, size: int, waiting: AbstractContextManager[object]) -> Iterator[FileSlot]:
        """Wait for `size` bytes of memory, and hold them until the block ends."""
        with waiting:
            self._files.acquire(size)
        slot = FileSlot(self._files, size)
        try:
            yield slot
        finally:
            slot.shrink(0)

    @contextmanager
    def render_slot(self, waiting: AbstractContextManager[object]) -> Iterator[None]:
        """Wait for one of the renderings that may run at once, and hold it until the block ends."""
        with waiting:
            self._renders.acquire()
        try:
            yield
        finally:
            self._renders.release()

    def render_timeout_s(self) -> float:
        """Return how long a rendering that starts now may take, s; raises TimedOut."""
        return granted_s(self._remaining_s())


def unlimited() -> ConcurrencyLimiter:
    """Return a limiter that never waits, for callers that handle one task at a time."""
    return ConcurrencyLimiter(Budget(_UNLIMITED, _UNLIMITED, _UNLIMITED), lambda: inf)
