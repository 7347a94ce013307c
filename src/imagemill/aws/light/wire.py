"""A TCP or TLS connection that delivers nothing after its owner has given it up."""

import os
import socket
import ssl
import struct
from contextlib import suppress
from functools import cache
from select import POLLIN, poll
from typing import NamedTuple
from urllib.parse import urlsplit
from weakref import WeakSet

from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.errors import InvalidResponse

_PORT, _TLS_PORT = 80, 443
# Bytes requested from the kernel at once. Bytes beyond the response must be received to be noticed,
# so this is more than the rest of a response.
PIECE_BYTES = 1 << 17
# Bytes of a body that may wait in the kernel before the thread that reads them is woken.
_MOST_WAITING_BYTES = 1 << 19
_LINGER_ZERO = struct.pack("ii", 1, 0)
_NO_LINGER = struct.pack("ii", 0, 0)


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, and for the next bytes of a response, as README.md says.

    A connection that was idle may be dead without a sign: an environment of Lambda is frozen
    between invocations, and the network forgets connections meanwhile. So after `idle_s` it is not
    used again, and for the first bytes over one that was idle the time is `idle_answer_s`: the
    request is then repeated over a new one.
    """

    connect_s: float = 3
    answer_s: float = 20
    # Far more than S3 and DynamoDB usually need; a slow answer costs one repetition.
    idle_answer_s: float = 5
    # As the AWS SDK for Java ("connectionMaxIdleTime").
    idle_s: float = 60


class Connection:
    """One connection, with the bytes that were received and not yet read.

    The kernel keeps sending the bytes in its buffer after a normal `close`: in a frozen Lambda
    environment even minutes later, when the environment runs again. A request that was given up
    could then be applied. Therefore every connection has SO_LINGER with 0 seconds: however it ends
    (`abort`, garbage collection, a killed process), the kernel discards the unsent bytes and resets
    the connection (RST). Only `close`, for a connection without a request under way, sends FIN.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        # Time of the last release, in epoch seconds; 0 before it.
        self.idle_since_s = 0.0
        self._unread, self._at = b"", 0
        self._woken_at = 1
        self._sock = _connect(endpoint, timeouts)
        _OPEN.add(self)

    def send(self, head: bytes, body: bytes) -> None:
        """Send a request; raises OSError."""
        if len(body) <= PIECE_BYTES:
            self._sock.sendall(head + body)
        else:
            self._sock.sendall(head)
            self._sock.sendall(body)

    def read_line(self, most: int) -> bytes:
        """Return the next line of up to `most` bytes, without its end; raises OSError."""
        while (end := self._unread.find(b"\n", self._at)) < 0:
            if len(self._unread) - self._at > most:
                break
            self._unread, self._at = self._unread[self._at :] + self._receive(), 0
        line = self._unread[self._at : end]
        if end < 0 or len(line) > most:
            raise InvalidResponse("a line of the response is too long")
        self._at = end + 1
        return line.removesuffix(b"\r")

    def read_some(self, most: int) -> bytes:
        """Return the next bytes, at least one and at most `most`; raises OSError."""
        if not self.has_unread:
            self._unread, self._at = self._receive(), 0
        piece = self._unread[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def read_into(self, memory: memoryview) -> int:
        """Write the next bytes to `memory`, and return how many, at least one; raises OSError.

        `PIECE_BYTES` more than it has room for must be on the way: it is usually filled, because
        the kernel waits for more bytes before it wakes this thread.
        """
        if self.has_unread:
            piece = self.read_some(len(memory))
            memory[: len(piece)] = piece
            return len(piece)
        self._wake_at(min(len(memory), _MOST_WAITING_BYTES))
        return self._received(self._sock.recv_into(memory))

    @property
    def has_unread(self) -> bool:
        """True if bytes were received that have not been read."""
        return self._at < len(self._unread)

    def is_idle(self) -> bool:
        """Return False if anything has arrived, including the end of the connection."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return False
        return not (self.has_unread or self._has_arrived(0))

    def wait(self, seconds: float) -> None:
        """Wait for the first bytes of a response; raises TimeoutError if none arrives in time."""
        if not self._has_arrived(seconds):
            raise TimeoutError

    def _has_arrived(self, wait_s: float) -> bool:
        watched = poll()
        watched.register(self._sock, POLLIN)
        return bool(watched.poll(1000 * wait_s))

    def abort(self) -> None:
        """Reset the connection (RST) and discard all unsent bytes."""
        self._sock.close()

    def close(self) -> None:
        """Close a connection with no request under way (FIN)."""
        # The other end may have reset it, or it is closed already.
        with suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._sock.close()

    def _receive(self) -> bytes:
        self._wake_at(1)
        piece = self._sock.recv(PIECE_BYTES)
        self._received(len(piece))
        return piece

    def _wake_at(self, count: int) -> None:
        """Let the kernel wake this thread only when so many bytes have arrived."""
        if count != self._woken_at:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
            self._woken_at = count

    def _received(self, count: int) -> int:
        """Return the number of received bytes; raises InvalidResponse for the end."""
        if not count:
            raise InvalidResponse("the connection ended before the response did")
        return count


_OPEN: WeakSet[Connection] = WeakSet()


def _close_in_child() -> None:
    """Close the child's copies after a fork: a connection ends only with its last copy."""
    for connection in list(_OPEN):
        connection.abort()


os.register_at_fork(after_in_child=_close_in_child)


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context that verifies certificates; loading them takes long, so it is shared."""
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)


def _connect(endpoint: Endpoint, timeouts: Timeouts) -> socket.socket:
    address = urlsplit(f"//{endpoint.host}")
    host = address.hostname or ""
    port = address.port or (_TLS_PORT if endpoint.is_tls else _PORT)
    sock = socket.create_connection((host, port), timeouts.connect_s)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The kernel gives up bytes that the other end does not acknowledge in this time, so a
        # frozen function does not send them later. Linux only.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            unacknowledged_ms = int(timeouts.answer_s * 1000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unacknowledged_ms)
        if endpoint.is_tls:
            sock = tls_context().wrap_socket(sock, server_hostname=host)
        sock.settimeout(timeouts.answer_s)
    except BaseException:
        sock.close()
        raise
    return sock
