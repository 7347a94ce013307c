"""The function's end of the connection to one worker process: bytes with a deadline."""

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from select import POLLIN, POLLOUT, poll

from imagemill.imaging.worker.shared_memory import OriginalMemory

# Bytes: most answers arrive in one call. The socket's own buffer is larger.
_BUFFER_BYTES = 1 << 16


class WorkerConnection:
    """A socket, and the memory for originals; for one thread at a time.

    Deadlines are times of the monotonic clock, in seconds.
    """

    def __init__(self, end: socket.socket, memory_file: int | None) -> None:
        # Waiting is a call of its own: a socket with a timeout makes three calls for each of ours.
        end.setblocking(False)  # noqa: FBT003 - it takes no keywords
        self._socket = end
        self._readable, self._writable = poll(), poll()
        self._readable.register(end, POLLIN)
        self._writable.register(end, POLLOUT)
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._unread = self._buffer[:0]
        self.memory: OriginalMemory | None = None
        if memory_file is not None:
            with suppress(OSError):
                self.memory = OriginalMemory(memory_file)

    def is_quiet(self) -> bool:
        """Return False if the other end is closed or has sent something that was not read."""
        return not self._unread and not self._readable.poll(0)

    def send(self, parts: Sequence[bytes], deadline_s: float) -> None:
        """Send all parts; raises TimeoutError at the deadline, OSError if the worker has ended."""
        for part in parts:
            unsent = memoryview(part)
            while unsent:
                try:
                    unsent = unsent[self._socket.send(unsent) :]
                except BlockingIOError:
                    _wait(self._writable, deadline_s)

    def read(self, size: int, deadline_s: float) -> bytes:
        """Return exactly `size` bytes; raises like `send`, and EOFError."""
        if not self._unread:
            self._unread = self._buffer[: self._receive(self._buffer, deadline_s)]
        start, self._unread = self._unread[:size], self._unread[size:]
        if len(start) == size:
            return bytes(start)
        found = bytearray(size)
        found[: len(start)] = start
        missing = memoryview(found)[len(start) :]
        while missing:
            missing = missing[self._receive(missing, deadline_s) :]
        return bytes(found)

    def close(self) -> None:
        """Close the socket and release the memory."""
        self._socket.close()
        if self.memory is not None:
            self.memory.close()

    def _receive(self, into: memoryview, deadline_s: float) -> int:
        _wait(self._readable, deadline_s)
        received = self._socket.recv_into(into)
        if not received:
            raise EOFError
        return received


def _wait(watched: poll, deadline_s: float) -> None:
    """Wait until a call on the socket returns at once; raises TimeoutError at the deadline."""
    left_s = deadline_s - time.monotonic()
    if left_s <= 0 or not watched.poll(1000 * left_s):
        raise TimeoutError
