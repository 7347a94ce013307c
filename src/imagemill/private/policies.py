"""Policies of signed URLs and cookies: the JSON that is signed, and its form in a URL."""

import base64
import json
import re
from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

# Parameters that make a URL a signed one. CloudFront reserves their names.
RESERVED = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id"})
# CloudFront replaces the characters of base64 that have a meaning in a URL.
_TO_URL = bytes.maketrans(b"+=/", b"-_~")
_FROM_URL = bytes.maketrans(b"-_~", b"+=/")


@dataclass(frozen=True, slots=True)
class Policy:
    """The URLs that a signature opens, and the Unix times, s, between which it does.

    In `resource`, `*` stands for any characters and `?` for one.
    """

    resource: str
    until: int
    since: int = 0

    def covers(self, url: str, now: int) -> bool:
        """Return whether a URL, without the parameters of the signature, is open now."""
        return self.since <= now < self.until and _pattern(self.resource).fullmatch(url) is not None


def policy_text(resource: str, until: int) -> str:
    """Return the JSON to sign; CloudFront computes the same for a URL without `Policy`."""
    condition = {"DateLessThan": {"AWS:EpochTime": until}}
    statement = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(statement, separators=(",", ":"))


def read_policy(text: str) -> Policy:
    """Return the policy in JSON; raises ValueError for other conditions than times."""
    try:
        [statement] = json.loads(text)["Statement"]
        condition: Mapping[str, Mapping[str, int]] = statement["Condition"]
        times = {name: int(one["AWS:EpochTime"]) for name, one in condition.items()}
        resource = str(statement["Resource"])
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(text) from fault
    if not {"DateLessThan"} <= times.keys() <= {"DateLessThan", "DateGreaterThan"}:
        raise ValueError(text)
    return Policy(resource, times["DateLessThan"], times.get("DateGreaterThan", 0))


def to_url(data: bytes) -> str:
    """Return bytes in CloudFront's form of base64."""
    return base64.b64encode(data).translate(_TO_URL).decode()


def from_url(text: str) -> bytes:
    """Return the bytes that `to_url` encoded; raises ValueError."""
    return base64.b64decode(text.encode("ascii").translate(_FROM_URL), validate=True)


def _pattern(resource: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one) or re.escape(one) for one in resource), re.DOTALL)
