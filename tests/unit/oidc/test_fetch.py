"""Documents of an issuer: read from safe addresses, without redirects, up to a size."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from imagemill.errors import IssuerUnavailable
from imagemill.oidc.fetch import fetch_object

ANSWERS = {
    "/object": (200, b'{"a": 1}'),
    "/list": (200, b"[1]"),
    "/text": (200, b"<html>"),
    "/large": (200, b'{"a": "' + b"x" * 300_000 + b'"}'),
    "/moved": (302, b""),
    "/missing": (404, b""),
}
# The host that the last request named.
asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked[:] = [self.headers["host"]]
        status, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Location", "/object")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_an_object_is_returned(server: str) -> None:
    assert fetch_object(f"{server}/object") == {"a": 1}


def test_a_name_below_localhost_is_this_machine_for_every_resolver(server: str) -> None:
    url = server.replace("127.0.0.1", "login.localhost")

    assert fetch_object(f"{url}/object") == {"a": 1}
    assert asked == [f"login.localhost:{server.rpartition(':')[2]}"]


@pytest.mark.parametrize("path", ["/list", "/text", "/large", "/moved", "/missing"])
def test_another_answer_is_an_error(server: str, path: str) -> None:
    with pytest.raises(IssuerUnavailable):
        fetch_object(f"{server}{path}")


def test_an_address_without_encryption_is_not_requested() -> None:
    with pytest.raises(IssuerUnavailable, match="expected an address with https://"):
        fetch_object("http://login.example.com/keys")


def test_a_server_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(IssuerUnavailable):
        fetch_object("http://127.0.0.1:9/object")
