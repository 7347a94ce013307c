"""The environment of a worker: credentials stay out of it, and of the memory of a forked one."""

import ctypes
import os
from collections.abc import Mapping

# Variables of a worker: where libraries are, how text is encoded. None is a secret.
_PASSED_ON = frozenset({"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ"})
# Bytes of a `bytes` object of CPython before its content; the size has a final zero.
_BEFORE_CONTENT = bytes.__basicsize__ - 1


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a worker gets."""
    return {name: value for name, value in environ.items() if name in _PASSED_ON}


def forget_environment() -> None:
    """Remove all other variables from this process, a fork, and overwrite them in its memory.

    A variable is in memory twice: as the system handed it over, and in Python's copy.
    """
    find = ctypes.CDLL(None).getenv
    find.restype = ctypes.c_void_p
    for name, value in list(os.environb.items()):
        if os.fsdecode(name) in _PASSED_ON:
            continue
        if address := find(name):
            ctypes.memset(address, 0, len(value))
        del os.environb[name]
        # Python shares objects of a single byte.
        if len(value) > 1:
            ctypes.memset(id(value) + _BEFORE_CONTENT, 0, len(value))
