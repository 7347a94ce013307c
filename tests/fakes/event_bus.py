"""An event bus in memory that passes the same contract tests as EventBridge."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.domain.record import ImageRecord
from imagemill.errors import StoreUnavailable


@dataclass
class FakeBus:
    """Accepts all records except `refused`; `calls` counts billed requests."""

    refused: frozenset[str] = frozenset()
    broken: bool = False
    announced: list[ImageRecord] = field(default_factory=list)
    calls: int = 0

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        self.calls += 1
        if self.broken:
            raise StoreUnavailable("EventBridge could not be reached")
        self.announced += [record for record in records if record.id not in self.refused]
        return self.refused
