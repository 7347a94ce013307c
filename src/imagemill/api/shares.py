"""Share links: make, list and revoke them, and find the caller of a request with one."""

from collections.abc import Callable
from dataclasses import replace

from imagemill.api.folders import root_of
from imagemill.api.read import read
from imagemill.dataclass import dataclass
from imagemill.domain.bound_cursor import bound_cursor, position_of
from imagemill.domain.caller import Caller, Grant
from imagemill.domain.clock import Clock
from imagemill.domain.keys import owner_of
from imagemill.domain.share import (
    TIME_DIGITS,
    Share,
    ShareExpired,
    ShareRevoked,
    Shares,
    ShareSecrets,
)
from imagemill.domain.share_json import time_of
from imagemill.domain.share_tokens import SignedShare, is_known, key_of, read_token, token_of
from imagemill.domain.stores import RecordReader
from imagemill.errors import NotFound

# Seconds after which the secrets are read again for a token of an unknown one: it may be new.
_KEPT_FOR_UNKNOWN_S = 10
_LIST = "shares"


@dataclass(frozen=True, slots=True)
class ShareDeps:
    """The dependencies of share links.

    `random` returns 18 random hexadecimal digits, `prefix` is that of the keys of all originals.
    """

    shares: Shares
    secrets: ShareSecrets
    records: RecordReader
    clock: Clock
    random: Callable[[], str]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """A link to make: of the image with an id, or else of the folder with a prefix."""

    image: str
    prefix: str
    seconds: int
    originals: bool = False


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share that was just made; the token is shown only now.

    `url` opens it in the gallery; empty without one, or if it is not known yet.
    """

    share: Share
    token: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class SharePage:
    """Some shares, newest first; `cursor` leads to the next page, None at the end."""

    shares: list[Share]
    cursor: str | None


def create_share(request: ShareRequest, deps: ShareDeps, caller: Caller) -> NewShare:
    """Make a link to images that the caller may read; raises Forbidden, NotFound or Gone."""
    caller.require("read")
    now_s = deps.clock.now_s()
    grant, key = _granted(request, now_s + request.seconds, deps, caller)
    share = Share(
        id=f"{now_s:0{TIME_DIGITS}x}{deps.random()}",
        grant=grant,
        made_by=caller.actor,
        created_at=time_of(now_s),
        owner=caller.owner,
        key=key,
    )
    token = token_of(SignedShare(share.id, grant), deps.secrets()[0])
    deps.shares.put(share)
    return NewShare(share, token)


def list_shares(limit: int, cursor: str | None, deps: ShareDeps, caller: Caller) -> SharePage:
    """Return a page of the valid shares that the caller has made; all for an administrator."""
    before = position_of(_LIST, cursor) if cursor else None
    owner = None if caller.sees_all else caller.owner
    shares, position = deps.shares.page(limit, before, owner, deps.clock.now_s())
    return SharePage(shares, bound_cursor(_LIST, position) if position else None)


def revoke_share(share_id: str, deps: ShareDeps, caller: Caller) -> Share:
    """Revoke a share, and return it; raises NotFound. Calling it again is safe."""
    share = deps.shares.get(share_id)
    if share is None or not (caller.sees_all or _is_of(share, caller)):
        raise NotFound(f"there is no share {share_id}")
    if share.revoked_at:
        return share
    revoked = replace(share, revoked_at=time_of(deps.clock.now_s()))
    deps.shares.put(revoked)
    return revoked


def caller_with(token: str, deps: ShareDeps) -> Caller:
    """Return the caller with the token of a share link.

    Raises Unauthorized, or ShareExpired or ShareRevoked for a token that was valid.
    """
    secrets = deps.secrets()
    if not is_known(key_of(token), secrets):
        secrets = deps.secrets(_KEPT_FOR_UNKNOWN_S)
    signed = read_token(token, secrets)
    if signed.grant.until <= deps.clock.now_s():
        raise ShareExpired(f"the share link expired at {time_of(signed.grant.until)}")
    share = deps.shares.get(signed.id)
    if share is None or share.revoked_at:
        raise ShareRevoked("the share link was revoked")
    grant = replace(signed.grant, owner=share.grant.owner)
    return Caller(f"share:{share.id}", frozenset({"read"}), grant=grant)


def _granted(
    request: ShareRequest, until: int, deps: ShareDeps, caller: Caller
) -> tuple[Grant, str]:
    """Return the grant of a request, and the key of a shared image."""
    if request.image:
        record = read(request.image, deps.records, caller)
        return Grant(until, image=record.id, originals=request.originals), record.key
    if not request.prefix.startswith(root_of(caller, deps.prefix)):
        raise NotFound("there is no such folder")
    # The caller lists the images by the same index.
    owner = caller.owner if owner_of(f"{request.prefix}-") == caller.owner else ""
    return Grant(until, prefix=request.prefix, originals=request.originals, owner=owner), ""


def _is_of(share: Share, caller: Caller) -> bool:
    return caller.owner != "" and share.owner == caller.owner
