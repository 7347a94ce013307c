"""A server that receives webhooks: it keeps every request, and answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Condition

from fakes.http_server import http_server


@dataclass(frozen=True)
class Received:
    """A request: its target, its headers in lower case, and its body."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebhookReceiver:
    """The requests so far; each answer has the next of `statuses`, or else 200."""

    port: int
    statuses: list[int] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    _to_refuse: set[bytes] = field(default_factory=set)
    _changed: Condition = field(default_factory=Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=imagemill"

    def take(self, request: Received) -> int:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            refused = {text for text in self._to_refuse if text in request.body}
            self._to_refuse -= refused
            return 503 if refused else self.statuses.pop(0) if self.statuses else 200

    def refuse_once(self, text: bytes) -> None:
        """Answer the next request whose body contains a text with 503."""
        self._to_refuse.add(text)

    def wait_for(self, text: bytes, times: int, timeout_s: float) -> list[Received]:
        """Return the requests whose body contains a text, once there are so many."""

        def found() -> list[Received]:
            return [request for request in self.requests if text in request.body]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= times, timeout_s)
            return found()


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Run a receiver on a free port of loopback."""
    with http_server() as server:
        receiver = WebhookReceiver(server.server_address[1])

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver.take(Received(self.path, headers, body))
                self.send_response(status)
                self.send_header("content-length", "0")
                if status in range(300, 400):
                    self.send_header("location", f"{receiver.url}&redirected=1")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        server.RequestHandlerClass = Handler
        yield receiver
