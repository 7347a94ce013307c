"""Share links in memory."""

from imagemill.dataclass import dataclass
from imagemill.domain.share import Share


class MemoryShares:
    """Implements `domain.share.Shares`."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}

    def get(self, share_id: str) -> Share | None:
        """Return a share; None if there is none."""
        return self._shares.get(share_id)

    def put(self, share: Share) -> None:
        """Write a share."""
        self._shares[share.id] = share

    def page(
        self, limit: int, before: str | None, owner: str | None, now_s: int
    ) -> tuple[list[Share], str | None]:
        """Return up to `limit` valid shares, newest first, and the id to continue before."""
        found = [
            one
            for name, one in sorted(self._shares.items(), reverse=True)
            if (before is None or name < before)
            and owner in (None, one.owner)
            and not one.revoked_at
            and one.grant.until > now_s
        ]
        return found[:limit], found[limit - 1].id if len(found) > limit else None


@dataclass(frozen=True, slots=True)
class FixedSecrets:
    """Secrets that are never replaced; implements `domain.share.ShareSecrets`."""

    valid: tuple[str, ...]

    def __call__(self, kept_s: float = 0) -> tuple[str, ...]:
        """Return the secrets."""
        del kept_s
        return self.valid
