"""A server of bytes: it reads a request and sends what it is told, to the byte, and no more."""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PIECE = 1 << 16


class ConnectionEnd(StrEnum):
    """How a connection ends."""

    FIN = "fin"
    RST = "rst"
    SILENCE = "silence"
    """It stays open, and nothing comes any more."""


@dataclass
class RawResponse:
    """What is sent in answer to one request, and what becomes of the connection then.

    Without an `end` it takes the next request.
    """

    data: bytes
    end: ConnectionEnd | None = None


@dataclass
class RawServer:
    """What is sent, one after the other and the last for ever, and how often it was asked."""

    port: int
    responses: list[RawResponse]
    requests: list[bytes] = field(default_factory=list)
    """Requests, head and body."""
    connections: int = 0
    silent_connections: int = 0
    """Connections, from the first one on, that no answer comes from any more."""
    held_open: list[socket.socket] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Return what Lambda would tell a function that is to ask here."""
        return environment(f"http://127.0.0.1:{self.port}")

    def next(self) -> RawResponse:
        """Return what is sent now."""
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


def environment(endpoint: str) -> dict[str, str]:
    """Return what Lambda tells a function of keys and services."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint,
    }


@contextmanager
def raw_server(*sends: RawResponse) -> Iterator[RawServer]:
    """Run the server on a free port of loopback."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as listener:
        server = RawServer(listener.getsockname()[1], list(sends))
        threading.Thread(target=_serve, args=(listener, server), daemon=True).start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in server.held_open:
                connection.close()


def http_response(
    status: str, headers: Sequence[str], body: bytes = b"", *, length: int | None = None
) -> bytes:
    """Return an answer as it goes over the network; `length` for one that is not the body's."""
    told = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {told}", "", ""]
    return "\r\n".join(lines).encode() + body


def chunked_response(status: str, headers: Sequence[str], *chunks: bytes) -> bytes:
    """Return an answer in chunks as it goes over the network."""
    lines = [f"HTTP/1.1 {status}", *headers, "Transfer-Encoding: chunked", "", ""]
    parts = [b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b"")]
    return "\r\n".join(lines).encode() + b"".join(parts)


@contextmanager
def unread_server(context: ssl.SSLContext | None = None) -> Iterator["UnreadServer"]:
    """Run a server that takes one connection and reads from it only when it is told."""
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield UnreadServer(listener, context)


class UnreadServer:
    """A server with a small receive buffer: most of a request stays in its sender's kernel."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._context = context
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def received(self) -> tuple[int, ConnectionEnd]:
        """Read all that still arrives on the first connection: how many bytes, and how it ended."""
        self._thread.join(5)
        count = 0
        with closing(self._taken[0]) as connection:
            connection.settimeout(5)
            try:
                while piece := connection.recv(_PIECE):
                    count += len(piece)
            except ConnectionResetError:
                return count, ConnectionEnd.RST
            except TimeoutError:
                return count, ConnectionEnd.SILENCE
        return count, ConnectionEnd.FIN

    def _accept(self) -> None:
        connection = self._listener.accept()[0]
        if self._context:
            secured = self._context.wrap_socket(connection, server_side=True)
            connection = socket.socket(fileno=secured.detach())  # from here on bytes as they come
        self._taken.append(connection)


def _serve(listener: socket.socket, server: RawServer) -> None:
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        server.connections += 1
        talk = (connection, server, server.connections)
        threading.Thread(target=_talk, args=talk, daemon=True).start()


def _talk(connection: socket.socket, server: RawServer, number: int) -> None:
    with suppress(OSError):
        while request := _request(connection):
            server.requests.append(request)
            sent = (
                RawResponse(b"", ConnectionEnd.SILENCE)
                if number <= server.silent_connections
                else server.next()
            )
            connection.sendall(sent.data)
            if sent.end is ConnectionEnd.SILENCE:
                server.held_open.append(connection)
                return
            if sent.end is ConnectionEnd.RST:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if sent.end:
                break
    connection.close()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(_PIECE)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    while found and len(body) < int(found[1]):
        body += connection.recv(_PIECE)
    return head + b"\r\n\r\n" + body
