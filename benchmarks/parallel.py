"""Two images in parallel: the gain of a second core, in-process and isolated as in the function."""

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
The throughput of two threads relative to one thread, for the same images, by wall time on {cores}
cores: the median of {rounds} rounds and the best round. 2.00 is the maximum; other load on the
machine lowers it. `in-process` threads call `render`; `isolated` threads call `render_isolated`,
as the function does."""
_ALONE = "Not measured: this machine has one core."


def run(folder: Path | None, scratch: Path, rounds: int) -> Iterator[Section]:
    """Compare one thread with two, and yield the section of the page."""
    mine = os.sched_getaffinity(0)
    cores = set(range(os.cpu_count() or 1))
    if len(cores) < _AT_ONCE:
        yield Section("Two images in parallel", _ALONE)
        return
    os.sched_setaffinity(0, cores)
    try:
        rows = [_row(group, files, rounds) for group, files in _files(folder, scratch).items()]
    finally:
        os.sched_setaffinity(0, mine)
    head = ["", "in-process", "best", "isolated", "best"]
    text = _HOW.format(cores=len(cores), rounds=rounds)
    yield Section("Two images in parallel", f"{text}\n\n{table(head, rows)}")


def _files(folder: Path | None, scratch: Path) -> dict[str, list[bytes]]:
    images = gather(folder, scratch)
    return {
        group: [each.path.read_bytes() for each in images if each.group == group]
        for group in (BASELINE, PROGRESSIVE)
    }


def _row(group: str, files: Sequence[bytes], rounds: int) -> list[str]:
    row = [group]
    for work in (_in_process, _isolated):
        found = [_gain(work, files) for _ in range(rounds + 1)][1:]
        row += [figure(median(found)), figure(max(found))]
    return row


def _gain(work: Callable[[bytes], object], files: Sequence[bytes]) -> float:
    """Return the throughput of two threads relative to one."""
    alone_s = _wall_s(work, files, 1)
    return _AT_ONCE * alone_s / _wall_s(work, [*files, *files], _AT_ONCE)


def _wall_s(work: Callable[[bytes], object], files: Sequence[bytes], threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        list(pool.map(work, files))
        return time.perf_counter() - begun


def _in_process(data: bytes) -> object:
    return render(data, _RECIPE)


def _isolated(data: bytes) -> object:
    return render_isolated(data, _RECIPE, DEFAULT_LIMITS, _TIMEOUT_S)
