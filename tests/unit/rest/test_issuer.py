"""The authorization code flow with PKCE, and refreshing, without a network."""

import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256

import httpx
import pytest
from fakes.sign_in import Endpoints

from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed, StoreUnavailable
from imagemill.rest.issuer import Issuer, SignInAttempt

REDIRECT = "http://localhost:8976/"


def test_the_user_signs_in_at_an_address_with_the_values_of_the_attempt(issuer: Issuer) -> None:
    attempt = SignInAttempt.new(REDIRECT)

    query = httpx.URL(issuer.address(attempt)).params

    assert query["redirect_uri"] == REDIRECT
    assert (query["state"], query["nonce"]) == (attempt.state, attempt.nonce)
    digest = sha256(attempt.verifier.encode()).digest()
    assert query["code_challenge"] == urlsafe_b64encode(digest).decode().rstrip("=")
    assert query["code_challenge_method"] == "S256"
    assert "resource" not in query


def test_no_two_attempts_share_a_value() -> None:
    one, two = SignInAttempt.new(REDIRECT), SignInAttempt.new(REDIRECT)

    values = {one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}
    assert len(values) == 6


def test_a_code_becomes_a_login_with_the_id_token(issuer: Issuer, endpoints: Endpoints) -> None:
    attempt = SignInAttempt.new(REDIRECT)
    endpoints.nonce = attempt.nonce

    login = issuer.login({"code": "c", "state": attempt.state}, attempt)

    [asked] = endpoints.asked
    assert (asked["code"], asked["code_verifier"]) == ("c", attempt.verifier)
    assert (asked["client_id"], asked["redirect_uri"]) == ("app", REDIRECT)
    assert login.token.count(".") == 2
    assert 290 < login.until_s - time.time() <= 300
    assert login.refresh_token == "first+"


def test_the_api_of_another_audience_gets_the_access_token(
    endpoints: Endpoints, sign_in: SignIn
) -> None:
    other = replace(sign_in, audience="https://api.example")
    issuer = Issuer(other, lambda: 1000.0, httpx.Client(transport=endpoints.transport))
    attempt = SignInAttempt.new(REDIRECT)
    endpoints.nonce = attempt.nonce

    query = httpx.URL(issuer.address(attempt)).params
    login = issuer.login({"code": "c"}, attempt)

    assert query["resource"] == query["audience"] == other.audience
    assert endpoints.asked[0]["resource"] == other.audience
    assert (login.token, login.until_s) == ("opaque", 1600.0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "access_denied", "error_description": "no such user"}, "no such user"),
        ({"error": "access_denied"}, "access_denied"),
        ({"code": "c", "iss": "https://evil.example"}, "another issuer"),
        ({"code": "c"}, "of another one"),
    ],
)
def test_an_answer_that_proves_no_user_is_refused(
    issuer: Issuer, endpoints: Endpoints, answer: dict[str, str], words: str
) -> None:
    endpoints.nonce = "that of another attempt"

    with pytest.raises(SetupFailed, match=words):
        issuer.login(answer, SignInAttempt.new(REDIRECT))


def test_a_login_is_refreshed_with_its_token_and_keeps_it_if_there_is_no_new_one(
    issuer: Issuer, endpoints: Endpoints
) -> None:
    attempt = SignInAttempt.new(REDIRECT)
    endpoints.nonce = attempt.nonce
    login = issuer.login({"code": "c"}, attempt)
    endpoints.given = {"refresh_token": None}

    later = issuer.refreshed(login)

    assert endpoints.asked[1]["refresh_token"] == login.refresh_token
    assert later.token != login.token
    assert later.refresh_token == login.refresh_token


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({"issuer": "https://other.example"}, "does not describe itself"),
        ({"token_endpoint": None}, "has no token_endpoint"),
        ({"token_endpoint": "http://login.example.com/token"}, "expected a URL with https://"),
    ],
)
def test_an_issuer_that_cannot_be_trusted_gets_no_code(
    issuer: Issuer, endpoints: Endpoints, description: dict[str, object], words: str
) -> None:
    endpoints.issuer.description |= description

    with pytest.raises(SetupFailed, match=words):
        issuer.login({"code": "c"}, SignInAttempt.new(REDIRECT))

    assert endpoints.asked == []


def test_an_issuer_that_fails_may_be_asked_again(sign_in: SignIn) -> None:
    broken = httpx.MockTransport(lambda _: httpx.Response(503))
    issuer = Issuer(sign_in, time.time, httpx.Client(transport=broken))

    with pytest.raises(StoreUnavailable, match="503"):
        issuer.address(SignInAttempt.new(REDIRECT))
