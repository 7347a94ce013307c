"""Ask a worker to look at an image: the dependencies of the use cases that do."""

from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.stores import Records


class LookQueue(Protocol):
    """The queue of the pipeline."""

    def send_later(self, message: str, delay_s: int) -> None:
        """Send a message that a worker receives after so many seconds."""


@dataclass(frozen=True, slots=True)
class LookDeps:
    """The records, and the queue of the reconciliations."""

    records: Records
    queue: LookQueue
