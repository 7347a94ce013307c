"""The endpoints of an issuer at which users sign in, in memory."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from fakes.issuer import FakeIssuer


@dataclass
class Endpoints:
    """Answers token requests; `given` are fields of its next answers, and `asked` the requests.

    A refresh token is accepted once.
    """

    issuer: FakeIssuer = field(default_factory=FakeIssuer)
    nonce: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    refresh_token: str = "first"
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        """The connection to the endpoints."""
        self.issuer.description |= {
            name: f"{self.issuer.url}/{name}"
            for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
        }
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=self.issuer.description)
        fields = dict(parse_qsl(request.content.decode()))
        self.asked.append(fields)
        if fields.get("refresh_token", self.refresh_token) != self.refresh_token:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.refresh_token += "+"
        tokens = {
            "id_token": self.issuer.token(nonce=self.nonce, jti=self.refresh_token),
            "access_token": "opaque",
            "expires_in": 600,
            "refresh_token": self.refresh_token,
        }
        return httpx.Response(200, json=tokens | self.given)
