"""CPU time of this process and of all its descendants, whether they have ended or still run."""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name: CPU time of children that ended, user and system.
_ENDED_CHILDREN = slice(13, 15)


def cpu_s() -> float:
    """Return the CPU time in s, user and system."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(map(_running_s, _descendants("self")))
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def process_cpu_s(pid: int) -> float:
    """Return the CPU time of another process and its children in s, user and system."""
    return sum(map(_running_s, [pid, *_descendants(pid)]))


def _running_s(pid: int) -> float:
    """Return the CPU time of a running descendant and of its own children that ended, s."""
    try:
        own = time.clock_gettime(_clock_of(pid))
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return own + sum(map(int, fields[_ENDED_CHILDREN])) / _TICKS_PER_S


def _clock_of(pid: int) -> int:
    """Return the id of a process's CPU clock, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


def _descendants(pid: int | str) -> Iterator[int]:
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listing.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _descendants(child)
