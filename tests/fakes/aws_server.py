"""An HTTP server that stands for an AWS service and answers what it was told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class CannedResponse:
    """One answer; `hang_up` closes the connection without one, `torn` in the middle of it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang_up: bool = False
    truncated: bool = False
    close: bool = False


@dataclass
class FakeAwsServer:
    """What is answered, one after the other and the last for ever, and what was asked."""

    endpoint: str
    responses: list[CannedResponse]
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """Return what Lambda would tell a function that is to ask here."""
        return {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": self.endpoint,
        }


@contextmanager
def fake_aws(*says: CannedResponse) -> Iterator[FakeAwsServer]:
    """Run the server on a free port of loopback."""
    server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    fake = FakeAwsServer(f"http://127.0.0.1:{server.server_address[1]}", list(says))

    class Handler(_Handler):
        aws = fake

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Let a client that went away go."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws: FakeAwsServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.aws.connections.add(self.client_address)
        self.aws.requests.append((self.command, self.path, headers, body))
        said = self.aws.responses.pop(0) if len(self.aws.responses) > 1 else self.aws.responses[0]
        self.close_connection = said.hang_up or said.truncated or said.close
        if said.hang_up:
            return
        self.send_response_only(said.status)
        usual = {"Content-Length": str(len(said.body)), "ETag": '"e"'}
        for name, value in {**usual, **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(said.body) // 2
        self.wfile.write(said.body[:half] if said.truncated else said.body)

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815  # the names http.server looks for

    def do_HEAD(self) -> None:
        self.aws.responses[0].body = b""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
