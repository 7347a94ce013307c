"""Use freed memory again instead of giving it back to the kernel after each image.

By default glibc returns large blocks to the kernel at once, and the kernel clears every page of the
next block: a third of the decoding time of a WebP. Other C libraries are left alone. The peak does
not grow; at most the memory of the largest image stays allocated afterwards.
"""

import ctypes
import sys
from functools import cache
from resource import RUSAGE_SELF, getpagesize, getrusage

# Parameters of glibc's `mallopt`, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# Freed bytes that the process may keep.
_MOST_KEPT_BYTES = 256 << 20
# Bytes: larger single blocks are returned to the kernel, as by default.
_LARGEST_KEPT_BYTES = 128 << 20


@cache
def keep_freed_memory() -> bool:
    """Configure glibc once per process; return False if the C library is another one."""
    return _set(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES) and _set(_TRIM_THRESHOLD, _MOST_KEPT_BYTES)


@cache
def share_memory_of_threads() -> bool:
    """Let all threads use the memory that any of them has freed; False with another C library.

    By default each thread has its own, and a file that a new thread receives fills new pages: 3 ms
    for 3 MB. Call it before there are threads.
    """
    return _set(_ARENA_MAX, 1)


def _set(parameter: int, value: int) -> bool:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return bool(mallopt and mallopt(parameter, value))


def make_room(needed_bytes: int, limit_bytes: int) -> None:
    """Return freed memory to the kernel before an image that may need more than half of the limit.

    A worker process keeps up to the other half of it for later images.
    """
    if needed_bytes > limit_bytes // 2:
        return_freed_memory()


def return_freed_memory() -> None:
    """Return all freed memory to the kernel; glibc only."""
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def resident_bytes() -> int:
    """Return the memory that this process has from the kernel, bytes; 0 where it is unknown."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before pathlib is loaded
            return int(file.read().split()[1]) * getpagesize()
    except OSError:
        return 0


def peak_bytes() -> int:
    """Return the most memory that this process has ever had from the kernel, bytes."""
    kib = getrusage(RUSAGE_SELF).ru_maxrss
    return kib if sys.platform == "darwin" else kib * 1024
