"""Share links: the images that they show, their end, and the store that keeps them."""

from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.caller import Grant
from imagemill.errors import Unauthorized

# The shortest and the longest time of a share link, and the default, in seconds.
SHORTEST_S = 60
LONGEST_S = 90 * 24 * 3600
DEFAULT_S = 7 * 24 * 3600
# Hexadecimal digits of an id: the time in seconds, by which ids are sorted, and 72 random bits.
TIME_DIGITS = 8
RANDOM_DIGITS = 18
ID_LENGTH = TIME_DIGITS + RANDOM_DIGITS


class ShareExpired(Unauthorized):
    """The time of the share link is over."""

    code = "share_expired"


class ShareRevoked(Unauthorized):
    """The share link was revoked."""

    code = "share_revoked"


@dataclass(frozen=True, slots=True)
class Share:
    """A share link without its token; times are ISO 8601 in UTC, `revoked_at` may be empty.

    `made_by` is the actor that made it, and `owner` its id as an owner, empty for none. `key` is
    that of a shared image; empty for a folder.
    """

    id: str
    grant: Grant
    made_by: str
    created_at: str
    owner: str = ""
    key: str = ""
    revoked_at: str = ""


class Shares(Protocol):
    """The share links that were made."""

    def get(self, share_id: str) -> Share | None:
        """Return a share as last written; None if there is none, also after it has expired."""

    def put(self, share: Share) -> None:
        """Write a share."""

    def page(
        self, limit: int, before: str | None, owner: str | None, now_s: int
    ) -> tuple[list[Share], str | None]:
        """Return up to `limit` valid shares, newest first, and the id to continue before.

        The id is None at the end. `owner` is the id of the owner that made them; None for all. A
        page may have fewer shares although there are more.
        """


class ShareSecrets(Protocol):
    """The secrets that sign share links."""

    def __call__(self, kept_s: float = ...) -> tuple[str, ...]:
        """Return the valid secrets, the newest first, read at most `kept_s` seconds ago."""


def address_of(site: str, token: str) -> str:
    """Return the address of a share in the gallery, whose URL has no slash at its end.

    A browser sends no fragment, so the token is in no log of a server.
    """
    return f"{site}/#share={token}"
