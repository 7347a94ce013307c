"""A deployment: the recipe and limits that workers use, and the presets dropped recently.

Workers of two deployments run in parallel for a while, and a request of the former one may be
applied up to 15 minutes after it was signed. So a deployment has the time when it was first seen,
by which its renditions take precedence over those of the former one, and the presets that workers
of the former one may still store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from imagemill.dataclass import dataclass

# Time for which workers and requests of a former deployment are expected, ms. A function runs for
# 15 minutes at most, and a signed request is accepted for 15 more; the rest is a margin.
OVERLAP_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """`since` and the values of `dropped` are epoch milliseconds.

    `fingerprint` is a hash of recipe, limits and version; `dropped` is the time when each preset of
    a former deployment went out of use. `rules` is the hash of the recipe's rules, empty if it is
    the same for all originals. When they change, all presets count as dropped, because an original
    may have another rule now.
    """

    fingerprint: str = ""
    since: int = 0
    presets: frozenset[str] = frozenset()
    dropped: Mapping[str, int] = field(default_factory=dict)
    rules: str = ""
    revision: int = 1

    def is_recent(self, now_ms: int) -> bool:
        """Return whether workers of the former deployment may still run."""
        return now_ms < self.since + OVERLAP_MS

    def recently_dropped(self, now_ms: int) -> frozenset[str]:
        """Return the presets that workers of a former deployment may still store."""
        return frozenset(name for name, at in self.dropped.items() if now_ms < at + OVERLAP_MS)


def following(
    before: Deployment | None,
    fingerprint: str,
    presets: Iterable[str],
    now_ms: int,
    rules: str = "",
) -> Deployment:
    """Return the deployment to register: `before` itself if nothing has changed."""
    now_used = frozenset(presets)
    if before is None:
        return Deployment(fingerprint, now_ms, now_used, rules=rules)
    if before.fingerprint == fingerprint:
        return before
    gone = dict.fromkeys(before.presets, now_ms)
    kept = now_used if rules == before.rules else frozenset()
    dropped = {name: at for name, at in {**before.dropped, **gone}.items() if name not in kept}
    recent = {name: at for name, at in dropped.items() if now_ms < at + OVERLAP_MS}
    since = max(now_ms, before.since + 1)
    return Deployment(fingerprint, since, now_used, recent, rules, before.revision + 1)
