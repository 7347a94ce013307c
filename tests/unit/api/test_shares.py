"""Share links: the secrets that verify them."""

from dataclasses import dataclass, field

import pytest
from fakes.stores import FakeRecords, StoppedClock

from imagemill.api.shares import ShareDeps, ShareRequest, caller_with, create_share
from imagemill.domain.caller import EVERYTHING, Caller
from imagemill.errors import StoreUnavailable, Unauthorized
from imagemill.testing.shares import MemoryShares

OPERATOR = Caller("iam:me", EVERYTHING)


@dataclass
class KeptSecrets:
    """The secrets of a function that has read them some time ago, and those of the store."""

    kept: tuple[str, ...]
    stored: tuple[str, ...]
    age_s: float
    asked: list[float] = field(default_factory=list)

    def __call__(self, kept_s: float = 300) -> tuple[str, ...]:
        self.asked.append(kept_s)
        if self.age_s > kept_s:
            self.kept = self.stored
        return self.kept


class NoSecrets:
    """Secrets that cannot be read."""

    def __call__(self, kept_s: float = 300) -> tuple[str, ...]:
        raise StoreUnavailable(f"the secret, {kept_s}")


def deps_of(secrets: KeptSecrets | NoSecrets, shares: MemoryShares) -> ShareDeps:
    return ShareDeps(shares, secrets, FakeRecords(), StoppedClock(), lambda: "0" * 18)


def test_a_token_of_a_new_secret_is_accepted_by_a_function_that_has_not_read_it_yet() -> None:
    shares = MemoryShares()
    fresh = deps_of(KeptSecrets(("new", "old"), (), 0), shares)
    token = create_share(ShareRequest("", "a/", 60), fresh, OPERATOR).token
    late, later = (KeptSecrets(("old",), ("new", "old"), age_s) for age_s in (9, 11))

    with pytest.raises(Unauthorized):
        caller_with(token, deps_of(late, shares))
    caller = caller_with(token, deps_of(later, shares))

    assert caller.grant is not None
    assert caller.grant.prefix == "a/"


def test_a_known_secret_is_not_read_again_for_a_forged_token() -> None:
    secrets = KeptSecrets(("old",), ("new", "old"), 200)
    deps = deps_of(secrets, MemoryShares())
    key = create_share(ShareRequest("", "a/", 60), deps, OPERATOR).token.partition(".")[0]

    with pytest.raises(Unauthorized):
        caller_with(f"{key}.e30.e30", deps)

    assert set(secrets.asked) == {300}


def test_a_link_that_cannot_be_signed_is_not_stored() -> None:
    shares = MemoryShares()

    with pytest.raises(StoreUnavailable):
        create_share(ShareRequest("", "a/", 60), deps_of(NoSecrets(), shares), OPERATOR)

    assert shares.page(10, None, None, 0) == ([], None)
