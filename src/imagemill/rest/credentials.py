"""What the client of the REST API proves its identity with: a key or a token."""

from collections.abc import Generator
from http import HTTPStatus
from threading import Lock
from typing import Protocol

import httpx


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

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the token to a request."""
        token = self._token("")
        request.headers["authorization"] = f"Bearer {token}"
        answer = yield request
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            return
        other = self._token(token)
        if other != token:
            request.headers["authorization"] = f"Bearer {other}"
            yield request

    def _token(self, refused: str) -> str:
        with self._lock:
            return self._tokens.token(refused)


class FixedToken:
    """A token that cannot be refreshed; implements `Tokens`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, refused: str = "") -> str:  # noqa: ARG002  # there is no other
        """Return the token."""
        return self._token
