"""Share links as JSON, in the API and in the output of commands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from imagemill.domain.caller import Grant
from imagemill.domain.share import Share


def time_of(seconds: int) -> str:
    """Return a time in epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def scope_of(grant: Grant) -> dict[str, object]:
    """Return the images that a share shows, and until when."""
    return {
        "image": grant.image or None,
        "prefix": grant.prefix or None,
        "originals": grant.originals,
        "expires_at": time_of(grant.until),
    }


def report(share: Share) -> dict[str, object]:
    """Return the public facts of a share; unknown values are None."""
    return {
        "id": share.id,
        "key": share.key or None,
        **scope_of(share.grant),
        "made_by": share.made_by,
        "created_at": share.created_at,
        "revoked_at": share.revoked_at or None,
    }


def reported(facts: Mapping[str, Any]) -> Share:
    """Return the share that `report` has described, without its owner."""
    grant = Grant(
        until=int(datetime.fromisoformat(facts["expires_at"]).timestamp()),
        image=facts["image"] or "",
        prefix=facts["prefix"] or "",
        originals=facts["originals"],
    )
    return Share(
        id=facts["id"],
        grant=grant,
        made_by=facts["made_by"],
        created_at=facts["created_at"],
        key=facts["key"] or "",
        revoked_at=facts["revoked_at"] or "",
    )
