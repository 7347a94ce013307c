"""An issuer of tokens on this machine, as a web server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from fakes.issuer import FakeIssuer

# Interval in which the server notices its end, in seconds.
_POLL_S = 0.01


@contextmanager
def issuer_running() -> Iterator[FakeIssuer]:
    """Serve the documents of an issuer at its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.fetch(issuer.url + self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = FakeIssuer(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, args=(_POLL_S,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
