"""The gate as an ASGI application in front of the embedded AWS."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from xml.sax.saxutils import escape

from imagemill.dataclass import dataclass
from imagemill.local import gate, upload_form
from imagemill.local.gate import Gate, Kind
from imagemill.local.request import Malformed, Message, Request, read_request
from imagemill.local.responses import problem
from imagemill.local.sigv4 import Refused
from imagemill.requests.faults import InvalidUrl

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# An ASGI application.
App = Callable[[Message, Receive, Send], Awaitable[None]]

_JSON_TARGETS = ("application/x-amz-json", "application/json")


@dataclass(frozen=True, slots=True)
class Backends:
    """The applications behind the gate."""

    aws: App
    gallery: App
    """Serves distributions, for every path."""
    own: App
    """Answers paths with OWN_PREFIX."""


class _Gone(Exception):
    """The client closed the connection before its request was complete."""


def guarded(rules: Gate, root_key_id: str, backends: Backends) -> App:
    """Return an application that forwards permitted requests and answers all others with 403."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await backends.aws(scope, receive, send)
            return
        try:
            request = read_request(scope)
        except Malformed as fault:
            await _refuse_malformed(scope, fault, send)
            return
        try:
            kind = rules.kind(request, gate.now())
            await _forward(
                rules, root_key_id, backends, _Exchange(kind, request, scope, receive, send)
            )
        except Refused as fault:
            await _refuse(scope, request, fault, send)
        except _Gone:
            return

    return app


@dataclass(frozen=True, slots=True)
class _Exchange:
    kind: Kind
    request: Request
    scope: Message
    receive: Receive
    send: Send


async def _forward(rules: Gate, root_key_id: str, backends: Backends, exchange: _Exchange) -> None:
    lookup = rules.lookups.credential
    scope, receive = exchange.scope, exchange.receive
    match exchange.kind:
        case Kind.SIGNED:
            body = await _read(receive)
            signed = gate.check_signed(exchange.request, body, lookup, gate.now())
            is_own = exchange.request.path.startswith(gate.OWN_PREFIX)
            if is_own and signed.scope.access_key_id != root_key_id:
                raise Refused("AccessDenied", "Access Denied")
            await (backends.own if is_own else backends.aws)(
                scope, _replay(body, receive), exchange.send
            )
        case Kind.FORM:
            body = await _read_form(exchange, rules)
            await backends.aws(_harmless(scope), _replay(body, receive), exchange.send)
        case Kind.LINK:
            await backends.aws(_object_request(scope), receive, exchange.send)
        case Kind.GALLERY:
            await backends.gallery(_harmless(scope), receive, exchange.send)
        case Kind.API:
            await backends.aws(_api_request(scope), receive, exchange.send)
        case Kind.PREFLIGHT:
            await backends.aws({**_harmless(scope), "query_string": b""}, receive, exchange.send)


def _harmless(scope: Message) -> Message:
    kept = [(n, v) for n, v in scope["headers"] if gate.is_harmless(n.decode("latin-1").lower())]
    return {**scope, "headers": kept}


def _api_request(scope: Message) -> Message:
    kept = [(name, value) for name, value in scope["headers"] if gate.is_for_api(name, value)]
    return {**scope, "headers": kept}


def _object_request(scope: Message) -> Message:
    """Return the scope of a presigned URL without headers that could select another service."""
    kept = [(n, v) for n, v in scope["headers"] if gate.is_of_object(n.lower(), v.lower())]
    return {**scope, "headers": kept}


async def _read_form(exchange: _Exchange, rules: Gate) -> bytes:
    """Return the body of a signed form; refuse any other form before its file is read."""
    boundary = upload_form.boundary_of(exchange.request.header("content-type"))
    if exchange.request.header("content-encoding"):
        raise Refused("AccessDenied", "an upload form must not have a Content-Encoding")
    beginning, more = b"", True
    form = None
    while form is None:
        if not more or len(beginning) > upload_form.MAX_FIELDS_BYTES:
            raise Refused("MalformedPOSTRequest", "the form has no file")
        chunk, more = await _chunk(exchange.receive)
        beginning += chunk
        form = upload_form.read_fields(beginning, boundary)
    upload_form.verify_form(form, rules.lookups.credential, gate.now())
    body = await _read(exchange.receive, beginning) if more else beginning
    upload_form.check_end(form, body)
    return body


async def _read(receive: Receive, beginning: bytes = b"") -> bytes:
    chunks, more = [beginning], True
    while more:
        chunk, more = await _chunk(receive)
        chunks.append(chunk)
    return b"".join(chunks)


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] != "http.request":
        raise _Gone
    return bytes(message.get("body", b"")), bool(message.get("more_body", False))


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that returns the body again, then the messages after it."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again


async def _refuse_malformed(scope: Message, fault: Malformed, send: Send) -> None:
    """Answer a URL of images on request as the edge does, any other request as S3 does."""
    text = f"malformed request: {fault}"
    raw_path = bytes(scope.get("raw_path") or b"").decode("latin-1")
    if scope["type"] != "http" or not gate.is_of_images(scope["method"], raw_path):
        await _refuse(scope, None, Refused("AccessDenied", text), send)
        return
    headers, body = problem(HTTPStatus.BAD_REQUEST, InvalidUrl.code, text)
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 400, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if _is_head(scope) else body})


async def _refuse(scope: Message, request: Request | None, fault: Refused, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    kind, body = _problem(request, fault)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-amzn-errortype", fault.code.encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if _is_head(scope) else body})


def _is_head(scope: Message) -> bool:
    return bool(scope["method"] == "HEAD")


def _problem(request: Request | None, fault: Refused) -> tuple[bytes, bytes]:
    """Return the media type and the text of an error in the protocol of the client's SDK."""
    asked = request.header("content-type") if request else ""
    if asked.startswith(_JSON_TARGETS):
        return b"application/json", json.dumps(
            {"__type": fault.code, "message": str(fault)}
        ).encode()
    code, message = escape(fault.code), escape(str(fault))
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    is_query = asked.startswith("application/x-www-form-urlencoded")
    text = f"<ErrorResponse>{error}</ErrorResponse>" if is_query else error
    return b"application/xml", text.encode()
