"""The credentials of a client of the REST API: a key or a token."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from http import HTTPStatus
from inspect import isawaitable
from threading import Lock
from typing import Protocol

import httpx

from imagemill.errors import SetupFailed

# Returns the current token of a user; it is called again after the API refused the last one.
TokenSource = Callable[[], str]
AsyncTokenSource = Callable[[], str | Awaitable[str]]


class Tokens(Protocol):
    """The tokens of one user."""

    def token(self, refused: str = "") -> str:
        """Return a token other than the one that the API refused; raises SetupFailed."""


class KeyCredentials(httpx.Auth):
    """An API key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the key to a request."""
        request.headers["x-api-key"] = self._key
        yield request


class TokenCredentials(httpx.Auth):
    """A user's token; once refused, a request is sent again with another one, if there is."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        # Uploads run in threads, and a refresh token can be used once.
        self._lock = Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the token to a request."""
        token = self._token("")
        answer = yield _with_token(request, token)
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            return
        other = self._token(token)
        if other != token:
            yield _with_token(request, other)

    def _token(self, refused: str) -> str:
        with self._lock:
            return self._tokens.token(refused)


class AsyncTokenCredentials(httpx.Auth):
    """`TokenCredentials` for asyncio; the source may be a coroutine function."""

    def __init__(self, source: AsyncTokenSource) -> None:
        self._source = source
        self._lock = asyncio.Lock()

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the token to a request."""
        token = await self._token()
        answer = yield _with_token(request, token)
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            return
        other = await self._token()
        if other != token:
            yield _with_token(request, other)

    async def _token(self) -> str:
        async with self._lock:
            found = self._source()
            return await found if isawaitable(found) else found


class FixedToken:
    """A token that cannot be refreshed; implements `Tokens`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, refused: str = "") -> str:  # noqa: ARG002  # there is no other
        """Return the token."""
        return self._token


class CalledTokens:
    """Tokens of a function; implements `Tokens`."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def token(self, refused: str = "") -> str:  # noqa: ARG002  # the function knows its last one
        """Return the token that the function returns."""
        return self._source()


def credentials_of(key: str | None, token: str | TokenSource | None) -> httpx.Auth:
    """Return the credentials of a client; raises SetupFailed unless there is one of the two."""
    _require_one(key, token)
    if key is not None:
        return KeyCredentials(key)
    return TokenCredentials(CalledTokens(token) if callable(token) else FixedToken(token or ""))


def async_credentials_of(key: str | None, token: str | AsyncTokenSource | None) -> httpx.Auth:
    """Return the credentials of an asynchronous client; raises SetupFailed as above."""
    _require_one(key, token)
    if key is not None:
        return KeyCredentials(key)
    return AsyncTokenCredentials(token if callable(token) else lambda: token or "")


def _require_one(key: str | None, token: object) -> None:
    if (key is None) == (token is None):
        raise SetupFailed("expected either the key or the token of a caller")


def _with_token(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["authorization"] = f"Bearer {token}"
    return request
