"""A proxy between the functions and AWS that passes requests on unchanged, in fair weather.

The signature covers the Host header and the bytes, so both go on as they came.
"""

import http.client
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from chaos.weather import Trouble, Weather

_CONNECTION_ONLY = {"connection", "expect", "keep-alive", "transfer-encoding"}
"""Headers between two neighbours, which no signature covers."""
_UPSTREAM_TIMEOUT_S = 30
_POLL_S = 0.05


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
                self._conclude(None, self._passed_on(body))
            case Trouble.STALLED:
                self._pass_on_late(body, self.sky.stall_s())
                self._reset()
            case Trouble.DEFERRED:
                self._reset()
                self._pass_on_late(body, self.sky.defer_s())
            case trouble:
                self._conclude(trouble, self._passed_on(body))

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing: the ledger tells."""

    def _conclude(self, trouble: Trouble | None, answer: _Answer | None) -> None:
        if answer is None:
            self._reset()
        elif trouble is None:
            self._send(answer)
        elif trouble is Trouble.DENIED:
            self._send(self._broken())
        else:
            self._send(answer, trouble)

    def _pass_on_late(self, body: bytes, pause_s: float) -> None:
        """Apply a request whose sender has given up or was cut off: nobody hears the answer."""
        with self.sky.pending(self.path):
            time.sleep(pause_s)
            self._passed_on(body)

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

    def _send(self, answer: _Answer, cut: Trouble | None = None) -> None:
        """Answer in one piece, or with the part that arrives before the connection is cut."""
        kept = [pair for pair in answer.headers if pair[0].lower() not in _CONNECTION_ONLY]
        if "content-length" not in {name.lower() for name, _ in kept}:
            kept.append(("Content-Length", str(len(answer.body))))
        lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in kept)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        whole = head if self.command == "HEAD" else head + answer.body
        if cut is None:
            self.wfile.write(whole)
            return
        count, is_reset = self.sky.cut(cut, len(head), len(whole))
        self.wfile.write(whole[:count])
        self.close_connection = True
        if is_reset:
            self._reset()

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
