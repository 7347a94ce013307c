"""Ratios of CPU time that the tests check: synthetic images, in-process, within seconds."""

import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.images import draw
from benchmarks.worker import Make, imagemill, largest, presets, tutorial

TITLE = "Ratios checked by the tests"
_SIZE = (4032, 1512)
_ROUNDS = 3
# The two implementations of each ratio, and whether the file is a progressive JPEG.
PAIRS: dict[str, tuple[Callable[[], Make], Callable[[], Make], bool]] = {
    "JPEG, to the tutorial": (imagemill, tutorial, False),
    "JPEG progressive, to the tutorial": (imagemill, tutorial, True),
    "four presets, to the largest": (presets, largest, False),
}


def ratio(name: str) -> float:
    """Return the CPU time of the first implementation relative to the second.

    CPU time of this thread only; the two take turns, and the first turn is not counted.
    """
    make_one, make_other, is_progressive = PAIRS[name]
    one, other, data = make_one(), make_other(), _drawn(is_progressive=is_progressive)

    def once() -> float:
        return _cpu_s(lambda: one(data, "jpeg")) / _cpu_s(lambda: other(data, "jpeg"))

    return median([once() for _ in range(1 + _ROUNDS)][1:])


@cache
def _drawn(*, is_progressive: bool) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return draw(Path(folder) / "drawn.jpg", _SIZE, progressive=is_progressive).read_bytes()


def _cpu_s(work: Callable[[], object]) -> float:
    before = time.thread_time()
    work()
    return time.thread_time() - before
