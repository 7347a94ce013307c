"""Serve the page and the JavaScript package, and pass requests of the page on to imagemill.

The server has the key of the API, so that the page does not need it. Files do not come through it:
the page sends them to the bucket. In an application of yours, check here who may upload.
"""

import os
import re
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = os.environ["IMAGEMILL_API"]
KEY = os.environ["IMAGEMILL_API_KEY"]
PORT = int(os.environ.get("PORT", "8000"))
HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "js/src"
# The requests to imagemill that the page may make, as METHOD PATH.
ALLOWED = re.compile(r"POST /uploads|GET /images(\?[^#]*)?|(GET|DELETE) /images/[a-z2-7]{26}")


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    def do_GET(self) -> None:
        """Answer with a file, or with that of imagemill."""
        module = re.fullmatch(r"/imagemill/(\w+\.js)", self.path)
        if self.path == "/":
            self.answer(200, (HERE / "page.html").read_bytes(), "text/html; charset=utf-8")
        elif module and (PACKAGE / module[1]).is_file():
            self.answer(200, (PACKAGE / module[1]).read_bytes(), "text/javascript")
        else:
            self.pass_on()

    def do_POST(self) -> None:
        """Ask imagemill for a form."""
        self.pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_DELETE(self) -> None:
        """Delete an image."""
        self.pass_on()

    def pass_on(self, body: bytes | None = None) -> None:
        """Send the request to imagemill with the key, and its answer to the page."""
        path = self.path.removeprefix("/api")
        if path == self.path or not ALLOWED.fullmatch(f"{self.command} {path}"):
            self.answer(404, b'{"code": "not_found", "detail": "the page may not ask for this"}')
            return
        headers = {"x-api-key": KEY, "Content-Type": "application/json"}
        request = Request(API + path, body, headers, method=self.command)  # noqa: S310 - our API
        try:
            with urlopen(request, timeout=30) as found:  # noqa: S310 - our API
                self.answer(found.status, found.read())
        except HTTPError as fault:
            self.answer(fault.code, fault.read())
        except OSError:
            self.answer(503, b'{"code": "unreachable", "detail": "imagemill did not answer"}')

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"Open http://127.0.0.1:{PORT}", flush=True)
    with ThreadingHTTPServer(("127.0.0.1", PORT), Handler) as server, suppress(KeyboardInterrupt):
        server.serve_forever()
