"""Child processes of the embedded AWS that this process has started."""

import os
import subprocess

_EMULATOR = "imagemill.local.child"


def processes(above_kib: int = 0) -> tuple[list[int], list[int]]:
    """Return the ids of the functions' processes and of their children.

    Only children with at least `above_kib` of resident memory (KiB, shared pages included).
    """
    rows = _table()
    ours = {pid for pid, parent, _, args in rows if parent == os.getpid() and _EMULATOR in args}
    workers = [pid for pid, parent, _, _ in rows if parent in ours]
    return workers, [pid for pid, parent, kib, _ in rows if parent in workers and kib >= above_kib]


def emulator_of(parent: int) -> int:
    """Return the process id of the embedded AWS that another process has started."""
    [found] = [pid for pid, above, _, args in _table() if above == parent and _EMULATOR in args]
    return found


def is_running(process: int) -> bool:
    """Return whether a process exists."""
    return any(pid == process for pid, _, _, _ in _table())


def _table() -> list[tuple[int, int, int, str]]:
    """Return every process: its id, its parent's id, its resident memory in KiB, its command."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,args="],  # noqa: S607  # the path of ps differs between systems
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split(None, 3) for line in listed.stdout.splitlines())
    return [(int(row[0]), int(row[1]), int(row[2]), row[3]) for row in rows if len(row) == 4]
