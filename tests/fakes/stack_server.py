"""A stack behind HTTP, in memory: the API's own code, a bucket for its forms, and a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from fakes.api import KEY, FakeApiDeps, FakeLinks, FakeOriginalsBucket, ask
from fakes.cloud import ready_record, rejected_record
from fakes.http_server import http_server
from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord

SITE = "https://d1.cloudfront.net"
BUCKET = "/bucket/"


class BucketLinks(FakeLinks):
    """Links and forms of the bucket behind the same server."""

    def original(self, record: ImageRecord) -> str:
        return self.address + quote(record.key)


@dataclass
class StackServer:
    """The state of the stack, which tests read and change."""

    url: str
    deps: FakeApiDeps
    variables: dict[str, str] = field(default_factory=lambda: {"site": SITE})
    asked: list[str] = field(default_factory=list)
    """The requests to the API that had its key: method and path."""

    @property
    def originals(self) -> dict[str, bytes]:
        """The originals by key."""
        return {key: data for key, (data, _) in self.deps.inbox.objects.items()}

    def process(self, key: str) -> ImageRecord:
        """Do the work of the pipeline: an original is ready then, or rejected if it is a text."""
        made = rejected_record if self.originals[key].startswith(b"text") else ready_record
        return self.change(made(key))

    def change(self, record: ImageRecord) -> ImageRecord:
        """Replace a record."""
        before = self.deps.records.items.get(record.id)
        after = replace(record, revision=before.revision + 1 if before else 1)
        self.deps.records.items[record.id] = after
        return after

    def lose(self, key: str) -> None:
        """Forget the record, as after it has expired."""
        del self.deps.records.items[image_id(key)]


@contextmanager
def stack_server() -> Iterator[StackServer]:
    """Run the server of a stack without images."""
    with http_server() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        deps = FakeApiDeps(presigner=BucketLinks(address=url + BUCKET))
        stack = StackServer(url, deps)
        server.RequestHandlerClass = _handler(stack)
        yield stack


def _handler(stack: StackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.startswith(BUCKET):
                self._send(*_from_bucket(stack.deps.inbox, self, body), {})
            elif self.headers["x-api-key"] != KEY:
                self._send(403, b'{"code": "forbidden", "detail": "wrong key"}', {})
            else:
                self._send(*_from_api(stack, self, body))

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler


def _from_api(
    stack: StackServer, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, bytes, dict[str, str]]:
    parts = urlsplit(request.path)
    stack.asked.append(f"{request.command} {parts.path}")
    query, headers = dict(parse_qsl(parts.query)), dict(request.headers.items())
    given = ask(
        stack.deps, request.command, parts.path, body, headers, query, stage=stack.variables
    )
    kept = {name: text for name, text in given.headers.items() if name.lower() != "content-length"}
    return given.status, given.body.encode(), kept


def _from_bucket(
    bucket: FakeOriginalsBucket, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, bytes]:
    if request.command == "GET":
        key = unquote(request.path.removeprefix(BUCKET))
        return (200, bucket.objects[key][0]) if key in bucket.objects else (404, b"")
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = {
        str(part.get_param("name", header="content-disposition")): _bytes(part)
        for part in form.iter_parts()
    }
    bucket.upload(fields["key"].decode(), fields["file"], fields["Content-Type"].decode())
    return 204, b""


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
