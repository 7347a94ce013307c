"""A Runtime API of Lambda: it hands events to a runtime's client, and takes the results.

Source: "Using the Lambda runtime API for custom runtimes" in the AWS Lambda Developer Guide.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from fakes.http_server import http_server

_PREFIX = "/2018-06-01/runtime/"
# Time that an invocation may take, s.
_GRANTED_S = 60


@dataclass
class RuntimeApi:
    """Events to hand out, in order, and the results so far."""

    address: str
    """Host and port."""
    events: list[dict[str, Any]]
    results: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What the client has reported as errors, of an invocation or of the start."""
    _is_over: threading.Event = field(default_factory=threading.Event)

    def wait(self, timeout_s: float) -> bool:
        """Wait until all events are handled or the start has failed; False after the timeout."""
        return self._is_over.wait(timeout_s)

    def next(self) -> dict[str, Any] | None:
        """Return the next event; None if there is no more."""
        if not self.events:
            self._is_over.set()
            return None
        return self.events.pop(0)

    def take(self, path: str, body: bytes) -> None:
        """Keep a result or an error."""
        if path.endswith("/response"):
            self.results.append(json.loads(body))
            return
        self.errors.append(body.decode())
        if path.startswith("init/"):
            self._is_over.set()


@contextmanager
def runtime_api(events: Sequence[dict[str, Any]]) -> Iterator[RuntimeApi]:
    """Serve events on a free port of loopback."""
    with http_server() as server:
        api = RuntimeApi(f"127.0.0.1:{server.server_address[1]}", list(events))

        class Handler(_Handler):
            runtime = api

        server.RequestHandlerClass = Handler
        yield api


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    runtime: RuntimeApi

    def do_GET(self) -> None:
        event = self.runtime.next()
        if event is None:
            # As Lambda: the client waits for an event, until its environment is ended.
            time.sleep(_GRANTED_S)
            return
        deadline_ms = int(1000 * (time.time() + _GRANTED_S))
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": f"request-{len(self.runtime.events)}",
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:f",
            "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
        }
        self._answer(200, json.dumps(event).encode(), **headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.runtime.take(self.path.removeprefix(_PREFIX), body)
        self._answer(202)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
