"""A run of a backfill, and its budget."""

from imagemill.dataclass import dataclass
from imagemill.domain.reconciliation import Concern


@dataclass(frozen=True, slots=True)
class BackfillRun:
    """The request of a backfill; `budget` and `spent` are in dollars, None: no budget.

    `spent` includes the runs that this one resumes. `codes` are the error codes of rejected images
    to try again, all if empty.
    """

    name: str
    prefix: str
    concerns: frozenset[Concern]
    budget: float | None = None
    spent: float = 0.0
    codes: frozenset[str] = frozenset()
