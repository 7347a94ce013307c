"""Parse an ASGI request strictly: a request that two parsers could read differently is refused."""

import re
from collections import Counter
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from imagemill.dataclass import dataclass

# An ASGI message.
Message = MutableMapping[str, Any]

# Unknown methods pass too: the API answers them itself, and other rules refuse them.
_METHOD = re.compile(r"[A-Z]{3,20}")
# Headers that select the sender or the service. With two of one name, parsers may differ.
_SINGLE = frozenset(
    {"host", "authorization", "content-type", "content-length", "content-encoding", "origin"}
)
_SIGNING = frozenset({"x-amz-algorithm", "x-amz-credential", "x-amz-signature", "awsaccesskeyid"})


class Malformed(Exception):
    """A request that two parsers could read differently."""


@dataclass(frozen=True, slots=True)
class Request:
    """Method, URL and headers of a request; header names are in lower case."""

    method: str
    raw_path: str
    """As sent, percent-encoded."""
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]

    def header(self, name: str) -> str:
        """Return the value of a header; empty if it is missing."""
        return self.headers.get(name, "")

    @property
    def amz_headers(self) -> frozenset[str]:
        """Names of the headers that S3 requires a signature to cover."""
        return frozenset(name for name in self.headers if name.startswith("x-amz-"))

    @property
    def is_preflight(self) -> bool:
        """True for a CORS preflight, which has no credentials."""
        return (
            self.method == "OPTIONS"
            and "access-control-request-method" in self.headers
            and "authorization" not in self.headers
        )

    @property
    def query_credentials(self) -> bool:
        """True if the query has an access key or a signature, in any letter case."""
        return any(name.lower() in _SIGNING for name, _ in self.query)

    @property
    def names_credentials(self) -> bool:
        """True if the request has an AWS signature, in a header or in the query."""
        return self.header("authorization").lower().startswith("aws") or self.query_credentials


def read_request(scope: Message) -> Request:
    """Return the request of an ASGI scope; raises Malformed if it is ambiguous."""
    if scope["type"] != "http" or not _METHOD.fullmatch(scope["method"]):
        raise Malformed("method")
    raw_path = bytes(scope.get("raw_path") or b"").decode("latin-1")
    # The absolute form (`GET http://…`) and `*` (RFC 9112) have no path.
    if not raw_path.startswith("/") or not raw_path.isascii() or not raw_path.isprintable():
        raise Malformed("address")
    if unquote(raw_path) != scope["path"]:
        raise Malformed("address")
    return Request(
        method=scope["method"],
        raw_path=raw_path,
        path=scope["path"],
        query=_query(bytes(scope["query_string"])),
        headers=_headers(scope["headers"]),
    )


def _query(raw: bytes) -> tuple[tuple[str, str], ...]:
    try:
        text = raw.decode("ascii")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except (UnicodeDecodeError, ValueError) as fault:
        raise Malformed("query") from fault


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    names = [name.decode("latin-1").lower() for name, _ in pairs]
    for name, times in Counter(names).items():
        if times > 1 and (name in _SINGLE or name.startswith("x-amz-")):
            raise Malformed(f"more than one header {name}")
    found: dict[str, str] = {}
    for name, (_, value) in zip(names, pairs, strict=True):
        text = value.decode("latin-1").strip()
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found
