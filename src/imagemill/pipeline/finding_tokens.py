"""Tokens for findings: the same text for the same work, so that repeated work is done once."""

import hashlib

from imagemill.domain.event import ObjectEvent

_GONE = "-"
_TOKEN_LENGTH = 8


def token_of(current: ObjectEvent | None, fingerprint: str) -> str:
    """Return eight hexadecimal digits for a version and the deployment that works on it."""
    if current is None:
        return _GONE
    facts = f"{current.version_id}|{current.etag}|{fingerprint}"
    return hashlib.sha256(facts.encode()).hexdigest()[:_TOKEN_LENGTH]
