"""Receive the answer of an issuer: its redirect to this machine (RFC 8252, section 7.3)."""

import errno
import time
from collections.abc import Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from imagemill.errors import SetupFailed

_HOST = "127.0.0.1"
# Longest time in which a connection may send its request, in seconds: browsers open some without.
_REQUEST_TIMEOUT_S = 5
_DONE = b"<!doctype html><title>imagemill</title><p>You may close this page."
_OTHER = b"<!doctype html><title>imagemill</title><p>This page belongs to no sign-in."


class Loopback:
    """A web server that waits for one redirect."""

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server((_HOST, port), _Handler)
        except OSError as fault:
            why = "is in use" if fault.errno == errno.EADDRINUSE else str(fault.strerror)
            raise SetupFailed(f"port {port} {why}: choose another with --port") from fault

    def __enter__(self) -> Self:
        """Return the server, which already takes connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the port."""
        self._server.server_close()

    @property
    def redirect_uri(self) -> str:
        """The URL that the issuer must know: some accept no other host than `localhost`."""
        return f"http://localhost:{self._server.server_port}/"

    def answer(self, state: str, timeout_s: float) -> Mapping[str, str]:
        """Return the parameters of the redirect with this `state`; raises SetupFailed."""
        self._server.state = state
        end_s = time.monotonic() + timeout_s
        while not self._server.found:
            self._server.timeout = end_s - time.monotonic()
            if self._server.timeout <= 0:
                raise SetupFailed(f"nobody signed in within {timeout_s:.0f} s")
            self._server.handle_request()
        return self._server.found


class _Server(HTTPServer):
    state = ""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.found: Mapping[str, str] = {}

    def handle_error(self, *_: object) -> None:
        """Ignore browsers that closed their connection."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST_TIMEOUT_S

    def do_GET(self) -> None:
        """Keep the parameters if they are of the attempt to sign in, and answer with a page."""
        target = urlsplit(self.path)
        given = dict(parse_qsl(target.query))
        is_ours = target.path == "/" and compare_digest(
            given.get("state", "").encode(), self.server.state.encode()
        )
        if is_ours:
            self.server.found = given
        page = _DONE if is_ours else _OTHER
        self.send_response(200 if is_ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Print nothing: the request has the code."""
