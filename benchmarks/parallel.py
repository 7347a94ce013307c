"""Two images at once: what a second core gives, to threads and to the function's forks."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks.images import BASELINE, PROGRESSIVE, gather
from benchmarks.page import Section, figure, table
from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

_RECIPE = Recipe.parse("500:jpeg:q82")
_AT_ONCE = 2
_TIMEOUT_S = 120
_HOW = """\
The same images by one thread and by two, wall time on {cores} cores; as many times the images
a second as one thread makes, the median of {rounds} rounds and the best of them. 2.00 is all that
there is to gain; what else the machine does takes away from it. `threads` call `render`, whose
decoder, resizer and encoder all let go of Python's lock; `forks` are threads that call
`render_isolated`, as the function's do."""
_ALONE = "Not measured: there is one core here."


def run(folder: Path | None, scratch: Path, rounds: int) -> Iterator[Section]:
    """Race one thread against two, and yield the section of the page."""
    mine = os.sched_getaffinity(0)
    cores = set(range(os.cpu_count() or 1))
    if len(cores) < _AT_ONCE:
        yield Section("Two at once", _ALONE)
        return
    os.sched_setaffinity(0, cores)
    try:
        rows = [_row(group, files, rounds) for group, files in _files(folder, scratch).items()]
    finally:
        os.sched_setaffinity(0, mine)
    head = ["", "threads", "best", "forks", "best"]
    text = _HOW.format(cores=len(cores), rounds=rounds)
    yield Section("Two at once", f"{text}\n\n{table(head, rows)}")


def _files(folder: Path | None, scratch: Path) -> dict[str, list[bytes]]:
    images = gather(folder, scratch)
    return {
        group: [each.path.read_bytes() for each in images if each.group == group]
        for group in (BASELINE, PROGRESSIVE)
    }


def _row(group: str, files: Sequence[bytes], rounds: int) -> list[str]:
    row = [group]
    for work in (_in_thread, _in_fork):
        found = [_gain(work, files) for _ in range(rounds + 1)][1:]
        row += [figure(median(found)), figure(max(found))]
    return row


def _gain(work: Callable[[bytes], object], files: Sequence[bytes]) -> float:
    """Return how many times the throughput of one thread two have."""
    alone_s = _wall_s(work, files, 1)
    return _AT_ONCE * alone_s / _wall_s(work, [*files, *files], _AT_ONCE)


def _wall_s(work: Callable[[bytes], object], files: Sequence[bytes], threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        list(pool.map(work, files))
        return time.perf_counter() - begun


def _in_thread(data: bytes) -> object:
    return render(data, _RECIPE)


def _in_fork(data: bytes) -> object:
    return render_isolated(data, _RECIPE, DEFAULT_LIMITS, _TIMEOUT_S)
