"""The ratios that every run of the tests guards: on drawn pictures, in this process, in seconds."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.pictures import draw
from benchmarks.worker import Make, imagemill, largest, presets, tutorial

_ROUNDS = 5


def ratios() -> dict[str, float]:
    """Return how many times as long as the other each of a few pairs takes.

    CPU time of this thread alone; the two of a pair take turns, the first turn is not counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        size = (4032, 3024)
        plain = draw(Path(folder) / "baseline.jpg", size).read_bytes()
        progressive = draw(Path(folder) / "progressive.jpg", size, progressive=True).read_bytes()
    return {
        "JPEG, to the tutorial": _ratio(imagemill(), tutorial(), plain),
        "JPEG progressive, to the tutorial": _ratio(imagemill(), tutorial(), progressive),
        "four presets, to the largest": _ratio(presets(), largest(), plain),
    }


def _ratio(one: Make, other: Make, data: bytes) -> float:
    def pair() -> float:
        return _cpu_s(lambda: one(data, "jpeg")) / _cpu_s(lambda: other(data, "jpeg"))

    return median([pair() for _ in range(1 + _ROUNDS)][1:])


def _cpu_s(work: Callable[[], object]) -> float:
    before = time.thread_time()
    work()
    return time.thread_time() - before
