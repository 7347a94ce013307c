"""Memory that a decoder frees stays with the process, for the next to use.

glibc gives large blocks back to the kernel at once, and every page of the next one has to be found
and cleared anew: a third of the time of a WebP. Elsewhere there is nothing to do. The peak is the
same; what is kept afterwards is at most what the largest image took.
"""

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`, from malloc.h."""
_MOST_KEPT_BYTES = 256 << 20
_LARGEST_KEPT_BYTES = 128 << 20
"""A single block beyond it is given back as ever."""


@cache
def keep_freed_memory() -> bool:
    """Set it once for the process; returns whether this C library can."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    kept = mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
    return bool(kept and mallopt(_TRIM_THRESHOLD, _MOST_KEPT_BYTES))
