"""The public keys of an issuer (JWKS, RFC 7517), cached between requests."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.errors import IssuerUnavailable, Unauthorized

_DISCOVERY = "/.well-known/openid-configuration"
# Seconds after which the keys are fetched again, so that a removed key is not accepted for longer.
_FRESH_S = 3600
# Seconds for which keys are used if the issuer does not answer.
_USABLE_S = 24 * 3600
# Least time between two fetches for keys that are not in the set, in seconds: a rotation is noticed
# at once, and tokens with invented key ids cause no flood of requests.
_LEAST_INTERVAL_S = 60
# Key types of the accepted algorithms (RFC 7518): field, and its value in a key of the set.
_KINDS = {"RS256": ("kty", "RSA"), "ES256": ("crv", "P-256")}
ALGORITHMS = tuple(_KINDS)

Fetch = Callable[[str], dict[str, Any]]
Key = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: tuple[Key, ...]
    at_s: float


class KeySet:
    """The keys of one issuer; `now_s` is a clock, in seconds."""

    def __init__(self, issuer: str, fetch: Fetch, now_s: Callable[[], float]) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._now_s = now_s
        self._fetched: _Fetched | None = None
        self._tried_s = float("-inf")

    def key(self, key_id: str | None, algorithm: str) -> Key:
        """Return the key that signed a token.

        The keys are fetched once an hour, and once more for an id that is not among them, because
        the issuer may have rotated its keys. Raises Unauthorized if there is no such key, and
        IssuerUnavailable.
        """
        found = _chosen(self._fresh(), key_id, algorithm)
        if found is None and self._may_try():
            found = _chosen(self._load().keys, key_id, algorithm)
        if found is None:
            raise Unauthorized("the token is not signed with a key of the issuer")
        return found

    def _fresh(self) -> tuple[Key, ...]:
        now_s, fetched = self._now_s(), self._fetched
        if fetched and now_s - fetched.at_s < _FRESH_S:
            return fetched.keys
        if fetched is None:
            return self._load().keys
        is_usable = now_s - fetched.at_s < _USABLE_S
        try:
            return self._load().keys if self._may_try() or not is_usable else fetched.keys
        except IssuerUnavailable as fault:
            if not is_usable:
                raise
            logging.getLogger(__name__).warning("issuer unavailable", extra={"error": str(fault)})
            return fetched.keys

    def _may_try(self) -> bool:
        return self._now_s() - self._tried_s >= _LEAST_INTERVAL_S

    def _load(self) -> _Fetched:
        self._tried_s = self._now_s()
        described = self._fetch(self._issuer.rstrip("/") + _DISCOVERY)
        # OpenID Connect Discovery 1.0, section 4.3.
        if described.get("issuer") != self._issuer:
            raise IssuerUnavailable("the document of the issuer names another issuer")
        keys = self._fetch(str(described.get("jwks_uri"))).get("keys")
        if not isinstance(keys, list):
            raise IssuerUnavailable("the issuer's key set has no keys")
        signing = (key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig")
        self._fetched = _Fetched(tuple(signing), self._tried_s)
        return self._fetched


def _chosen(keys: tuple[Key, ...], key_id: str | None, algorithm: str) -> Key | None:
    """Return the key with an id and for an algorithm; without an id, the only one for it."""
    name, value = _KINDS[algorithm]
    fitting = [
        key for key in keys if key.get(name) == value and key.get("alg", algorithm) == algorithm
    ]
    if key_id is not None:
        fitting = [key for key in fitting if key.get("kid") == key_id]
    return fitting[0] if len(fitting) == 1 else None
