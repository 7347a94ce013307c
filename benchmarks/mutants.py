"""The score of the last mutation run by module, for docs/testing.md, and its surviving mutants.

    make mutate
    python -m benchmarks.mutants

A mutant is the code with one change. mypy rejects it, or a failing test kills it, or it survives.
The score is the percentage of killed mutants among those that mypy accepts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "mutants"
_PACKAGE = "src/imagemill/"
# Exit codes of mutmut: no test failed, or no test calls the function.
_SURVIVED = frozenset({0, 5, 33})
# Exit code of mutmut: mypy rejected the mutant.
_REJECTED = 37
# Exit codes of mutmut: not reached yet, or interrupted.
_NOT_RUN = frozenset({None, 2})
_HEAD = "| module | mutants | rejected by mypy | killed | survived | score |"
_RULE = "|---|---:|---:|---:|---:|---:|"


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of mutants of a module, in total and by result."""

    module: str
    mutants: int
    rejected: int
    survived: int

    @property
    def killed(self) -> int:
        """Mutants for which a test fails or times out."""
        return self.mutants - self.rejected - self.survived

    @property
    def score(self) -> str:
        """The percentage of killed mutants among those that mypy accepts."""
        accepted = self.mutants - self.rejected
        return f"{100 * self.killed / accepted:.1f}%" if accepted else "–"


def tally(module: str, exit_codes: Mapping[str, int | None]) -> Tally:
    """Count the results of a module's mutants; leaves out those that were not run."""
    ends = Counter(code for code in exit_codes.values() if code not in _NOT_RUN)
    survived = sum(ends[code] for code in _SURVIVED)
    return Tally(module, ends.total(), ends[_REJECTED], survived)


def table(tallies: Iterable[Tally]) -> str:
    """Return the tallies and their sum as a Markdown table."""
    rows = [one for one in tallies if one.mutants]
    total = Tally(
        "**all**",
        sum(one.mutants for one in rows),
        sum(one.rejected for one in rows),
        sum(one.survived for one in rows),
    )
    return "\n".join([_HEAD, _RULE, *map(_row, rows), _row(total)])


def _row(one: Tally) -> str:
    cells = (one.module, one.mutants, one.rejected, one.killed, one.survived, one.score)
    return f"| {' | '.join(map(str, cells))} |"


def survivors(exit_codes: Mapping[str, int | None]) -> list[str]:
    """Return the names of the surviving mutants; `mutmut show NAME` shows the change."""
    return [name for name, code in exit_codes.items() if code in _SURVIVED]


def main() -> None:
    """Print the table and the names of the surviving mutants."""
    found: dict[str, dict[str, int | None]] = {}
    for file in sorted(RESULTS.glob(f"{_PACKAGE}**/*.py.meta")):
        module = file.relative_to(RESULTS / _PACKAGE).as_posix().removesuffix(".meta")
        found[f"`{module}`"] = json.loads(file.read_text())["exit_code_by_key"]
    lines = [table(tally(module, codes) for module, codes in found.items())]
    lines += [name for codes in found.values() for name in survivors(codes)]
    print("\n".join(lines))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
