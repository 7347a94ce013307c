"""A bus in memory, held by the contract suite to the same promises as EventBridge."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.domain.record import ImageRecord
from imagemill.errors import StoreUnavailable


@dataclass
class FakeBus:
    """Takes everything, but for what it is told to refuse; `calls` counts what a bill would."""

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
