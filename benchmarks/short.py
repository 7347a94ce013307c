"""Ratios of CPU time that the tests check: synthetic images, in-process, within seconds."""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.images import draw
from benchmarks.targets import Target, inside
from benchmarks.tools.ours import imagemill
from benchmarks.tools.serve import Make
from benchmarks.tools.tutorials import tutorial

TITLE = "Ratios checked by the tests"
_SIZE = (4032, 1512)
_ROUNDS = 3
FOUR = tuple(map(inside, (800, 500, 250, 100)))
LARGEST = FOUR[:1]
_ONE = (inside(500),)
_Work = tuple[Callable[[], Make], Sequence[Target]]
# The two implementations of each ratio with their targets; True for a progressive JPEG.
PAIRS: dict[str, tuple[_Work, _Work, bool]] = {
    "JPEG, to the tutorial": ((imagemill, _ONE), (tutorial, _ONE), False),
    "JPEG progressive, to the tutorial": ((imagemill, _ONE), (tutorial, _ONE), True),
    "four presets, to the largest": ((imagemill, FOUR), (imagemill, LARGEST), False),
}


def ratio(name: str) -> float:
    """Return the CPU time of the first implementation relative to the second.

    CPU time of this thread only; the two take turns, and the first turn is not counted.
    """
    (make_one, ones), (make_other, others), is_progressive = PAIRS[name]
    one, other, data = make_one(), make_other(), _drawn(is_progressive=is_progressive)

    def once() -> float:
        return _cpu_s(lambda: one(data, ones)) / _cpu_s(lambda: other(data, others))

    return median([once() for _ in range(1 + _ROUNDS)][1:])


@cache
def _drawn(*, is_progressive: bool) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return draw(Path(folder) / "drawn.jpg", _SIZE, progressive=is_progressive).read_bytes()


def _cpu_s(work: Callable[[], object]) -> float:
    before = time.thread_time()
    work()
    return time.thread_time() - before
