"""Images on request on the laptop: the rules of the edge in Python, and the failover of origins.

CloudFront Functions need node, which a laptop may not have, so `requests.route` answers instead of
them. The deployed distribution says for which paths, with which settings and origins.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol

from imagemill.dataclass import dataclass
from imagemill.local.cloudfront import CDN_HERE, Answer, Behaviour, Trusted
from imagemill.local.guard import App, Receive, Send
from imagemill.local.private import REFUSED, for_one_visitor, may_pass, set_cookies
from imagemill.local.request import Message
from imagemill.local.responses import for_visitors, of_version, problem
from imagemill.local.signing_keys import FileKeys
from imagemill.local.versioned import key_of_version
from imagemill.private import cookies
from imagemill.requests.route import Redirect, Refusal, Rewrite, route
from imagemill.requests.settings import Settings

# The first line of a function that routes images on request.
_SETTINGS = re.compile(r"const SETTINGS = (\{.*\});")
# Headers that CloudFront passes to every origin; "Request headers" in its Developer Guide.
_FORWARDED = (
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
)
# Seconds for which a visitor waits for a free process, and between two requests to the function.
_LONGEST_WAIT_S, _PAUSE_S = 30, 0.05
_CLOSED = Answer(HTTPStatus.FORBIDDEN, {}, b"")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a visitor; path and query as sent, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def target(self) -> str:
        """The path with the query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The address that the visitor asked for."""
        return f"http://{self.headers['host']}{self.target}"


class Edge(Protocol):
    """The distributions of CloudFront: `local.cloudfront.Distributions`."""

    def behaviour(self, host: str, path: str) -> Behaviour | None:
        """Return the behaviour for a path; None if it has no function for viewer requests."""

    def trusted(self, host: str, path: str) -> Trusted | None:
        """Return the keys that open a path; None if it is open to everybody."""

    async def fetch(
        self, behaviour: Behaviour, method: str, path: str, query: str, headers: Mapping[str, str]
    ) -> Answer:
        """Return the answer of the first origin that does not fail over, or of the last one."""

    def with_policy(self, behaviour: Behaviour, method: str, answer: Answer) -> Answer:
        """Return the answer with the headers of the behaviour's response headers policy."""


def on_request(edge: Edge, keys: FileKeys, gallery: App) -> App:
    """Return an application that answers images on request, and passes the rest to `gallery`."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        visit = _visit(scope)
        trusted = edge.trusted(visit.headers["host"], scope["path"])
        cookie = visit.headers.get("cookie", "")
        if trusted and not may_pass(trusted, visit.target, cookie, int(time.time())):
            await _send(send, REFUSED, is_head=visit.method == "HEAD")
            return
        behaviour = edge.behaviour(visit.headers["host"], scope["path"])
        # At other names there are only images on request.
        if behaviour is None and CDN_HERE in visit.headers["host"].lower():
            await gallery(scope, receive, send)
            return
        if behaviour is None:
            await _send(send, _CLOSED, is_head=visit.method == "HEAD")
            return
        settings = settings_of(behaviour.code, keys, int(time.time()))
        answer = await _answer(visit, behaviour, settings, edge)
        answer = for_one_visitor(answer) if trusted else answer
        await _send(send, answer, is_head=visit.method == "HEAD")

    return app


def settings_of(code: str, keys: FileKeys, now: int) -> Settings | None:
    """Return the settings in a function's code; None if it is not one that routes images."""
    match = _SETTINGS.match(code)
    if match is None:
        return None
    given: dict[str, Any] = json.loads(match[1])
    settings = Settings(now, keys.read())
    return replace(
        settings,
        widths=tuple(given.get("widths", settings.widths)),
        qualities=tuple(given.get("qualities", settings.qualities)),
        iiif_profile=given.get("iiif", settings.iiif_profile),
        private=given.get("private", settings.private),
        signature_bytes=given.get("signatureBytes", settings.signature_bytes),
    )


async def _answer(
    visit: Visit, behaviour: Behaviour, settings: Settings | None, edge: Edge
) -> Answer:
    if visit.path == cookies.PATH:
        return set_cookies(visit.query)
    versioned = key_of_version(visit.path)
    if versioned:
        return await _fetch_version(visit, behaviour, versioned, edge)
    if settings is None:
        return _CLOSED
    match route(visit.path, visit.query, visit.headers.get("accept", ""), settings):
        case Refusal() as refusal:
            return _problem(refusal)
        case Redirect(location):
            answer = Answer(HTTPStatus.SEE_OTHER, {"location": location}, b"")
            return _for_visitors(visit, answer, None, settings)
        case Rewrite() as target:
            answer = await _fetch(visit, behaviour, target, edge)
            return _for_visitors(visit, answer, target.version, settings)


async def _fetch_version(
    visit: Visit, behaviour: Behaviour, versioned: tuple[str, str], edge: Edge
) -> Answer:
    headers = {name: visit.headers[name] for name in _FORWARDED if name in visit.headers}
    version, path = versioned
    found = await edge.fetch(behaviour, visit.method, path, "", headers)
    answer = edge.with_policy(behaviour, visit.method, found)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    return replace(answer, headers=of_version(answer.headers, version))


async def _fetch(visit: Visit, behaviour: Behaviour, target: Rewrite, edge: Edge) -> Answer:
    headers = {name: visit.headers[name] for name in _FORWARDED if name in visit.headers}
    headers["x-imagemill-url"] = visit.url
    found = await _patiently(
        lambda: edge.fetch(behaviour, visit.method, target.path, target.query, headers)
    )
    return edge.with_policy(behaviour, visit.method, found)


def _for_visitors(visit: Visit, answer: Answer, version: str | None, settings: Settings) -> Answer:
    """Return the answer with the headers that the function for responses sets."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    headers = for_visitors(answer.headers, version, visit.url, settings.iiif_profile)
    return replace(answer, headers=headers)


async def _patiently(fetch: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return an answer; while all processes of the function are busy, ask again.

    A laptop has as many as cores, and a page asks for all its images at once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _LONGEST_WAIT_S
    while True:
        answer = await fetch()
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS or loop.time() > deadline:
            return answer
        await asyncio.sleep(_PAUSE_S)


def _problem(refusal: Refusal) -> Answer:
    headers, body = problem(refusal.status, refusal.code, refusal.detail, refusal.option)
    return Answer(refusal.status, headers, body)


def _visit(scope: Message) -> Visit:
    return Visit(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii"),
        query=scope["query_string"].decode("ascii"),
        headers={n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]},
    )


async def _send(send: Send, answer: Answer, *, is_head: bool) -> None:
    length = {} if is_head else {"content-length": str(len(answer.body))}
    headers = length | answer.headers
    pairs = [
        (name.encode(), str(value).encode("latin-1"))
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})
