"""The gate of the embedded AWS: what web pages may ask of it.

It takes whoever names its root key at their word, lets pages of every origin ask, and runs the code
it is given. So without a gate any page that is open in a browser of this machine could run programs
here. Commands and functions send neither of the two headers that tell a page's requests apart.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]
"""What speaks ASGI."""

_OURS = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d+)?", re.IGNORECASE)
_FOR_PAGES = "/_aws/execute-api/"
_CREDENTIAL = "x-amz-credential"
_SIGNING = {"x-amz-algorithm", _CREDENTIAL, "x-amz-signature", "awsaccesskeyid", "signature"}
_OF_A_ROLE = "ASIA"
"""How the keys of a role's session begin; the embedded AWS checks what is signed with them."""


def gated(app: App) -> App:
    """Return the app behind the gate."""

    async def behind(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        reason = scope["type"] != "lifespan" and refusal(
            scope["path"], scope["query_string"].decode("latin-1"), _named(scope["headers"])
        )
        if not reason:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(reason, send)
        else:
            await send({"type": "websocket.close"})

    return behind


def refusal(path: str, query: str, headers: Mapping[str, str]) -> str:
    """Return why a request is refused, in a line; empty if it may pass.

    Names of headers are lower case. By a name that is not this machine's a page would ask that had
    its own moved here (DNS rebinding).
    """
    if not _OURS.fullmatch(headers.get("host", "")):
        return "the embedded AWS answers to 127.0.0.1, localhost and names below it alone"
    if "origin" not in headers and headers.get("sec-fetch-site", "none") == "none":
        return ""
    if path.startswith("/_") and not path.startswith(_FOR_PAGES):
        return "web pages have no business here"
    if "authorization" in headers or not _signed_by_a_role(query):
        return "web pages may ask with what a function signed, and with no other key"
    return ""


def _signed_by_a_role(query: str) -> bool:
    """Tell whether a query has no signature, or names the key of a role's session in each place."""
    given = [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True)]
    keys = [value for name, value in given if name == _CREDENTIAL]
    if not _SIGNING.intersection(name for name, _ in given):
        return True
    return bool(keys) and all(key.startswith(_OF_A_ROLE) for key in keys)


def _named(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


async def _refuse(reason: str, send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
