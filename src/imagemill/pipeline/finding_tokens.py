"""Tokens of findings: equal for equal work, so that a repeated reconciliation does it once."""

import hashlib

from imagemill.domain.event import ObjectEvent

_GONE = "-"
_TOKEN_LENGTH = 8


def token_of(current: ObjectEvent | None, fingerprint: str) -> str:
    """Return eight hexadecimal digits that identify a version and a deployment."""
    if current is None:
        return _GONE
    facts = f"{current.version_id}|{current.etag}|{fingerprint}"
    return hashlib.sha256(facts.encode()).hexdigest()[:_TOKEN_LENGTH]
