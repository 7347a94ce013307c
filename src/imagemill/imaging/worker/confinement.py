"""Take from this process everything that rendering does not need.

Each measure is one more layer: where the kernel does not offer it, the others remain.
docs/security.md says what they protect.
"""

import os
import resource

from imagemill.imaging.worker import seccomp
from imagemill.imaging.worker.hidden_memory import linux_library

# PR_SET_NO_NEW_PRIVS: linux/prctl.h.
_SET_NO_NEW_PRIVILEGES = 38


def close_inherited_files(first: int) -> None:
    """Close every file that another program left open, from the descriptor `first` on."""
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def confine() -> bool:
    """Give up network, programs, other processes and writing to files, for good.

    Modules can still be imported. Returns False if the kernel has no filter for system calls.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = linux_library()
    if library is None or library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return seccomp.install(library, os.uname().machine, os.getpid())
