"""The processes that the embedded AWS runs under this one."""

import os
import subprocess

_EMULATOR = "imagemill.local.child"


def processes(above_kib: int = 0) -> tuple[list[int], list[int]]:
    """Return the children of the embedded AWS that runs under us, and their children.

    Of these only such as have more memory than so much, shared or not.
    """
    rows = _table()
    ours = {pid for pid, parent, _, args in rows if parent == os.getpid() and _EMULATOR in args}
    workers = [pid for pid, parent, _, _ in rows if parent in ours]
    return workers, [pid for pid, parent, kib, _ in rows if parent in workers and kib >= above_kib]


def emulator_of(parent: int) -> int:
    """Return the embedded AWS that another process runs."""
    [found] = [pid for pid, above, _, args in _table() if above == parent and _EMULATOR in args]
    return found


def is_running(process: int) -> bool:
    """Whether there is such a process."""
    return any(pid == process for pid, _, _, _ in _table())


def _table() -> list[tuple[int, int, int, str]]:
    """Return every process: its id, its parent's, its resident memory in KiB, its command."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,args="],  # noqa: S607  # wherever ps is
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split(None, 3) for line in listed.stdout.splitlines())
    return [(int(row[0]), int(row[1]), int(row[2]), row[3]) for row in rows if len(row) == 4]
