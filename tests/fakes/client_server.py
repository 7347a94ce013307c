"""A server that plays the API and its bucket, and the clients with and without `async` alike."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeVar

from fakes.http_server import http_server
from imagemill.client import AsyncClient, Client, Folder, FolderPage, Image, Page, Uploaded

_T = TypeVar("_T")


@dataclass(frozen=True)
class Received:
    """A request to the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeServer:
    """Answers each path with the next of its answers, and the last one for good."""

    url: str = ""
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def answer(
        self, path: str, status: int, body: object = None, headers: dict[str, str] | None = None
    ) -> None:
        """Add an answer to requests for a path; a body that is no bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.setdefault(path, []).append((status, headers or {}, data))

    def take(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return the next answer to a request for a path."""
        waiting = self.answers[path.partition("?")[0]]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    """Run a server without answers."""
    fake = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(size)
            fake.received.append(Received(self.command, self.path, headers, body))
            status, more, data = fake.take(self.path)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815  # a name of http.server

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http_server() as running:
        running.RequestHandlerClass = Handler
        fake.url = f"http://127.0.0.1:{running.server_port}"
        yield fake


class WaitingClient(Client):
    """`AsyncClient` with the methods of `Client`: each waits for its coroutine."""

    def __init__(self, url: str, **options: Any) -> None:  # noqa: ANN401  # those of AsyncClient
        self._client = AsyncClient(url, **options)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    def upload(self, source: Any, **options: Any) -> Uploaded:  # noqa: ANN401  # as above
        return self._runner.run(self._client.upload(source, **options))

    def wait(
        self, image: str | Uploaded, timeout_s: float = 120, *, after: Image | None = None
    ) -> Image:
        return self._runner.run(self._client.wait(image, timeout_s, after=after))

    def get(self, image: str) -> Image:
        return self._runner.run(self._client.get(image))

    def list(self, **options: Any) -> Iterator[Image]:  # noqa: ANN401  # as above
        return self._all_of(self._client.list(**options))

    def page(self, cursor: str | None = None, **options: Any) -> Page:  # noqa: ANN401  # as above
        return self._runner.run(self._client.page(cursor, **options))

    def search(self, **options: Any) -> Iterator[Image]:  # noqa: ANN401  # as above
        return self._all_of(self._client.search(**options))

    def search_page(self, cursor: str | None = None, **options: Any) -> Page:  # noqa: ANN401
        return self._runner.run(self._client.search_page(cursor, **options))

    def folders(self, prefix: str = "", **options: Any) -> Iterator[Folder | Image]:  # noqa: ANN401
        return self._all_of(self._client.folders(prefix, **options))

    def folders_page(
        self,
        prefix: str = "",
        cursor: str | None = None,
        **options: Any,  # noqa: ANN401  # as above
    ) -> FolderPage:
        return self._runner.run(self._client.folders_page(prefix, cursor, **options))

    def delete(self, image: str) -> None:
        self._runner.run(self._client.delete(image))

    def set_focus(self, image: str, focus: tuple[float, float] | None) -> Image:
        return self._runner.run(self._client.set_focus(image, focus))

    def reprocess(self, image: str) -> Image:
        return self._runner.run(self._client.reprocess(image))

    def original(self, image: str) -> bytes:
        return self._runner.run(self._client.original(image))

    def rendition(self, image: str, preset: str) -> bytes:
        return self._runner.run(self._client.rendition(image, preset))

    def _all_of(self, stream: AsyncIterator[_T]) -> Iterator[_T]:
        async def all_of_them() -> tuple[_T, ...]:
            return tuple([one async for one in stream])

        return iter(self._runner.run(all_of_them()))
