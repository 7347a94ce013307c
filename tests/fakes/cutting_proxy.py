"""A proxy that passes requests on, and closes the connection instead of some of the answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import httpx

from fakes.http_server import http_server

# Headers of one connection; httpx has decoded the body.
_HOP_HEADERS = {"connection", "content-encoding", "content-length", "transfer-encoding"}


@dataclass
class CuttingProxy:
    """The requests that were passed on. Those whose path ends with `cut` get no answer."""

    url: str = ""
    cut: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Methods and paths without the query."""


@contextmanager
def cutting_proxy(target: str) -> Iterator[CuttingProxy]:
    """Run a proxy to a server, under the path of its URL."""
    place = httpx.URL(target)
    proxy = CuttingProxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in {*_HOP_HEADERS, "host"}
            }
            answer = httpx.request(
                self.command, place.join(self.path), headers=headers, content=body, timeout=30
            )
            path = self.path.partition("?")[0]
            proxy.requests.append((self.command, path))
            if proxy.cut and path.endswith(proxy.cut):
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP_HEADERS:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_DELETE = do_GET  # noqa: N815  # names of http.server

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http_server() as running:
        running.RequestHandlerClass = Handler
        proxy.url = f"http://127.0.0.1:{running.server_port}{place.path}"
        yield proxy
