"""HTTP proxy between a function and AWS that applies faults to requests.

It forwards the Host header and the body unchanged, because the signature covers both.
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

from chaos.faults import FaultInjector, FaultKind

# Hop-by-hop headers (RFC 9110, section 7.6.1) and Expect, which no signature covers.
_CONNECTION_ONLY = {"connection", "expect", "keep-alive", "transfer-encoding"}
_UPSTREAM_TIMEOUT_S = 30
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@contextmanager
def proxy(endpoint: str, injector: FaultInjector) -> Iterator[str]:
    """Run a proxy to `endpoint` on a free port of loopback, and yield its URL."""

    class Handler(_Handler):
        target = urlsplit(endpoint).netloc
        faults = injector

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
        """Ignore clients that closed their connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    target: str
    faults: FaultInjector

    def do_GET(self) -> None:
        """Forward a request, or apply a fault to it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.faults.next_fault(urlsplit(self.path).path):
            case FaultKind.SLOW_DOWN:
                self._send(self._throttling_error())
            case FaultKind.INTERNAL | FaultKind.PERSISTENT:
                self._send(self._internal_error())
            case FaultKind.RESET:
                self._reset()
            case FaultKind.LATE:
                time.sleep(self.faults.pause_s())
                self._finish(None, self._forward(body))
            case FaultKind.STALLED:
                with self.faults.pending(self.path):
                    self._forward_after(self.faults.stall_s(), body)
                self._reset()
            case FaultKind.DEFERRED:
                # It is pending before the client can see the reset.
                with self.faults.pending(self.path):
                    self._reset()
                    self._forward_after(self.faults.defer_s(), body)
            case fault:
                self._finish(fault, self._forward(body))

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _finish(self, fault: FaultKind | None, answer: _Answer | None) -> None:
        if answer is None:
            self._reset()
        elif fault is None:
            self._send(answer)
        elif fault is FaultKind.ERROR_AFTER:
            self._send(self._internal_error())
        else:
            self._send(answer, fault)

    def _forward_after(self, pause_s: float, body: bytes) -> None:
        """Forward a request after a delay and drop the answer; the client has gone."""
        time.sleep(pause_s)
        self._forward(body)

    def _forward(self, body: bytes) -> _Answer | None:
        """Forward the request unchanged and return the answer; None if there is none."""
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

    def _send(self, answer: _Answer, cut: FaultKind | None = None) -> None:
        """Send the whole answer, or its first part before the connection is cut."""
        kept = [pair for pair in answer.headers if pair[0].lower() not in _CONNECTION_ONLY]
        if "content-length" not in {name.lower() for name, _ in kept}:
            kept.append(("Content-Length", str(len(answer.body))))
        lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in kept)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        whole = head if self.command == "HEAD" else head + answer.body
        if cut is None:
            self.wfile.write(whole)
            return
        count, is_reset = self.faults.cut(cut, len(head), len(whole))
        self.wfile.write(whole[:count])
        self.close_connection = True
        if is_reset:
            self._reset()

    def _reset(self) -> None:
        """Close the connection with RST instead of FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def _is_table(self) -> bool:
        return "X-Amz-Target" in self.headers

    def _throttling_error(self) -> _Answer:
        if not self._is_table():
            return _xml(503, "SlowDown")
        length = int(self.headers.get("Content-Length", 0))
        return _json(
            400, ("ThrottlingException", "ProvisionedThroughputExceededException")[length % 2]
        )

    def _internal_error(self) -> _Answer:
        return _json(500, "InternalServerError") if self._is_table() else _xml(500, "InternalError")


def _xml(status: int, code: str) -> _Answer:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>chaos</Message></Error>"
    return _Answer(status, [("Content-Type", "application/xml")], body.encode())


def _json(status: int, code: str) -> _Answer:
    body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"chaos"}}'
    return _Answer(status, [("Content-Type", "application/x-amz-json-1.0")], body.encode())
