"""The processes that the embedded AWS runs under this one."""

import os
import subprocess

_EMULATOR = "imagemill.local.emulator"


def processes() -> tuple[list[int], list[int]]:
    """Return the children of the embedded AWS that runs under us, and their children."""
    rows = _table()
    ours = {pid for pid, parent, args in rows if parent == os.getpid() and _EMULATOR in args}
    workers = [pid for pid, parent, _ in rows if parent in ours]
    return workers, [pid for pid, parent, _ in rows if parent in workers]


def _table() -> list[tuple[int, int, str]]:
    """Return every process: its id, its parent's, its command."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="],  # noqa: S607  # wherever ps is
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split(None, 2) for line in listed.stdout.splitlines())
    return [(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) == 3]
