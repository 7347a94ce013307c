"""HTTP/1.1 responses, complete and well formed, or InvalidResponse. Source: RFC 9112.

Python's http.client does not report every damaged response: it accepts a connection that ends
within the head, within a body that is read in parts, or within the trailers; it treats a
Content-Length that is not a number as absent; and it drops bytes that follow the body.
"""

import re
from collections.abc import Callable

from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.wire import PIECE_BYTES, Connection

# Largest head that is read, in bytes. S3 sends less than 16 KiB: up to 8 KiB of its own headers and
# 2 KiB of an object's metadata.
_MAX_HEAD_BYTES = 1 << 16
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: .*)?")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
_OK, _NO_CONTENT, _NOT_MODIFIED, _SWITCHING = 200, 204, 304, 101

# Takes a connection back; the flag is true if the next request may use it.
Release = Callable[[Connection, bool], None]


class Response:
    """One response. The head has been read; the body is read as it arrives.

    `headers` are keyed by lower-case names. `length` is the size of the body in bytes; None for
    chunked transfer coding, where only the last chunk shows the end. `was_resent` is true if the
    request was sent before on an idle connection that failed: AWS may have applied it then.
    """

    was_resent = False

    def __init__(self, connection: Connection, method: str, release: Release) -> None:
        """Read the head; raises OSError, of which InvalidResponse is one."""
        self._connection = connection
        self._release: Release | None = release
        version, self.status, self.headers = _read_head(connection)
        keep_alive = self.headers.get("connection", "").lower()
        self._is_reusable = version == 1 and "close" not in keep_alive
        has_body = method != "HEAD" and self.status not in {_NO_CONTENT, _NOT_MODIFIED}
        self.length = _body_length(self.headers) if has_body else 0
        # Bytes left of the body or, for chunked transfer coding, of the present chunk.
        self._left = self.length or 0
        self._is_complete = False
        if self.length == 0:
            self._complete()

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes of the body, fewer only at its end; all without it.

        Raises OSError: InvalidResponse if the body is shorter or longer than announced.
        """
        parts: list[bytes] = []
        remaining = amount
        while not self._is_complete and remaining != 0:
            part = self._read_part(remaining)
            parts.append(part)
            remaining = None if remaining is None else remaining - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_some(self, most: int) -> bytes:
        """Return the next bytes of the body, at most `most`; b"" at its end; raises as `read`."""
        return b"" if self._is_complete else self._read_part(most)

    def read_into(self, memory: memoryview) -> int:
        """Write the next bytes of the body to `memory`, and return how many; raises as `read`.

        The body has an announced length. Its last bytes are received with room for more, so that
        bytes beyond it are noticed.
        """
        most = min(len(memory), self._left - PIECE_BYTES + 1)
        if most > 0:
            count = self._connection.read_into(memory[:most])
            self._left -= count
            return count
        piece = self.read_some(len(memory))
        memory[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Release the connection if the whole body was read, and abort it otherwise."""
        if not self._is_complete:
            self.abort()
        elif self._release:
            release, self._release = self._release, None
            release(self._connection, self._is_reusable)

    def abort(self) -> None:
        """Abort the connection, unless it was released."""
        if self._release:
            self._release = None
            self._connection.abort()

    def _read_part(self, most: int | None) -> bytes:
        if self.length is None and not self._left and not self._begin_chunk():
            return b""
        part = self._connection.read_some(self._left if most is None else min(most, self._left))
        self._left -= len(part)
        if not self._left and self.length is None and self._connection.read_line(1):
            raise InvalidResponse("a chunk of the response is longer than announced")
        if not self._left and self.length is not None:
            self._complete()
        return part

    def _begin_chunk(self) -> bool:
        """Read the size of the next chunk; False after the last one and its trailers."""
        found = _CHUNK.fullmatch(self._connection.read_line(_MAX_HEAD_BYTES))
        if not found:
            raise InvalidResponse("the response is not chunked as announced")
        self._left = int(found[1], 16)
        if not self._left:
            _read_fields(self._connection)
            self._complete()
        return bool(self._left)

    def _complete(self) -> None:
        if self._connection.has_unread:
            raise InvalidResponse("the response is longer than announced")
        self._is_complete = True


def _read_head(connection: Connection) -> tuple[int, int, dict[str, str]]:
    """Return minor version, status and headers of the final response, after interim ones."""
    while True:
        found = _STATUS.fullmatch(connection.read_line(_MAX_HEAD_BYTES))
        if not found or int(found[2]) == _SWITCHING:
            raise InvalidResponse("the response is not HTTP/1.1")
        headers = _read_fields(connection)
        if int(found[2]) >= _OK:
            return int(found[1]), int(found[2]), headers


def _read_fields(connection: Connection) -> dict[str, str]:
    fields: dict[str, str] = {}
    left = _MAX_HEAD_BYTES
    while line := connection.read_line(max(left, 1)):
        left -= len(line) + 2
        found = _HEADER.fullmatch(line)
        if not found:
            raise InvalidResponse("a header of the response is malformed")
        name, value = found[1].decode().lower(), found[2].decode("latin-1").strip()
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _body_length(headers: dict[str, str]) -> int | None:
    """Return the size of the body in bytes; None for a chunked one."""
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None and length is None and coding.lower() == "chunked":
        return None
    if coding is not None or length is None or not (length.isascii() and length.isdigit()):
        raise InvalidResponse("the response does not announce its length")
    return int(length)
