"""Counts and scores of a mutation run."""

from benchmarks.mutants import Tally, survivors, table, tally

ENDS = {"killed": 1, "crashed": 3, "too slow": 36, "survived": 0, "no tests": 33, "by mypy": 37}


def test_a_mutant_without_a_failing_test_has_survived() -> None:
    assert tally("a.py", ENDS) == Tally("a.py", mutants=6, rejected=1, survived=2)
    assert survivors(ENDS) == ["survived", "no tests"]


def test_all_other_mutants_that_mypy_accepts_are_killed() -> None:
    assert (tally("a.py", ENDS).killed, tally("a.py", ENDS).score) == (3, "60.0%")


def test_a_mutant_that_was_not_run_is_not_counted() -> None:
    assert tally("a.py", ENDS | {"later": None, "interrupted": 2}) == tally("a.py", ENDS)


def test_a_module_without_mutants_that_mypy_accepts_has_no_score() -> None:
    assert tally("a.py", {"by mypy": 37}).score == "–"


def test_the_table_ends_with_the_totals() -> None:
    rows = table([Tally("a.py", 6, 1, 2), Tally("b.py", 0, 0, 0), Tally("c.py", 4, 0, 0)])

    assert rows.splitlines()[2:] == [
        "| a.py | 6 | 1 | 3 | 2 | 60.0% |",
        "| c.py | 4 | 0 | 4 | 0 | 100.0% |",
        "| **all** | 10 | 1 | 7 | 2 | 77.8% |",
    ]
