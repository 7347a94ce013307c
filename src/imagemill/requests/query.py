"""Query strings: pairs as they stand in the URL, each name once."""

import re

from imagemill.domain.quoting import quoted
from imagemill.private.policies import RESERVED
from imagemill.requests.faults import InvalidUrl
from imagemill.requests.values import percent_decoded

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


def read_query(text: str) -> dict[str, str]:
    """Return the values by their names, still encoded; raises InvalidUrl for a name used twice."""
    pairs: dict[str, str] = {}
    for part in text.split("&"):
        name, _, value = part.partition("=")
        # CloudFront has checked the signature of a private image, whose parameters it reserves.
        if not part or name in RESERVED:
            continue
        if _NAME.fullmatch(name) is None:
            raise InvalidUrl(f"expected a parameter name, got {quoted(name)}")
        if name in pairs:
            raise InvalidUrl(f"expected {name} once, got it twice", name)
        pairs[name] = value
    return pairs


def decoded(pairs: dict[str, str]) -> dict[str, str]:
    """Return the values decoded: `+` is a space, and `%XX` a byte of UTF-8."""
    return {name: percent_decoded(value.replace("+", "%20"), name) for name, value in pairs.items()}
