"""The caller of a request to the API: its name in the audit log, and what it may do."""

from typing import Literal, get_args

from imagemill.dataclass import dataclass
from imagemill.errors import Forbidden

Scope = Literal["upload", "read", "delete", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
# `admin` includes the others, and access to the images of all owners.
EVERYTHING: frozenset[Scope] = frozenset(SCOPES)
# What a user may do whose token does not restrict it.
OWN_IMAGES: frozenset[Scope] = EVERYTHING - {"admin"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: `actor` is `key:ID`, `user:SUB` or `iam:ARN`."""

    actor: str
    scopes: frozenset[Scope]

    @property
    def is_admin(self) -> bool:
        """Whether the caller may access the images of all owners."""
        return "admin" in self.scopes

    def require(self, scope: Scope) -> None:
        """Raise Forbidden if the caller lacks a scope."""
        if not self.is_admin and scope not in self.scopes:
            raise Forbidden(f"expected credentials with the scope {scope}")


# The caller of a route that needs no credentials.
ANYONE = Caller("", frozenset())
