"""A proxy between the functions and AWS that passes requests on unchanged, in fair weather.

The signature covers the Host header and the bytes, so both go on as they came.
"""

import http.client
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import urlsplit
from zlib import crc32

_CONNECTION_ONLY = {"connection", "expect", "keep-alive", "transfer-encoding"}
"""Headers between two neighbours, which no signature covers."""
_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
_CURSED_ONE_IN = 150
_SQUALL_EVERY_S = 12.0
_SQUALL_S = 2.0
_UPSTREAM_TIMEOUT_S = 30
_POLL_S = 0.05


class Trouble(StrEnum):
    """What may happen to one request."""

    SLOW_DOWN = "slow_down"
    """Told to slow down; nothing was done."""
    INTERNAL = "internal"
    """An internal error; nothing was done."""
    REFUSED = "refused"
    """The connection is reset before anything was done."""
    UNHEARD = "unheard"
    """It is done, and the connection is reset before the answer."""
    DENIED = "denied"
    """It is done, and the answer is an internal error."""
    CUT = "cut"
    """It is done, and the answer ends halfway."""
    LATE = "late"
    """It is done, after a while."""
    CURSED = "cursed"
    """An internal error, as ever; nothing was done."""


_WEIGHTS = {
    Trouble.SLOW_DOWN: 4,
    Trouble.INTERNAL: 3,
    Trouble.REFUSED: 2,
    Trouble.UNHEARD: 2,
    Trouble.DENIED: 2,
    Trouble.CUT: 1,
    Trouble.LATE: 4,
}


class Weather:
    """Chance: which request meets what. Squalls come and go until it is calm.

    A few paths are cursed: whatever is asked of them fails until then, again and again, so that
    some work is tried in vain to the last, and begins anew from wherever it got to.
    """

    def __init__(self, random: Random, rate: float = 0.1, squall_rate: float = 0.5) -> None:
        self.met: Counter[Trouble] = Counter()
        self.is_calm = True
        self._random = random
        self._rate = rate
        self._squall_rate = squall_rate
        self._asked_at = time.monotonic()
        self._curse = random.randrange(_CURSED_ONE_IN)
        self._lock = threading.Lock()

    def draw(self, path: str) -> Trouble | None:
        """Return the trouble of the next request."""
        with self._lock:
            self._asked_at = time.monotonic()
            if not self.is_calm and path != "/" and self._is_cursed(path):
                self.met[Trouble.CURSED] += 1
                return Trouble.CURSED
            squall = time.monotonic() % _SQUALL_EVERY_S < _SQUALL_S
            if self.is_calm or self._random.random() > (
                self._squall_rate if squall else self._rate
            ):
                return None
            trouble = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            self.met[trouble] += 1
            return trouble

    def silence_s(self) -> float:
        """Return for how long nobody has asked for anything."""
        with self._lock:
            return time.monotonic() - self._asked_at

    def _is_cursed(self, path: str) -> bool:
        return crc32(path.encode()) % _CURSED_ONE_IN == self._curse

    def pause_s(self) -> float:
        """Return how long a request that is late has to wait: mostly little, seldom long."""
        with self._lock:
            return self._random.choice(_PAUSES_S)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@contextmanager
def proxy(endpoint: str, weather: Weather) -> Iterator[str]:
    """Run a proxy to `endpoint` on a free port of loopback, and say where it is."""

    class Handler(_Handler):
        target = urlsplit(endpoint).netloc
        sky = weather

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Let a client that went away in the middle go."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    target: str
    sky: Weather

    def do_GET(self) -> None:
        """Pass a request on, or do not."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.sky.draw(urlsplit(self.path).path):
            case Trouble.SLOW_DOWN:
                self._send(self._throttled())
            case Trouble.INTERNAL | Trouble.CURSED:
                self._send(self._broken())
            case Trouble.REFUSED:
                self._reset()
            case Trouble.LATE:
                time.sleep(self.sky.pause_s())
                self._conclude(None, None if self._is_left() else self._passed_on(body))
            case trouble:
                self._conclude(trouble, self._passed_on(body))

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing: the ledger tells."""

    def _conclude(self, trouble: Trouble | None, answer: _Answer | None) -> None:
        if answer is None or trouble is Trouble.UNHEARD:
            self._reset()
        elif trouble is Trouble.DENIED:
            self._send(self._broken())
        elif trouble is Trouble.CUT:
            self._send(answer, len(answer.body) // 2)
            self._reset()
        else:
            self._send(answer)

    def _is_left(self) -> bool:
        """Tell whether who asked has died: nobody's request is done seconds after their end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _passed_on(self, body: bytes) -> _Answer | None:
        """Return the answer to the request as it came; None when there is none."""
        upstream = http.client.HTTPConnection(self.target, timeout=_UPSTREAM_TIMEOUT_S)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _CONNECTION_ONLY:
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            return _Answer(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            upstream.close()

    def _send(self, answer: _Answer, most: int | None = None) -> None:
        """Answer in one piece; only the first `most` bytes of the body if told so."""
        kept = [pair for pair in answer.headers if pair[0].lower() not in _CONNECTION_ONLY]
        if "content-length" not in {name.lower() for name, _ in kept}:
            kept.append(("Content-Length", str(len(answer.body))))
        lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in kept)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head + (b"" if self.command == "HEAD" else answer.body[:most]))

    def _reset(self) -> None:
        """Break the connection off, so that the other side sees a reset and no end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def _is_table(self) -> bool:
        return "X-Amz-Target" in self.headers

    def _throttled(self) -> _Answer:
        if not self._is_table():
            return _xml(503, "SlowDown")
        length = int(self.headers.get("Content-Length", 0))
        return _json(
            400, ("ThrottlingException", "ProvisionedThroughputExceededException")[length % 2]
        )

    def _broken(self) -> _Answer:
        return _json(500, "InternalServerError") if self._is_table() else _xml(500, "InternalError")


def _xml(status: int, code: str) -> _Answer:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>chaos</Message></Error>"
    return _Answer(status, [("Content-Type", "application/xml")], body.encode())


def _json(status: int, code: str) -> _Answer:
    body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"chaos"}}'
    return _Answer(status, [("Content-Type", "application/x-amz-json-1.0")], body.encode())
