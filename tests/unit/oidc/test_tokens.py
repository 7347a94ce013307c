"""Tokens of users: which are accepted, and whom they name."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fakes.issuer import AUDIENCE, FakeIssuer, public_rsa_key, rsa_key
from jwt.algorithms import RSAAlgorithm

from imagemill.config import JwtSettings
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, owning
from imagemill.errors import Unauthorized
from imagemill.oidc.key_set import KeySet
from imagemill.oidc.tokens import TokenVerifier

# Moments of the test itself: a table is made long before.
AGO_30_S, IN_30_S = "30 s ago", "in 30 s"


def verifier(issuer: FakeIssuer, admin: str = "") -> TokenVerifier:
    settings = JwtSettings(issuer.url, AUDIENCE, admin)
    return TokenVerifier(settings, KeySet(issuer.url, issuer.fetch, time.monotonic))


def unsigned(algorithm: str, **claims: object) -> str:
    parts = ({"alg": algorithm, "kid": "r"}, FakeIssuer().claims(**claims))
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join([*(text.rstrip("=") for text in texts), ""])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_names_its_user(algorithm: str) -> None:
    issuer = FakeIssuer()

    caller = verifier(issuer).caller(issuer.token(algorithm))

    assert caller == owning("user:alice", OWN_IMAGES)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": time.time() - 120}, "expired"),
        ({"nbf": time.time() + 86_400}, "not yet valid"),
        ({"exp": None}, "exp"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "name of a user"),
        ({"sub": "x" * 256}, "name of a user"),
        ({"iss": "https://evil.example.com"}, "issuer"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ["another"]}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": "another", "client_id": AUDIENCE}, "another audience"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(changed: dict[str, Any], reason: str) -> None:
    issuer = FakeIssuer()

    with pytest.raises(Unauthorized, match=reason):
        verifier(issuer).caller(issuer.token(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": AGO_30_S},
        {"nbf": IN_30_S},
        {"aud": ["another", AUDIENCE]},
        {"aud": None, "client_id": AUDIENCE},
    ],
    ids=["clock of the issuer is behind", "clock is ahead", "several audiences", "Cognito"],
)
def test_a_token_with_an_unusual_claim_is_accepted(changed: dict[str, Any]) -> None:
    issuer = FakeIssuer()
    moments = {AGO_30_S: time.time() - 30, IN_30_S: time.time() + 30}
    claims: dict[str, Any] = {
        name: moments.get(value, value) if isinstance(value, str) else value
        for name, value in changed.items()
    }

    assert verifier(issuer).caller(issuer.token(**claims)).actor == "user:alice"


def test_a_changed_token_is_refused() -> None:
    issuer = FakeIssuer()
    head, _, signature = issuer.token().split(".")
    _, forged, _ = issuer.token(sub="root").split(".")

    with pytest.raises(Unauthorized, match="Signature"):
        verifier(issuer).caller(f"{head}.{forged}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS384", "PS256", "EdDSA"])
def test_only_two_algorithms_are_accepted(algorithm: str) -> None:
    with pytest.raises(Unauthorized, match="expected a token signed with RS256 or ES256"):
        verifier(FakeIssuer()).caller(unsigned(algorithm))


def test_the_public_key_is_not_a_secret_for_a_symmetric_signature() -> None:
    public = rsa_key(0).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    content = unsigned("HS256").rstrip(".")
    digest = hmac.digest(public, content.encode(), "sha256")
    forged = f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    with pytest.raises(Unauthorized, match="expected a token signed with"):
        verifier(FakeIssuer()).caller(forged)


def test_the_algorithm_of_a_token_must_be_that_of_the_key() -> None:
    issuer = FakeIssuer()

    with pytest.raises(Unauthorized, match="not signed with a key of the issuer"):
        verifier(issuer).caller(issuer.token("RS256", {"kid": "e"}))


def test_a_key_in_the_token_itself_is_never_used() -> None:
    issuer = FakeIssuer()
    own = {"kid": "mine", "jwk": public_rsa_key("mine", 1), "jku": "https://evil.example.com/keys"}
    forged = jwt.encode(issuer.claims(), rsa_key(1), "RS256", headers=own)

    with pytest.raises(Unauthorized, match="not signed with a key of the issuer"):
        verifier(issuer).caller(forged)

    assert set(issuer.requests) == {"/.well-known/openid-configuration", "/keys"}


def test_a_key_that_is_too_short_is_refused() -> None:
    issuer = FakeIssuer()
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # on purpose
    issuer.keys = [{**RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), "kid": "w"}]
    token = jwt.encode(issuer.claims(), rsa_key(0), "RS256", headers={"kid": "w"})

    with pytest.raises(Unauthorized, match="minimum"):
        verifier(issuer).caller(token)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "€.€.€", "x" * 9000, unsigned("RS256")])
def test_a_text_that_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthorized):
        verifier(FakeIssuer()).caller(token)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "openid email"}, OWN_IMAGES),
        ({"scope": "openid imagemill:read"}, {"read"}),
        ({"scope": "imagemill:read imagemill:admin"}, {"read"}),
        ({"scope": "imagemill:admin"}, set()),
        ({"groups": ["staff", "admins"]}, EVERYTHING),
        ({"groups": "admins"}, EVERYTHING),
        ({"groups": ["staff"]}, OWN_IMAGES),
        ({"groups": "no-admins"}, OWN_IMAGES),
    ],
)
def test_claims_decide_what_a_user_may_do(claims: dict[str, Any], scopes: set[str]) -> None:
    issuer = FakeIssuer()

    caller = verifier(issuer, admin="groups=admins").caller(issuer.token(**claims))

    assert caller.scopes == scopes
