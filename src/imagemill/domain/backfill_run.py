"""A run: one backfill under way, and what it may cost."""

from dataclasses import dataclass

from imagemill.domain.reconciliation import Concern


@dataclass(frozen=True, slots=True)
class BackfillRun:
    """What was asked for; `budget` and `spent` in dollars, without a budget None.

    `spent` counts what runs that this one resumes have spent, too. `codes` are the codes of
    rejected images to try again, all if empty.
    """

    name: str
    prefix: str
    concerns: frozenset[Concern]
    budget: float | None = None
    spent: float = 0.0
    codes: frozenset[str] = frozenset()
