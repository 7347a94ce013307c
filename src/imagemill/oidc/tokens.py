"""Verify the token of a request (RFC 7519, RFC 9068), and name the caller that it stands for."""

from collections.abc import Mapping
from typing import Any

import jwt

from imagemill.config import JwtSettings
from imagemill.domain.caller import OWN_IMAGES, Caller, Scope, owning
from imagemill.errors import Unauthorized
from imagemill.oidc.key_set import ALGORITHMS, KeySet

# Longest token, in characters; API Gateway accepts 10,240 bytes of headers.
_MAX_LENGTH = 8192
# Seconds by which the clocks of the issuer and of Lambda may differ.
_LEEWAY_S = 60
# Longest name of a user, in characters. Source: OpenID Connect Core 1.0, section 2.
_MAX_SUBJECT_LENGTH = 255
_PREFIX = "imagemill:"
_REQUIRED = ["exp", "iss", "sub"]
# It refuses RSA keys of less than 2,048 bits.
_strict = jwt.PyJWT({"enforce_minimum_key_length": True})


class TokenVerifier:
    """Verifies tokens of one issuer for one audience."""

    def __init__(self, settings: JwtSettings, keys: KeySet) -> None:
        self._settings = settings
        self._keys = keys

    def caller(self, token: str) -> Caller:
        """Return the user of a token; raises Unauthorized, or IssuerUnavailable without keys."""
        claims = self._verified(token)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT_LENGTH:
            raise Unauthorized("expected a token with the name of a user")
        return owning(f"user:{subject}", self._scopes(claims))

    def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            if len(token) > _MAX_LENGTH:
                raise Unauthorized(f"expected a token of at most {_MAX_LENGTH} characters")
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise Unauthorized(f"expected a token signed with {' or '.join(ALGORITHMS)}")
            key = jwt.PyJWK(dict(self._keys.key(header.get("kid"), algorithm)), algorithm)
            claims: dict[str, Any] = _strict.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._settings.issuer,
                leeway=_LEEWAY_S,
                options={"require": _REQUIRED, "verify_aud": False},
            )
        except jwt.PyJWTError as fault:
            raise Unauthorized(f"the token is not valid: {fault}") from fault
        self._check_audience(claims)
        return claims

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """Raise Unauthorized for a token that was made for another application.

        Access tokens of Amazon Cognito have no audience; they name the client instead.
        """
        audience = claims.get("aud", claims.get("client_id"))
        named = audience if isinstance(audience, list) else [audience]
        if self._settings.audience not in named:
            raise Unauthorized("the token is not valid: it is for another audience")

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        """Return the scopes of the user.

        A token whose claim `scope` names scopes of ours has only those. The configured claim makes
        its user an administrator; a scope cannot.
        """
        granted = str(claims.get("scope", "")).split()
        own = {scope.removeprefix(_PREFIX) for scope in granted if scope.startswith(_PREFIX)}
        scopes = OWN_IMAGES & own if own else OWN_IMAGES
        return scopes | {"admin"} if self._is_admin(claims) else scopes

    def _is_admin(self, claims: Mapping[str, Any]) -> bool:
        name, _, wanted = self._settings.admin.partition("=")
        value = claims.get(name) if name else None
        return value is not None and wanted in (value if isinstance(value, list) else [value])
