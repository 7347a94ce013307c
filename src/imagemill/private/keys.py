"""The RSA keys of a stack, as the secret of Secrets Manager keeps them.

CloudFront never changes a public key, and CloudFormation does not replace one. So the template has
three slots, and every key goes to the slot after that of the key before: two slots are in use, and
the third is empty when the next key comes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed

# The template's parameters, one for each slot.
PARAMETERS = ("PublicKey1", "PublicKey2", "PublicKey3")
# Keys that are valid at the same time.
_MOST = 2
_HEAD, _FOOT = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key pair in PEM, and the slot of its public key: 1, 2 or 3."""

    slot: int
    private: str
    public: str


class PrivateKeys(Protocol):
    """The keys of a stack."""

    def read(self) -> tuple[StoredKey, ...]:
        """Return the newest key and the one before; none before the first rotation."""

    def write(self, keys: tuple[StoredKey, ...]) -> None:
        """Replace the keys."""


def secret_name(stack: str) -> str:
    """Return the name of the secret of a stack."""
    return f"{stack}/private-images"


def parameters_of(keys: Iterable[StoredKey]) -> dict[str, str]:
    """Return the values of PARAMETERS for the keys; a slot without a key is empty."""
    found = {PARAMETERS[key.slot - 1]: _one_line(key.public) for key in keys}
    return {name: found.get(name, "") for name in PARAMETERS}


def is_known(key: StoredKey, deployed: Mapping[str, str]) -> bool:
    """Return whether a key is one of those in the parameters of a stack."""
    return _one_line(key.public) in [deployed.get(name) for name in PARAMETERS]


def rotated(
    keys: tuple[StoredKey, ...],
    deployed: Mapping[str, str],
    new_key: Callable[[], tuple[str, str]],
) -> tuple[StoredKey, ...]:
    """Return a new key and the one before; raises SetupFailed before the present ones are deployed.

    Otherwise the API would have no key that CloudFront knows, or a slot would change its key.
    `deployed` are the parameters of the stack, `new_key` returns a private and a public key in PEM.
    """
    known = [value for name in PARAMETERS if (value := deployed.get(name))]
    if keys:
        slot = keys[0].slot % len(PARAMETERS) + 1
        is_deployed = not known or is_known(keys[0], deployed)
    else:
        # Also if the secret was deleted, and the keys of the stack are lost.
        empty = (at for at, name in enumerate(PARAMETERS, 1) if not deployed.get(name))
        slot, is_deployed = next(empty, 1), True
    if not is_deployed or deployed.get(PARAMETERS[slot - 1]):
        raise SetupFailed(
            "deploy the stack with the present keys before the next rotation: "
            "imagemill keys show --private prints the parameters"
        )
    return (StoredKey(slot, *new_key()), *keys)[:_MOST]


def keys_to_json(keys: Iterable[StoredKey]) -> str:
    """Return the text of the secret, the newest key first."""
    return json.dumps(
        [{"slot": key.slot, "private": key.private, "public": key.public} for key in keys]
    )


def keys_from_json(text: str) -> tuple[StoredKey, ...]:
    """Return the keys in the text of the secret; raises SetupFailed if it is malformed."""
    try:
        return tuple(
            StoredKey(int(one["slot"]), str(one["private"]), str(one["public"]))
            for one in json.loads(text)
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise SetupFailed("the secret with the keys of private images is malformed") from fault


def _one_line(public_pem: str) -> str:
    """Return a public key as a parameter: the lines between head and foot, joined by dots.

    Values of parameters with spaces or line breaks need quotes that differ from shell to shell.
    """
    lines = public_pem.strip().splitlines()
    if lines[0] != _HEAD or lines[-1] != _FOOT:
        raise SetupFailed("a public key of private images is malformed")
    return ".".join(lines[1:-1])
