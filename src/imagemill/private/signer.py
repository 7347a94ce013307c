"""Sign URLs and sets of URLs for a limited time."""

from collections.abc import Callable

from imagemill.dataclass import dataclass
from imagemill.private.policies import policy_text, to_url


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """A policy and its signature, both in the form of a URL, and the key that verifies it."""

    policy: str
    signature: str
    key_id: str

    @property
    def query(self) -> str:
        """The parameters that open each URL of the policy."""
        return f"Policy={self.policy}&Signature={self.signature}&Key-Pair-Id={self.key_id}"


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Signs with a key that CloudFront knows by `key_id`; `now` returns Unix time, s.

    A signature is valid for `lifetime_s` at most, and for half of it at least. It is the same
    during that half, so that a browser finds the image in its cache. For a share link, no signature
    is valid after `latest`, Unix time, s.
    """

    key_id: str
    sign: Callable[[bytes], bytes]
    lifetime_s: int
    now: Callable[[], float]
    latest: int | None = None

    @property
    def until(self) -> int:
        """The end of signatures that are made now, Unix time, s."""
        step = max(1, self.lifetime_s // 2)
        until = int(self.now()) // step * step + self.lifetime_s
        return until if self.latest is None else min(until, self.latest)

    def url(self, url: str) -> str:
        """Return a URL that opens itself alone (canned policy)."""
        until = self.until
        signature = to_url(self.sign(policy_text(url, until).encode()))
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}Expires={until}&Signature={signature}&Key-Pair-Id={self.key_id}"

    def policy(self, resource: str) -> SignedPolicy:
        """Return a signature for all URLs that match (custom policy); see `Policy.resource`."""
        text = policy_text(resource, self.until).encode()
        return SignedPolicy(to_url(text), to_url(self.sign(text)), self.key_id)
