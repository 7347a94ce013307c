"""Connections to one host, kept open between requests and shared by threads."""

import time
from collections import deque

from imagemill.aws.light.answer import Response
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.wire import Connection, Timeouts, tls_context

__all__ = ["CONNECTION_ERRORS", "ConnectionPool", "Timeouts", "tls_context"]

# Idle connections kept for one host: more than the threads of a function use at once.
_MAX_IDLE = 32
# Errors of a connection: InvalidResponse, errors of TLS and time-outs are all OSErrors.
CONNECTION_ERRORS = (OSError,)


class _Silence:
    """The last time an idle connection of any pool did not answer, in epoch seconds."""

    noticed_s = 0.0


class ConnectionPool:
    """The connections to one endpoint, for any number of threads."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._idle: deque[Connection] = deque()

    def __del__(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """Send a request and return its response with the body unread; raises OSError.

        The server may have closed an idle connection. The request is then sent again on a new
        connection, which does not count as an attempt. An idle connection that does not respond in
        time raises the time-out, and no pool uses a connection again that was idle before: they are
        as old, and each could cost another time-out.
        """
        head = _encode_head(method, target, headers, body)
        idle = self._take_idle()
        try:
            if idle:
                return self._exchange(idle, method, head, body)
        except (ConnectionError, InvalidResponse):
            self._close_idle()
        except CONNECTION_ERRORS:
            _Silence.noticed_s = time.time()
            self._close_idle()
            raise
        response = self._exchange(Connection(self._endpoint, self._timeouts), method, head, body)
        response.was_resent = bool(idle)
        return response

    def _exchange(self, connection: Connection, method: str, head: bytes, body: bytes) -> Response:
        try:
            connection.send(head, body)
            if connection.idle_since_s:
                connection.wait(min(self._timeouts.idle_answer_s, self._timeouts.answer_s))
            return Response(connection, method, self._release)
        except BaseException:
            connection.abort()
            raise

    def _release(self, connection: Connection, is_reusable: bool) -> None:  # noqa: FBT001  # see Release
        if is_reusable and len(self._idle) < _MAX_IDLE:
            connection.idle_since_s = time.time()
            self._idle.append(connection)
        else:
            connection.close()

    def _take_idle(self) -> Connection | None:
        """Return the newest idle connection that seems open and is not too old; None if none."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_idle() and self._is_recent(connection.idle_since_s):
                return connection
            connection.abort()

    def _is_recent(self, idle_since_s: float) -> bool:
        """Return False for a connection that may be dead without a sign.

        By the wall clock: the monotonic clock of a frozen environment may stand still.
        """
        age_s = time.time() - idle_since_s
        return 0 <= age_s <= self._timeouts.idle_s and idle_since_s > _Silence.noticed_s

    def _close_idle(self) -> None:
        while connection := self._take_idle():
            connection.close()


def _encode_head(method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return the head of a request; raises ValueError for a header that contains a line break."""
    length = {"content-length": str(len(body))} if body or method in {"PUT", "POST"} else {}
    lines = [f"{name}: {value}" for name, value in (headers | length).items()]
    lines.insert(0, f"{method} {target} HTTP/1.1")
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise ValueError("a header has a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
