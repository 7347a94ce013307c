"""An HTTP server that stands for an AWS service and sends prepared responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from fakes.http_server import http_server


@dataclass
class CannedResponse:
    """One response; `hang_up` closes the connection before it, `truncated` in its middle."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang_up: bool = False
    truncated: bool = False
    close: bool = False


@dataclass
class FakeAwsServer:
    """Responses, sent in order, the last one repeatedly; and the requests received."""

    endpoint: str
    responses: list[CannedResponse]
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a Lambda function that uses this endpoint."""
        return {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": self.endpoint,
        }


@contextmanager
def fake_aws(*responses: CannedResponse) -> Iterator[FakeAwsServer]:
    """Run the server on a free port of loopback."""
    with http_server() as server:
        fake = FakeAwsServer(f"http://127.0.0.1:{server.server_address[1]}", list(responses))

        class Handler(_Handler):
            aws = fake

        server.RequestHandlerClass = Handler
        yield fake


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws: FakeAwsServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.aws.connections.add(self.client_address)
        self.aws.requests.append((self.command, self.path, headers, body))
        response = (
            self.aws.responses.pop(0) if len(self.aws.responses) > 1 else self.aws.responses[0]
        )
        self.close_connection = response.hang_up or response.truncated or response.close
        if response.hang_up:
            return
        self.send_response_only(response.status)
        usual = {"Content-Length": str(len(response.body)), "ETag": '"e"'}
        for name, value in {**usual, **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(response.body) // 2
        self.wfile.write(response.body[:half] if response.truncated else response.body)

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815  # the names http.server looks for

    def do_HEAD(self) -> None:
        self.aws.responses[0].body = b""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Log nothing."""
