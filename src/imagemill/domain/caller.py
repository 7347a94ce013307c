"""The caller of a request to the API: its name, its rights, and its own images."""

import re
from typing import Literal, get_args

from imagemill.dataclass import dataclass
from imagemill.domain.keys import image_id, owner_id, owner_of
from imagemill.errors import Forbidden

Scope = Literal["upload", "read", "delete", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERYTHING: frozenset[Scope] = frozenset(SCOPES)
# The rights of a user if the token does not restrict them.
OWN_IMAGES: frozenset[Scope] = EVERYTHING - {"admin"}
# The value of a key with scopes: their first letters, the key's name and random characters. API
# Gateway checks the whole value, so the scopes of a key cannot be changed.
_KEY = re.compile(r"im-(?P<scopes>[urda]{1,4})-(?P<name>[a-z0-9][a-z0-9-]{0,31})-[A-Za-z0-9]{40}")
_MARK = "im-"
_LETTERS: dict[str, Scope] = {scope[0]: scope for scope in SCOPES}


@dataclass(frozen=True, slots=True)
class Grant:
    """The images that a share link shows, until `until` in epoch seconds: one, or a folder.

    `image` is the id of the image, or `prefix` is that of the folder and ends with `/`; the other
    one is empty. `owner` is the id of the owner of all images of the folder; empty if they have
    none or several.
    """

    until: int
    image: str = ""
    prefix: str = ""
    originals: bool = False
    owner: str = ""

    def covers(self, key: str) -> bool:
        """Return whether the link shows the image with this key."""
        if self.image:
            return image_id(key) == self.image
        return self.prefix != "" and key.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request: `actor` is `key:NAME`, `user:SUB`, `iam:ARN` or `share:ID`.

    `owner` is the id of the owner that its uploads get; empty for none. `grant` are the only images
    that the caller may see, for one with a share link.
    """

    actor: str
    scopes: frozenset[Scope]
    owner: str = ""
    grant: Grant | None = None

    @property
    def sees_all(self) -> bool:
        """Whether the caller may access the images of all owners, and those without one."""
        return "admin" in self.scopes and self.grant is None

    def may_access(self, key: str) -> bool:
        """Return whether the caller may access the image with this key."""
        if self.grant:
            return self.grant.covers(key)
        return self.sees_all or (self.owner != "" and owner_of(key) == self.owner)

    def require(self, scope: Scope) -> None:
        """Raise Forbidden if the caller lacks a scope."""
        if scope not in self.scopes:
            raise Forbidden(f"expected credentials with the scope {scope}")


# The caller of a route that needs no credentials.
ANYONE = Caller("", frozenset())


def owning(actor: str, scopes: frozenset[Scope]) -> Caller:
    """Return a caller that owns its uploads."""
    return Caller(actor, scopes, owner_id(actor))


def of_key(value: str, key_id: str) -> Caller:
    """Return the caller with an API key that API Gateway has checked.

    A key without scopes in its value may do everything, and its uploads have no owner.
    """
    if not value.startswith(_MARK):
        return Caller(f"key:{key_id}", EVERYTHING)
    found = _KEY.fullmatch(value)
    if found is None:
        return Caller(f"key:{key_id}", frozenset())
    scopes = frozenset(_LETTERS[letter] for letter in found["scopes"])
    return owning(f"key:{found['name']}", EVERYTHING if scopes == {"admin"} else scopes)


def key_value(name: str, scopes: frozenset[Scope], random: str) -> str:
    """Return the value of a key; `random` has 40 letters and digits.

    Raises ValueError for a name with other characters than a-z, 0-9 and -, or without scopes.
    """
    letters = "".join(letter for letter, scope in _LETTERS.items() if scope in scopes)
    value = f"{_MARK}{letters}-{name}-{random}"
    if _KEY.fullmatch(value) is None:
        raise ValueError(value)
    return value
