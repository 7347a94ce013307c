"""Connections to one host, kept open between requests and shared by threads."""

from collections import deque

from imagemill.aws.errors import ResponseInvalid
from imagemill.aws.light.answer import Answer
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.wire import Timeouts, Wire, tls_context

__all__ = ["BROKEN", "ConnectionPool", "Timeouts", "tls_context"]

_MOST_IDLE = 32
BROKEN = (OSError,)
"""What a connection raises that fails: AnswerBroken, errors of TLS and time-outs are OSError."""


class ConnectionPool:
    """Every connection to one endpoint."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._idle: deque[Wire] = deque()

    def __del__(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def ask(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send a request and return its answer, of which only the head was read; raises BROKEN.

        A connection that was idle may have been closed by the other end, without an answer. That
        is no fault: the request is sent again on a new one. One that stays silent is a fault, after
        which no other that was idle as long is tried.
        """
        head = _head(method, address, headers, body)
        idle = self._take_idle()
        try:
            if idle:
                return self._asked(idle, method, head, body)
        except (ConnectionError, ResponseInvalid):
            self._forget_idle()
        except BROKEN:
            self._forget_idle()
            raise
        answer = self._asked(Wire(self._endpoint, self._timeouts), method, head, body)
        answer.was_resent = bool(idle)
        return answer

    def _asked(self, wire: Wire, method: str, head: bytes, body: bytes) -> Answer:
        try:
            wire.send(head, body)
            return Answer(wire, method, self._release)
        except BaseException:
            wire.abort()
            raise

    def _release(self, wire: Wire, may_stay: bool) -> None:  # noqa: FBT001  # see Release
        if may_stay and len(self._idle) < _MOST_IDLE:
            self._idle.append(wire)
        else:
            wire.close()

    def _take_idle(self) -> Wire | None:
        """Return a connection that seems open, newest first; None if there is none."""
        while True:
            try:
                wire = self._idle.pop()
            except IndexError:
                return None
            if wire.is_idle():
                return wire
            wire.abort()

    def _forget_idle(self) -> None:
        while wire := self._take_idle():
            wire.close()


def _head(method: str, address: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return a request's head; raises ValueError for what would end a line of it."""
    length = {"content-length": str(len(body))} if body or method in {"PUT", "POST"} else {}
    lines = [f"{name}: {value}" for name, value in (headers | length).items()]
    lines.insert(0, f"{method} {address} HTTP/1.1")
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise ValueError("a header has a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
