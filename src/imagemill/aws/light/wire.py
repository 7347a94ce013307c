"""A TCP or TLS connection of which nothing is delivered any more once its owner gave it up."""

import os
import socket
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from select import POLLIN, poll
from urllib.parse import urlsplit
from weakref import WeakSet

from imagemill.aws.errors import ResponseInvalid
from imagemill.aws.light.endpoint import Endpoint

_PORT, _TLS_PORT = 80, 443
_PIECE_BYTES = 1 << 17
"""Bytes asked of the kernel at once; what is received beyond the answer is how surplus shows."""
_LINGER_ZERO = struct.pack("ii", 1, 0)
_NO_LINGER = struct.pack("ii", 0, 0)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect_s: float = 3
    answer_s: float = 20


class Wire:
    """One connection, with the bytes that were received and not yet read.

    From its first moment on, however it ends (`abort`, garbage collection, the process killed), the
    kernel discards the bytes that it has not sent yet and resets the connection (SO_LINGER, 0
    seconds). Otherwise they would be sent after the request was given up: in Lambda even minutes
    later, when a frozen environment runs again. Only `close`, for a connection with nothing under
    way, ends it by FIN.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self._unread, self._at = b"", 0
        self._sock = _connected(endpoint, timeouts)
        _OPEN.add(self)

    def send(self, head: bytes, body: bytes) -> None:
        """Send a request; raises OSError."""
        if len(body) <= _PIECE_BYTES:
            self._sock.sendall(head + body)
        else:
            self._sock.sendall(head)
            self._sock.sendall(body)

    def line(self, most: int) -> bytes:
        """Return the next line, of up to `most` bytes, without its end; raises OSError."""
        while (end := self._unread.find(b"\n", self._at)) < 0:
            if len(self._unread) - self._at > most:
                break
            self._unread, self._at = self._unread[self._at :] + self._received(), 0
        line = self._unread[self._at : end]
        if end < 0 or len(line) > most:
            raise ResponseInvalid("a line of the answer is too long")
        self._at = end + 1
        return line.removesuffix(b"\r")

    def some(self, most: int) -> bytes:
        """Return the next bytes, at least one and at most `most`; raises OSError."""
        if not self.has_unread:
            self._unread, self._at = self._received(), 0
        piece = self._unread[self._at : self._at + most]
        self._at += len(piece)
        return piece

    @property
    def has_unread(self) -> bool:
        """Whether bytes were received that nobody has read."""
        return self._at < len(self._unread)

    def is_idle(self) -> bool:
        """Return whether nothing has arrived, the end of the connection included."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return False
        watched = poll()
        watched.register(self._sock, POLLIN)
        return not (self.has_unread or watched.poll(0))

    def abort(self) -> None:
        """End the connection by RST and discard all that was not sent."""
        self._sock.close()

    def close(self) -> None:
        """End a connection by FIN on which nothing is under way."""
        with suppress(OSError):  # the other end has reset it, or it is closed
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._sock.close()

    def _received(self) -> bytes:
        piece = self._sock.recv(_PIECE_BYTES)
        if not piece:
            raise ResponseInvalid("the connection ended before the answer did")
        return piece


_OPEN: WeakSet[Wire] = WeakSet()


def _leave_to_parent() -> None:
    """Close the child's copies after a fork: a connection only ends with its last copy."""
    for wire in list(_OPEN):
        wire.abort()


os.register_at_fork(after_in_child=_leave_to_parent)


@cache
def tls_context() -> ssl.SSLContext:
    """Return what certificates are checked by; loading them takes long, so it is done once."""
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)


def _connected(endpoint: Endpoint, timeouts: Timeouts) -> socket.socket:
    place = urlsplit(f"//{endpoint.host}")
    host = place.hostname or ""
    port = place.port or (_TLS_PORT if endpoint.is_tls else _PORT)
    sock = socket.create_connection((host, port), timeouts.connect_s)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # what nobody confirms is not sent later, either
            unconfirmed_ms = int(timeouts.answer_s * 1000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unconfirmed_ms)
        if endpoint.is_tls:
            sock = tls_context().wrap_socket(sock, server_hostname=host)
        sock.settimeout(timeouts.answer_s)
    except BaseException:
        sock.close()
        raise
    return sock
