"""Sign in at an issuer of OpenID Connect: the authorization code flow with PKCE, and refreshing.

RFC 6749, RFC 7636, RFC 8252 (a command line's redirect to this machine), RFC 9207, and OpenID
Connect Core 1.0.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Self

import httpx

from imagemill.addresses import host_to_connect, is_encrypted_or_local
from imagemill.dataclass import dataclass
from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed, StoreUnavailable

_DISCOVERY = "/.well-known/openid-configuration"
_TIMEOUT_S = 30
# Life of an access token whose issuer does not name it, in seconds.
_ASSUMED_LIFE_S = 300
# Random bytes of `state`, `nonce` and the verifier of PKCE.
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One attempt to sign in: the values that its answer has to match."""

    redirect_uri: str
    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls, redirect_uri: str) -> Self:
        """Return an attempt with random values."""
        return cls(redirect_uri, *(secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """The code challenge of the verifier, by the method S256."""
        digest = sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Login:
    """A user who has signed in: the token for the API, and its end, in seconds since 1970.

    `refresh_token` is empty if the issuer gave none.
    """

    sign_in: SignIn
    token: str
    until_s: float
    refresh_token: str = ""


class Issuer:
    """The endpoints of an issuer, for one client."""

    def __init__(
        self, sign_in: SignIn, now_s: Callable[[], float], http: httpx.Client | None = None
    ) -> None:
        self._sign_in = sign_in
        self._now_s = now_s
        self._http = http or httpx.Client(timeout=_TIMEOUT_S)
        self._known: Mapping[str, Any] = {}

    def address(self, attempt: SignInAttempt) -> str:
        """Return the URL at which the user signs in."""
        signing = self._sign_in
        query = {
            "response_type": "code",
            "client_id": signing.client,
            "redirect_uri": attempt.redirect_uri,
            "scope": signing.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        if signing.takes_access_tokens:
            # RFC 8707, and the name that Auth0 uses.
            query |= {"resource": signing.audience, "audience": signing.audience}
        return str(httpx.URL(self._endpoint("authorization_endpoint")).copy_merge_params(query))

    def login(self, answer: Mapping[str, str], attempt: SignInAttempt) -> Login:
        """Return the login for the parameters that the issuer redirected with.

        Raises SetupFailed if the user was refused, or the answer is not of this attempt.
        """
        # RFC 9207: the answer of another issuer.
        if answer.get("iss", self._sign_in.issuer) != self._sign_in.issuer:
            raise SetupFailed("the sign-in failed: another issuer answered")
        if "code" not in answer:
            raise SetupFailed(f"the sign-in failed: {_reason(answer)}")
        given = self._tokens(
            {
                "grant_type": "authorization_code",
                "redirect_uri": attempt.redirect_uri,
                "code": answer["code"],
                "code_verifier": attempt.verifier,
            }
        )
        if _claims(given.get("id_token")).get("nonce") != attempt.nonce:
            raise SetupFailed("the sign-in failed: the token is of another one")
        return self._login(given, "")

    def refreshed(self, login: Login) -> Login:
        """Return a login with a new token; raises SetupFailed if the user has to sign in again."""
        if not login.refresh_token:
            raise SetupFailed("the token has ended, and the issuer gave none to refresh it")
        given = self._tokens({"grant_type": "refresh_token", "refresh_token": login.refresh_token})
        return self._login(given, login.refresh_token)

    def revoke(self, login: Login) -> None:
        """Revoke the refresh token (RFC 7009), if there is one and the issuer can."""
        address = self._description().get("revocation_endpoint")
        if login.refresh_token and isinstance(address, str):
            self._post(address, {"token": login.refresh_token})

    def _login(self, given: Mapping[str, Any], refresh_token: str) -> Login:
        signing = self._sign_in
        name = "access_token" if signing.takes_access_tokens else "id_token"
        token = given.get(name)
        if not isinstance(token, str):
            raise SetupFailed(f"the issuer gave no {name}")
        life_s = float(given.get("expires_in") or _ASSUMED_LIFE_S)
        until_s = self._now_s() + life_s if signing.takes_access_tokens else _claims(token)["exp"]
        return Login(signing, token, until_s, given.get("refresh_token") or refresh_token)

    def _tokens(self, fields: Mapping[str, str]) -> Mapping[str, Any]:
        if self._sign_in.takes_access_tokens:
            fields = {**fields, "resource": self._sign_in.audience}
        answer = self._post(self._endpoint("token_endpoint"), fields)
        given = _object(answer)
        if answer.is_error:
            raise SetupFailed(f"the issuer refused it: {_reason(given)}")
        return given

    def _endpoint(self, name: str) -> str:
        found = self._description().get(name)
        if not isinstance(found, str):
            raise SetupFailed(f"the issuer has no {name}")
        return _safe(found)

    def _description(self) -> Mapping[str, Any]:
        if not self._known:
            issuer = _safe(self._sign_in.issuer)
            found = _object(self._sent("GET", issuer.rstrip("/") + _DISCOVERY))
            # OpenID Connect Discovery 1.0, section 4.3.
            if found.get("issuer") != issuer:
                raise SetupFailed(f"{issuer} does not describe itself: is it the issuer?")
            self._known = found
        return self._known

    def _post(self, url: str, fields: Mapping[str, str]) -> httpx.Response:
        return self._sent("POST", _safe(url), {"client_id": self._sign_in.client, **fields})

    def _sent(
        self, method: str, url: str, fields: Mapping[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, url, data=fields)
        except httpx.HTTPError as fault:
            raise StoreUnavailable(f"the issuer could not be reached: {fault}") from fault
        if answer.is_server_error:
            raise StoreUnavailable(f"the issuer answered {answer.status_code}")
        return answer


def described_by(gallery: str) -> SignIn:
    """Return how users sign in to a gallery; raises SetupFailed if they cannot."""
    url = httpx.URL(f"{_safe(gallery).rstrip('/')}/config.json")
    here = url.copy_with(host=host_to_connect(url.host))
    try:
        answer = httpx.get(here, headers={"host": url.netloc.decode()}, timeout=_TIMEOUT_S)
    except httpx.HTTPError as fault:
        raise StoreUnavailable(f"the gallery could not be reached: {fault}") from fault
    found = _object(answer).get("signin")
    if not isinstance(found, dict):
        raise SetupFailed(f"{gallery} is not a gallery to which users sign in")
    try:
        names = ("issuer", "client", "audience", "scope", "api")
        return SignIn(*(str(found[name]) for name in names))
    except KeyError as missing:
        raise SetupFailed(f"the gallery does not name {missing}") from missing


def _safe(url: str) -> str:
    """Return a URL that is encrypted or of this machine; raises SetupFailed for another."""
    if is_encrypted_or_local(url):
        return url
    raise SetupFailed(f"expected a URL with https://, got {url!r}")


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object of a response; empty if it has none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(given: Mapping[str, Any]) -> str:
    """Return why an issuer refused something (RFC 6749, sections 4.1.2.1 and 5.2)."""
    return str(given.get("error_description") or given.get("error") or "it gave no reason")


def _claims(token: object) -> Mapping[str, Any]:
    """Return the claims of an ID token; raises SetupFailed.

    It came from the issuer itself, by HTTPS, so its signature need not be checked (OpenID Connect
    Core 1.0, section 3.1.3.7); the API does.
    """
    try:
        text = str(token).split(".")[1]
        claims = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return {**claims, "exp": float(claims["exp"])}
    except (IndexError, KeyError, TypeError, ValueError) as fault:
        raise SetupFailed("the issuer gave no ID token that can be read") from fault
