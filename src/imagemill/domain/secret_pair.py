"""A secret and the one before it, as a secret of Secrets Manager keeps them.

CloudFormation makes the first one. Both are valid: those of webhooks while a receiver changes from
one to the other, those of share links until the next rotation.
"""

import json
import secrets
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed

# Random bytes of a secret: as many as the key of HMAC-SHA256 can use.
_BYTES = 32


@dataclass(frozen=True, slots=True)
class SecretPair:
    """The present secret and the one before it; `previous` is empty before the first rotation."""

    present: str
    previous: str = ""

    @property
    def valid(self) -> tuple[str, ...]:
        """The secrets to sign with, the newest first."""
        return (self.present, self.previous) if self.previous else (self.present,)

    def rotated(self) -> "SecretPair":
        """Return a new secret and the present one."""
        return SecretPair(secrets.token_urlsafe(_BYTES), self.present)


class SecretStore(Protocol):
    """The secrets of a stack."""

    def read(self) -> SecretPair:
        """Return the secrets; raises SetupFailed."""

    def write(self, new: SecretPair) -> None:
        """Replace the secrets; raises SetupFailed."""


def pair_to_json(found: SecretPair) -> str:
    """Return the text of the secret."""
    return json.dumps({"present": found.present, "previous": found.previous})


def pair_from_json(text: str) -> SecretPair:
    """Return the secrets in the text of the secret; raises SetupFailed if it is malformed."""
    try:
        found = json.loads(text)
        present, previous = found["present"], found.get("previous", "")
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SetupFailed("the text of the secret is malformed") from fault
    if not present or not isinstance(present, str) or not isinstance(previous, str):
        raise SetupFailed("the text of the secret is malformed")
    return SecretPair(present, previous)
