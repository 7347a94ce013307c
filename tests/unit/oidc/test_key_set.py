"""The key set of an issuer: cached, and fetched again for a key that is not in it."""

import pytest
from fakes.issuer import FakeIssuer, public_rsa_key

from imagemill.errors import IssuerUnavailable, Unauthorized
from imagemill.oidc.key_set import KeySet

HOUR = 3600.0


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class SilentIssuer(FakeIssuer):
    """An issuer that answers only while it is `up`."""

    up = True

    def fetch(self, url: str) -> dict[str, object]:
        if not self.up:
            raise IssuerUnavailable(url)
        return super().fetch(url)


def opened(issuer: FakeIssuer) -> tuple[KeySet, Clock]:
    clock = Clock()
    return KeySet(issuer.url, issuer.fetch, clock), clock


def test_the_keys_are_fetched_once_an_hour() -> None:
    issuer = FakeIssuer()
    keys, clock = opened(issuer)

    for at_s in (0, 10, HOUR - 1):
        clock.now_s = at_s
        assert keys.key("r", "RS256")["kid"] == "r"
    before = len(issuer.requests)
    clock.now_s = HOUR
    keys.key("r", "RS256")

    assert (before, len(issuer.requests)) == (2, 4)


def test_a_new_key_of_the_issuer_is_found_at_once() -> None:
    issuer = FakeIssuer()
    keys, clock = opened(issuer)
    keys.key("r", "RS256")
    issuer.keys = [public_rsa_key("next", 1)]
    clock.now_s = 61

    assert keys.key("next", "RS256")["kid"] == "next"
    with pytest.raises(Unauthorized):
        keys.key("r", "RS256")


def test_invented_key_ids_cause_one_fetch_a_minute() -> None:
    issuer = FakeIssuer()
    keys, clock = opened(issuer)

    for at_s in range(0, 120, 10):
        clock.now_s = at_s
        with pytest.raises(Unauthorized):
            keys.key(f"invented-{at_s}", "RS256")

    assert len(issuer.requests) == 2 * 2


def test_the_keys_are_used_for_a_day_while_the_issuer_does_not_answer() -> None:
    issuer = SilentIssuer()
    keys, clock = opened(issuer)
    keys.key("r", "RS256")
    issuer.up = False

    clock.now_s = 23 * HOUR
    assert keys.key("r", "RS256")["kid"] == "r"
    clock.now_s = 24 * HOUR
    with pytest.raises(IssuerUnavailable):
        keys.key("r", "RS256")


def test_an_issuer_that_never_answered_is_asked_again() -> None:
    issuer = SilentIssuer()
    issuer.up = False
    keys, _ = opened(issuer)
    with pytest.raises(IssuerUnavailable):
        keys.key("r", "RS256")
    issuer.up = True

    assert keys.key("r", "RS256")["kid"] == "r"


def test_the_document_must_name_the_issuer_itself() -> None:
    issuer = FakeIssuer()
    issuer.description["issuer"] = "https://evil.example.com"

    with pytest.raises(IssuerUnavailable, match="another issuer"):
        opened(issuer)[0].key("r", "RS256")


def test_a_token_without_a_key_id_needs_a_single_key_of_its_kind() -> None:
    issuer = FakeIssuer()
    assert opened(issuer)[0].key(None, "RS256")["kid"] == "r"
    issuer.keys.append(public_rsa_key("r2", 1))

    with pytest.raises(Unauthorized):
        opened(issuer)[0].key(None, "RS256")


def test_a_key_for_encryption_signs_nothing() -> None:
    issuer = FakeIssuer()
    issuer.keys = [{**public_rsa_key("r"), "use": "enc"}]

    with pytest.raises(Unauthorized):
        opened(issuer)[0].key("r", "RS256")
