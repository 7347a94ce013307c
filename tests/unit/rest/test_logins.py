"""Logins are private, and are refreshed before they end or once they are refused."""

import stat
import time
from pathlib import Path

import httpx
import pytest
from fakes.sign_in import Endpoints

from imagemill.client.credentials import TokenCredentials
from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed
from imagemill.rest.issuer import Issuer, Login
from imagemill.rest.logins import Logins, LoginTokens


@pytest.fixture
def logins(tmp_path: Path) -> Logins:
    return Logins(tmp_path / "data" / "logins")


def login_of(sign_in: SignIn, life_s: float) -> Login:
    return Login(sign_in, "t0", time.time() + life_s, "first")


def test_a_login_is_kept_in_a_file_that_only_its_owner_can_read(
    logins: Logins, sign_in: SignIn
) -> None:
    login = login_of(sign_in, 600)

    logins.write(login)

    [place] = logins.folder.iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(logins.folder.stat().st_mode) == 0o700
    assert logins.read(sign_in.api) == login
    assert logins.read("https://another.example") is None


def test_a_file_that_others_can_read_is_no_login(logins: Logins, sign_in: SignIn) -> None:
    logins.write(login_of(sign_in, 600))
    [place] = logins.folder.iterdir()

    place.chmod(0o640)

    assert logins.read(sign_in.api) is None


def test_a_token_is_used_until_shortly_before_its_end(
    logins: Logins, sign_in: SignIn, issuer: Issuer, endpoints: Endpoints
) -> None:
    logins.write(login_of(sign_in, 60))

    token = LoginTokens(logins, login_of(sign_in, 60), issuer=issuer).token()

    assert (token, endpoints.asked) == ("t0", [])


def test_a_token_near_its_end_is_refreshed_and_kept(
    logins: Logins, sign_in: SignIn, issuer: Issuer
) -> None:
    login = login_of(sign_in, 20)
    logins.write(login)

    token = LoginTokens(logins, login, issuer=issuer).token()

    kept = logins.read(sign_in.api)
    assert token != "t0"
    assert kept is not None
    assert (kept.token, kept.refresh_token) == (token, "first+")


def test_a_login_that_another_process_has_refreshed_is_read_and_not_refreshed_again(
    logins: Logins, sign_in: SignIn, issuer: Issuer, endpoints: Endpoints
) -> None:
    login = login_of(sign_in, 20)
    logins.write(login)
    tokens = LoginTokens(logins, login, issuer=issuer)
    other = LoginTokens(logins, login, issuer=issuer).token()

    token = tokens.token()

    assert token == other
    assert len(endpoints.asked) == 1


def test_without_a_usable_refresh_token_the_user_has_to_sign_in_again(
    logins: Logins, sign_in: SignIn, issuer: Issuer, endpoints: Endpoints
) -> None:
    login = login_of(sign_in, -1)
    logins.write(login)
    endpoints.refresh_token = "another"

    with pytest.raises(SetupFailed, match=r"sign in again with `imagemill login`.*invalid_grant"):
        LoginTokens(logins, login, issuer=issuer).token()


def test_a_request_is_sent_again_with_a_new_token_after_the_api_refused_the_first(
    logins: Logins, sign_in: SignIn, issuer: Issuer
) -> None:
    login = login_of(sign_in, 600)
    logins.write(login)
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(401 if len(sent) == 1 else 200)

    credentials = TokenCredentials(LoginTokens(logins, login, issuer=issuer))
    with httpx.Client(transport=httpx.MockTransport(answer), auth=credentials) as client:
        status = client.get("https://api.example/live/images").status_code

    kept = logins.read(sign_in.api)
    assert kept is not None
    assert status == 200
    assert sent == ["Bearer t0", f"Bearer {kept.token}"]
