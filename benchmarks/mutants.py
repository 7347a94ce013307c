"""The score of the last mutation run by module, for docs/testing.md, and its surviving mutants.

    make mutate
    python -m benchmarks.mutants

A mutant is the code with one change. mypy rejects it, or a test fails and kills it, or it survives.
The score is the part of the mutants that mypy accepts which a test kills.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "mutants"
_PACKAGE = "src/imagemill/"
_SURVIVED = frozenset({0, 5, 33})
"""Exit codes of mutmut: no test failed, or none calls the function."""
_REJECTED = 37
"""By mypy."""
_NOT_RUN = frozenset({None, 2})
"""Not reached yet, or interrupted."""
_HEAD = "| module | mutants | rejected by mypy | killed | survived | score |"
_RULE = "|---|---:|---:|---:|---:|---:|"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mutants of a module there are, and how they ended."""

    module: str
    mutants: int
    rejected: int
    survived: int

    @property
    def killed(self) -> int:
        """Mutants for which a test fails, or runs for too long."""
        return self.mutants - self.rejected - self.survived

    @property
    def score(self) -> str:
        """The part that is killed of those that mypy accepts, in percent."""
        accepted = self.mutants - self.rejected
        return f"{100 * self.killed / accepted:.1f}%" if accepted else "–"


def tally(module: str, exit_codes: Mapping[str, int | None]) -> Tally:
    """Count how the mutants of a module ended; those that were not run are left out."""
    ends = Counter(code for code in exit_codes.values() if code not in _NOT_RUN)
    survived = sum(ends[code] for code in _SURVIVED)
    return Tally(module, ends.total(), ends[_REJECTED], survived)


def table(tallies: Iterable[Tally]) -> str:
    """Return the tallies and their sum as a table in Markdown."""
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
    """Return the names of mutants that no test noticed; `mutmut show NAME` shows the change."""
    return [name for name, code in exit_codes.items() if code in _SURVIVED]


def main() -> None:
    """Print the table and the names of the survivors."""
    found: dict[str, dict[str, int | None]] = {}
    for file in sorted(RESULTS.glob(f"{_PACKAGE}**/*.py.meta")):
        module = file.relative_to(RESULTS / _PACKAGE).as_posix().removesuffix(".meta")
        found[f"`{module}`"] = json.loads(file.read_text())["exit_code_by_key"]
    lines = [table(tally(module, codes) for module, codes in found.items())]
    lines += [name for codes in found.values() for name in survivors(codes)]
    print("\n".join(lines))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
