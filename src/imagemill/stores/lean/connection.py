"""Connections to one host, kept open between requests and shared by threads."""

import http.client
import os
import ssl
from collections import deque
from functools import cache
from select import POLLIN, poll

from imagemill.stores.lean.endpoint import Endpoint

_CONNECT_S, _ANSWER_S = 3, 20
_MOST_IDLE = 32
BROKEN = (OSError, http.client.HTTPException)
"""What a connection raises that fails: TLS's errors and time-outs are OSError."""


class Body:
    """The bytes of an answer, read as they arrive; closed early, its connection is not kept."""

    def __init__(
        self, line: "Line", connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
    ) -> None:
        self._line = line
        self._connection = connection
        self._answer = answer

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes or all that are left; raises BROKEN."""
        return self._answer.read(amount)

    def close(self) -> None:
        """Keep the connection for the next request where all was read."""
        if self._answer.isclosed() and not self._answer.will_close:
            self._line.keep(self._connection)
        else:
            self._connection.close()


class Line:
    """Every connection to one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: deque[http.client.HTTPConnection] = deque(maxlen=_MOST_IDLE)

    def __del__(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def ask(
        self, method: str, address: str, headers: dict[str, str], body: bytes
    ) -> tuple[http.client.HTTPResponse, Body]:
        """Send a request and return its answer, of which only the head was read; raises BROKEN.

        A connection that was idle may have been closed by the other end, without an answer. That
        is no fault: the request is sent again on a new one.
        """
        idle = self._take_idle()
        if idle:
            try:
                return self._asked(idle, method, address, headers, body)
            except (ConnectionError, http.client.RemoteDisconnected):
                self._forget_idle()
        return self._asked(self._connect(), method, address, headers, body)

    def keep(self, connection: http.client.HTTPConnection) -> None:
        """Take back a connection for a later request."""
        self._idle.append(connection)

    def _asked(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        address: str,
        headers: dict[str, str],
        body: bytes,
    ) -> tuple[http.client.HTTPResponse, Body]:
        try:
            connection.request(method, address, body or None, headers)
            answer = connection.getresponse()
        except BROKEN:
            connection.close()
            raise
        return answer, Body(self, connection, answer)

    def _connect(self) -> http.client.HTTPConnection:
        connection = (
            http.client.HTTPSConnection(
                self._endpoint.host, timeout=_CONNECT_S, context=tls_context()
            )
            if self._endpoint.is_tls
            else http.client.HTTPConnection(self._endpoint.host, timeout=_CONNECT_S)
        )
        connection.connect()
        connection.sock.settimeout(_ANSWER_S)
        return connection

    def _take_idle(self) -> http.client.HTTPConnection | None:
        """Return a connection that seems open, newest first; None if there is none."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.sock and not _has_news(connection):
                return connection
            connection.close()

    def _forget_idle(self) -> None:
        while connection := self._take_idle():
            connection.close()


def _has_news(connection: http.client.HTTPConnection) -> bool:
    """Tell whether there is something that nobody asked for: that the connection is over."""
    watched = poll()
    watched.register(connection.sock, POLLIN)
    return bool(watched.poll(0))


@cache
def tls_context() -> ssl.SSLContext:
    """Return what certificates are checked by; loading them takes long, so it is done once."""
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
