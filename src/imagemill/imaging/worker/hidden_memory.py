"""Hide the memory of a process from other processes of the same user."""

import ctypes
import sys

# PR_SET_DUMPABLE: linux/prctl.h.
_SET_DUMPABLE = 4


def hide_memory() -> bool:
    """Let no other process of this user read this one's memory and environment; Linux only.

    A process of root, and one with CAP_SYS_PTRACE, still can. No core is dumped either.
    """
    library = linux_library()
    return library is not None and library.prctl(_SET_DUMPABLE, 0, 0, 0, 0) == 0


def linux_library() -> ctypes.CDLL | None:
    """Return the C library of Linux; None on other systems."""
    return ctypes.CDLL(None) if sys.platform == "linux" else None
