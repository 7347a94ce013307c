"""The key pairs of a stack as JSON, as CloudFront's key value store and the laptop keep them.

`[{"key": "hex", "salt": "hex"}, …]`: the present pair, and the previous one after a rotation.
"""

import json
import secrets
from typing import Protocol

from imagemill.errors import SetupFailed
from imagemill.requests.settings import KeyPair

# Random bytes of a key and of a salt; HMAC-SHA256 gains nothing from more (RFC 2104, 3).
PAIR_BYTES = 32
# Pairs that are valid at the same time.
_MOST_PAIRS = 2


class SigningKeys(Protocol):
    """The key pairs of a stack."""

    def read(self) -> tuple[KeyPair, ...]:
        """Return the present pair and the previous one; none before the first rotation."""

    def rotate(self) -> tuple[KeyPair, ...]:
        """Make a new pair, keep the present one as the previous one, and return both."""


def new_pair() -> KeyPair:
    """Return a random key pair."""
    return KeyPair(secrets.token_bytes(PAIR_BYTES), secrets.token_bytes(PAIR_BYTES))


def rotated(pairs: tuple[KeyPair, ...]) -> tuple[KeyPair, ...]:
    """Return a new pair, and the present one as the previous one."""
    return (new_pair(), *pairs)[:_MOST_PAIRS]


def pairs_to_json(pairs: tuple[KeyPair, ...]) -> str:
    """Return the text of key pairs."""
    return json.dumps([{"key": pair.key.hex(), "salt": pair.salt.hex()} for pair in pairs])


def pairs_from_json(text: str) -> tuple[KeyPair, ...]:
    """Read the text of key pairs; raises SetupFailed if it is malformed."""
    try:
        return tuple(
            KeyPair(bytes.fromhex(pair["key"]), bytes.fromhex(pair["salt"]))
            for pair in json.loads(text)
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise SetupFailed("the stored signing keys are malformed") from fault
