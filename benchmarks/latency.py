"""A proxy that adds AWS's latencies to the embedded AWS, which answers faster.

It delays the first byte of a response to AWS's latency, and sends the bytes at the rate at which S3
sends one object.
"""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

# Seconds until the first byte of a response. Assumed.
GET_S, PUT_S, HEAD_S, DYNAMODB_S, EVENTS_S = 0.020, 0.030, 0.020, 0.006, 0.015
# Transfer rate of one S3 object, bytes a second. Assumed.
BYTES_PER_S = 75_000_000
_CHUNK = 1 << 18
_CONNECTION_ONLY = {"connection", "expect", "keep-alive", "transfer-encoding"}


@contextmanager
def as_on_aws(endpoint: str, requests: list[str] | None = None) -> Iterator[str]:
    """Run a proxy to `endpoint` on a free port of 127.0.0.1, and yield its URL.

    It adds the method and the path of each request to `requests`.
    """
    seen = [] if requests is None else requests

    class Handler(_Handler):
        target = urlsplit(endpoint).netloc
        requests = seen

    server = _Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Ignore clients that closed their connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    target: str
    requests: list[str]
    _upstream: http.client.HTTPConnection | None = None

    def do_GET(self) -> None:
        """Forward a request, and send the response after AWS's latency."""
        begun = time.monotonic()
        self.requests.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            answer = self._passed_on(body)
        except ConnectionError:
            # The embedded AWS has closed the idle connection.
            self._upstream = None
            answer = self._passed_on(body)
        data = answer.read()
        self._head(answer, len(data))
        _sleep_until(begun + self._first_byte_s())
        self._pace(data)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the names http.server looks for

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _first_byte_s(self) -> float:
        target = self.headers.get("X-Amz-Target", "")
        if target.startswith("DynamoDB"):
            return DYNAMODB_S
        if target:
            return EVENTS_S
        return {"GET": GET_S, "HEAD": HEAD_S}.get(self.command, PUT_S)

    def _passed_on(self, body: bytes) -> http.client.HTTPResponse:
        if self._upstream is None:
            self._upstream = http.client.HTTPConnection(self.target, timeout=60)
            self._upstream.connect()
            self._upstream.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upstream = self._upstream
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _CONNECTION_ONLY:
                upstream.putheader(name, value)
        upstream.endheaders(body)
        return upstream.getresponse()

    def _head(self, answer: http.client.HTTPResponse, size: int) -> None:
        self.send_response_only(answer.status)
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _CONNECTION_ONLY]
        for name, value in kept:
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in kept}:
            self.send_header("Content-Length", str(size))

    def _pace(self, data: bytes) -> None:
        self.end_headers()
        begun = time.monotonic()
        for start in range(0, len(data), _CHUNK):
            self.wfile.write(data[start : start + _CHUNK])
            _sleep_until(begun + min(start + _CHUNK, len(data)) / BYTES_PER_S)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
