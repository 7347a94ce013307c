"""A TCP server that reads a request and sends exactly the given bytes."""

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
    """The connection stays open, and no more bytes arrive."""


@dataclass
class RawResponse:
    """Bytes of one response, and the end of the connection; None: it takes the next request."""

    data: bytes
    end: ConnectionEnd | None = None


@dataclass
class RawServer:
    """Responses, sent in order, the last one repeatedly; and the requests received."""

    port: int
    responses: list[RawResponse]
    requests: list[bytes] = field(default_factory=list)
    """Requests with head and body."""
    connections: int = 0
    silent_connections: int = 0
    """Number of connections, counted from the first one, that never get an answer."""
    held_open: list[socket.socket] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a Lambda function that uses this server."""
        return environment(f"http://127.0.0.1:{self.port}")

    def next(self) -> RawResponse:
        """Return the response to send now."""
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


def environment(endpoint: str) -> dict[str, str]:
    """Return the environment of a Lambda function: credentials, region and endpoint."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint,
    }


@contextmanager
def raw_server(*responses: RawResponse) -> Iterator[RawServer]:
    """Run the server on a free port of loopback."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as listener:
        server = RawServer(listener.getsockname()[1], list(responses))
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
    """Return the bytes of a response; `length` overrides the Content-Length."""
    declared = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {declared}", "", ""]
    return "\r\n".join(lines).encode() + body


def chunked_response(status: str, headers: Sequence[str], *chunks: bytes) -> bytes:
    """Return the bytes of a response with chunked transfer coding."""
    lines = [f"HTTP/1.1 {status}", *headers, "Transfer-Encoding: chunked", "", ""]
    parts = [b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b"")]
    return "\r\n".join(lines).encode() + b"".join(parts)


@contextmanager
def unread_server(context: ssl.SSLContext | None = None) -> Iterator["UnreadServer"]:
    """Run a server that accepts one connection and reads from it only in `received`."""
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield UnreadServer(listener, context)


class UnreadServer:
    """Server with a small receive buffer: most of a request stays in the client's kernel."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._context = context
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def received(self) -> tuple[int, ConnectionEnd]:
        """Read the first connection to its end; return the number of bytes and the kind of end."""
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
            # from here on the raw bytes, without TLS
            connection = socket.socket(fileno=secured.detach())
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
