"""Share links: the results of the client, and the operations of the API."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from imagemill.client.exchange import Ask, Flow, accepted
from imagemill.dataclass import dataclass
from imagemill.domain.share import DEFAULT_S
from imagemill.errors import SetupFailed

__all__ = ["DEFAULT_S", "NewShare", "Share", "SharePage", "create", "page", "revoke", "share_in"]


@dataclass(frozen=True, slots=True)
class Share:
    """A link to the image with an id and a key, or to the folder with a prefix.

    Times are ISO 8601 in UTC. `made_by` are the credentials that made it.
    """

    id: str
    image: str | None
    key: str | None
    prefix: str | None
    originals: bool
    made_by: str
    created_at: str
    expires_at: str
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share that was just made, with its token; `url` opens it in the gallery, if there is one.

    `Client(shares_url, token=token)` reads its images.
    """

    share: Share
    token: str
    url: str | None


@dataclass(frozen=True, slots=True)
class SharePage:
    """One page of shares; `cursor` leads to the next one, None at the end."""

    shares: tuple[Share, ...]
    cursor: str | None


def create(
    image: str | None, prefix: str | None, seconds: int, *, originals: bool
) -> Flow[NewShare]:
    """Make a link to an image, or to a folder; raises SetupFailed unless it is one of both."""
    if (image is None) == (prefix is None):
        raise SetupFailed("expected either an image or the prefix of a folder")
    target = {"image": image} if prefix is None else {"prefix": prefix}
    wanted = {**target, "seconds": seconds, "originals": originals}
    made = (yield from accepted(Ask("POST", "/shares", json=wanted))).json()
    return NewShare(share_in(made), made["token"], made["url"])


def page(cursor: str | None, limit: int) -> Flow[SharePage]:
    """Return a page of the valid shares."""
    params: dict[str, str | int] = {"limit": limit, **({"cursor": cursor} if cursor else {})}
    found = (yield from accepted(Ask("GET", "/shares", params=params))).json()
    return SharePage(tuple(map(share_in, found["shares"])), found["cursor"])


def revoke(share: str) -> Flow[None]:
    """Revoke a share."""
    yield from accepted(Ask("DELETE", f"/shares/{share}"))


def share_in(facts: Mapping[str, Any]) -> Share:
    """Return the share in JSON of the API; fields of a later version are ignored."""
    known = {field.name for field in fields(Share)}
    return Share(**{name: value for name, value in facts.items() if name in known})
