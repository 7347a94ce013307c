"""Memory in which the function's process hands originals to one worker, which only reads them.

An original is copied once at each end, without the kernel: half the CPU time of a socket. The
memory is used again for each image of the worker, because the first use of a page takes longer
than copying it.
"""

import fcntl
import mmap
import os
import sys
from contextlib import suppress
from functools import cache

# File descriptors of a worker: the socket, and the file of this memory.
SOCKET_FILE, MEMORY_FILE = 0, 3
# Bytes; larger originals go through the socket. Most JPEGs of 48 MP are smaller. Only the pages
# that an original has filled take memory.
_SIZE = 16 << 20
# F_SEAL_FUTURE_WRITE of linux/fcntl.h, which Python 3.13 does not name; from Linux 5.1 on.
_SEAL_FUTURE_WRITE = 0x10


class OriginalMemory:
    """The writing end of the memory; the worker cannot change, shrink or grow it.

    Create it after the worker, so that a fork does not inherit it. Raises OSError if the kernel
    cannot seal the file: a worker could shrink it, and the next write would end this process.
    """

    def __init__(self, file: int) -> None:
        self._memory = mmap.mmap(file, _SIZE)
        self._filled = 0
        self.label: object = None
        """The name of the original that is there completely; None if it has no name."""
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL | _SEAL_FUTURE_WRITE
        try:
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
        except OSError:
            self.close()
            raise

    def put(self, data: bytes) -> bool:
        """Replace the earlier original, of which nothing is left; return False if too large."""
        memory = self.place(len(data))
        if memory is None:
            return False
        memory[:] = data
        return True

    def place(self, size: int) -> memoryview | None:
        """Return the memory of the next original; None if that is too large.

        Of the earlier original nothing is left behind it.
        """
        self.label = None
        filled = size if size <= _SIZE else 0
        if filled < self._filled:
            self._memory[filled : self._filled] = bytes(self._filled - filled)
        self._filled = filled
        return self.content if filled == size else None

    @property
    def content(self) -> memoryview:
        """The memory of the present original."""
        return memoryview(self._memory)[: self._filled]

    def close(self) -> None:
        """Release the memory, now or with the last view of it."""
        with suppress(BufferError):
            self._memory.close()


def create_memory() -> int | None:
    """Return a file in memory for one worker; None on other systems than Linux."""
    if sys.platform != "linux":
        return None
    try:
        file = os.memfd_create("original", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError:
        return None
    os.ftruncate(file, _SIZE)
    return file


@cache
def map_to_read() -> mmap.mmap:
    """Return the memory for reading, in a worker; call it first when a job uses the memory.

    The other end has sealed it by then.
    """
    return mmap.mmap(MEMORY_FILE, _SIZE, access=mmap.ACCESS_READ)
