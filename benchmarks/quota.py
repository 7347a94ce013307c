"""The CPU share of a Lambda memory size, by Linux control groups."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagemill.costs.durations import CORE_MB

_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
# Length of a scheduling period in µs, as on Lambda.
_PERIOD_US = 20_000
# Longest time that processes of a group may take to end, s.
_LINGER_S = 10


def is_allowed() -> bool:
    """Return whether this user may create control groups."""
    folder = _V1 if _V1.is_dir() else _V2
    return os.access(folder, os.W_OK) and (folder / "cgroup.procs").exists()


@contextmanager
def group(memory_mb: int) -> Iterator[Path]:
    """Yield the file of a control group with this size's CPU share; write process ids to it."""
    is_v1 = _V1.is_dir()
    folder = (_V1 if is_v1 else _V2) / f"imagemill-{secrets.token_hex(4)}"
    folder.mkdir()
    quota_us = _PERIOD_US * memory_mb // CORE_MB
    try:
        if is_v1:
            (folder / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(quota_us))
        else:
            (folder / "cpu.max").write_text(f"{quota_us} {_PERIOD_US}")
        yield folder / "cgroup.procs"
    finally:
        _wait_until_empty(folder / "cgroup.procs")
        folder.rmdir()


def _wait_until_empty(processes: Path) -> None:
    """Wait for the worker processes of a function that has ended, which end by themselves."""
    deadline = time.monotonic() + _LINGER_S
    while processes.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
