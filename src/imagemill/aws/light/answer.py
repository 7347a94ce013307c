"""Answers of HTTP/1.1, read strictly: whole, or AnswerBroken. Source: RFC 9112.

Python's http.client takes the end of a connection for the end of a head, of a body that is read in
parts, and of trailers; it reads a Content-Length that is no number as none, and drops the bytes
after a body.
"""

import re
from collections.abc import Callable

from imagemill.aws.errors import ResponseInvalid
from imagemill.aws.light.wire import Wire

_MOST_HEAD_BYTES = 1 << 16
"""AWS's heads stay under 16 KiB: 8 KiB of its own and at most 2 KiB of an object's metadata."""
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: .*)?")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
_OK, _NO_CONTENT, _NOT_MODIFIED, _SWITCHING = 200, 204, 304, 101

Release = Callable[[Wire, bool], None]
"""Takes a connection back; True if the next request may use it."""


class Answer:
    """One answer, of which the head was read; the body is read as it arrives.

    `headers` are by names in lower case. `length` is the body's size in bytes; None where only its
    end tells (chunked transfer coding). `was_resent` is true if a connection that was idle failed
    first, so that the request may have been applied before.
    """

    was_resent = False

    def __init__(self, wire: Wire, method: str, release: Release) -> None:
        """Read the head; raises OSError, of which AnswerBroken is one."""
        self._wire = wire
        self._release: Release | None = release
        version, self.status, self.headers = _head(wire)
        told = self.headers.get("connection", "").lower()
        self._may_stay = version == 1 and "close" not in told
        has_body = method != "HEAD" and self.status not in {_NO_CONTENT, _NOT_MODIFIED}
        self.length = _length(self.headers) if has_body else 0
        self._chunk = self.length or 0
        self._is_over = False
        if self.length == 0:
            self._end()

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes of the body, fewer only at its end, or all that are left.

        Raises OSError: AnswerBroken where the body is shorter or longer than announced.
        """
        parts: list[bytes] = []
        wanted = amount
        while not self._is_over and wanted != 0:
            part = self._part(wanted)
            parts.append(part)
            wanted = None if wanted is None else wanted - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def some(self, most: int) -> bytes:
        """Return the next bytes of the body, at most `most`; b"" at its end; raises as `read`."""
        return b"" if self._is_over else self._part(most)

    def close(self) -> None:
        """Give the connection back where the whole body was read, and abort it otherwise."""
        if not self._is_over:
            self.abort()
        elif self._release:
            release, self._release = self._release, None
            release(self._wire, self._may_stay)

    def abort(self) -> None:
        """Abort the connection, unless it was given back."""
        if self._release:
            self._release = None
            self._wire.abort()

    def _part(self, most: int | None) -> bytes:
        if self.length is None and not self._chunk and not self._begin_chunk():
            return b""
        part = self._wire.some(self._chunk if most is None else min(most, self._chunk))
        self._chunk -= len(part)
        if not self._chunk and self.length is None and self._wire.line(1):
            raise ResponseInvalid("a chunk of the answer is longer than announced")
        if not self._chunk and self.length is not None:
            self._end()
        return part

    def _begin_chunk(self) -> bool:
        """Read the size of the next chunk; False after the last one and its trailers."""
        found = _CHUNK.fullmatch(self._wire.line(_MOST_HEAD_BYTES))
        if not found:
            raise ResponseInvalid("the answer is not chunked as announced")
        self._chunk = int(found[1], 16)
        if not self._chunk:
            _fields(self._wire)
            self._end()
        return bool(self._chunk)

    def _end(self) -> None:
        if self._wire.has_unread:
            raise ResponseInvalid("the answer is longer than announced")
        self._is_over = True


def _head(wire: Wire) -> tuple[int, int, dict[str, str]]:
    """Return minor version, status and headers of the answer proper, after provisional ones."""
    while True:
        found = _STATUS.fullmatch(wire.line(_MOST_HEAD_BYTES))
        if not found or int(found[2]) == _SWITCHING:
            raise ResponseInvalid("the answer is not HTTP/1.1")
        headers = _fields(wire)
        if int(found[2]) >= _OK:
            return int(found[1]), int(found[2]), headers


def _fields(wire: Wire) -> dict[str, str]:
    fields: dict[str, str] = {}
    room = _MOST_HEAD_BYTES
    while line := wire.line(max(room, 1)):
        room -= len(line) + 2
        found = _HEADER.fullmatch(line)
        if not found:
            raise ResponseInvalid("a header of the answer is malformed")
        name, value = found[1].decode().lower(), found[2].decode("latin-1").strip()
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _length(headers: dict[str, str]) -> int | None:
    """Return how many bytes the body has; None for a chunked one."""
    coding, told = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None and told is None and coding.lower() == "chunked":
        return None
    if coding is not None or told is None or not (told.isascii() and told.isdigit()):
        raise ResponseInvalid("the answer does not tell its length")
    return int(told)
