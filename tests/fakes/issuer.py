"""An issuer of OpenID Connect: its documents, its keys and its tokens."""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "app"


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Return an RSA key; each number has its own."""
    return rsa.generate_private_key(65537, 2048 + 8 * number)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class FakeIssuer:
    """Publishes an RSA key, `r`, and a key of P-256, `e`, and signs with them."""

    def __init__(self, url: str = "https://login.example.com") -> None:
        self.url = url
        self.keys: list[dict[str, Any]] = [public_rsa_key("r"), self._public_ec_key("e")]
        self.description: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
        self.requests: list[str] = []

    def fetch(self, url: str) -> dict[str, Any]:
        """Return the document at a URL."""
        self.requests.append(url.removeprefix(self.url))
        return {"keys": self.keys} if url.endswith("/keys") else self.description

    def claims(self, **changed: object) -> dict[str, Any]:
        """Return the claims of a valid token with changes; a claim that is None is left out."""
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "exp": time.time() + 300}
        return {name: value for name, value in (claims | changed).items() if value is not None}

    def token(
        self,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
        **changed: Any,  # noqa: ANN401  # claims
    ) -> str:
        """Return a signed token."""
        key, kid = (rsa_key(0), "r") if algorithm == "RS256" else (ec_key(), "e")
        return jwt.encode(
            self.claims(**changed), key, algorithm, headers={"kid": kid, **(header or {})}
        )

    @staticmethod
    def _public_ec_key(kid: str) -> dict[str, Any]:
        return {**ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True), "kid": kid, "use": "sig"}


def public_rsa_key(kid: str, number: int = 0) -> dict[str, Any]:
    """Return the public part of an RSA key, as a key set has it."""
    key = RSAAlgorithm.to_jwk(rsa_key(number).public_key(), as_dict=True)
    return {**key, "kid": kid, "use": "sig", "alg": "RS256"}


def private_rsa_key(kid: str) -> dict[str, Any]:
    """Return the private key of a FakeIssuer, as a key set has it."""
    key = RSAAlgorithm.to_jwk(rsa_key(0), as_dict=True)
    return {
        **{name: one for name, one in key.items() if name != "key_ops"},
        "kid": kid,
        "use": "sig",
    }
