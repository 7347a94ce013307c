"""The dependencies of the commands with `--api`: the stack's REST API, and the logins of its users.

httpx is slow to load, so a command imports this module only if it needs the API.
"""

import time
from collections.abc import Callable
from pathlib import Path

from imagemill.client.credentials import FixedToken, KeyCredentials, TokenCredentials
from imagemill.dataclass import dataclass
from imagemill.domain.sign_in import SignIn
from imagemill.errors import ImagemillError
from imagemill.rest.client import ApiStackClient
from imagemill.rest.issuer import Issuer, Login, SignInAttempt, described_by
from imagemill.rest.logins import Logins, LoginTokens
from imagemill.rest.loopback import Loopback


@dataclass(frozen=True, slots=True)
class Secrets:
    """The credentials that the user has given: a token or a key; empty if none."""

    token: str = ""
    key: str = ""


def open_api(
    address: str, given: Secrets, logins: Path, ask_for_key: Callable[[], str]
) -> ApiStackClient:
    """Return the stores of a stack behind its REST API; makes no request.

    The given token comes first, then the login at this API, then the key, which may be asked for.
    The folder beside that of the logins keeps uploads in parts that have begun.
    """
    uploads = logins.parent / "uploads"
    if given.token:
        return ApiStackClient.at(address, TokenCredentials(FixedToken(given.token)), uploads)
    login = Logins(logins).read(address.rstrip("/"))
    if login:
        tokens = TokenCredentials(LoginTokens(Logins(logins), login))
        return ApiStackClient.at(address, tokens, uploads)
    return ApiStackClient.at(address, KeyCredentials(given.key or ask_for_key()), uploads)


def sign_in_of(gallery: str) -> SignIn:
    """Return how users sign in to a gallery; raises SetupFailed if they cannot."""
    return described_by(gallery)


def sign_in(
    signing: SignIn, port: int, timeout_s: float, show: Callable[[str], None], logins: Path
) -> None:
    """Let the user sign in, and keep the login; `show` gets the URL of the issuer's page.

    Raises SetupFailed.
    """
    issuer = Issuer(signing, time.time)
    with Loopback(port) as loopback:
        attempt = SignInAttempt.new(loopback.redirect_uri)
        show(issuer.address(attempt))
        answer = loopback.answer(attempt.state, timeout_s)
    Logins(logins).write(issuer.login(answer, attempt))


def sign_out(api: str, logins: Path) -> bool:
    """Forget a login, and revoke its refresh token; return False if there was none.

    An issuer that does not answer prevents nothing: the login is forgotten anyway.
    """
    kept = Logins(logins)
    login = kept.read(api.rstrip("/"))
    kept.delete(api.rstrip("/"))
    if login:
        _revoke(login)
    return login is not None


def _revoke(login: Login) -> None:
    try:
        Issuer(login.sign_in, time.time).revoke(login)
    except ImagemillError:
        return
