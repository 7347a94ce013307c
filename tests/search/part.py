"""The histories that are tested by default: all of them take a quarter of an hour."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def part(cases: Sequence[T], every: int) -> Sequence[T]:
    """Return one case in so many; all of them if RACES=all is set.

    Products of lists whose lengths `every` does not divide keep each value of each list.
    """
    return cases[:: 1 if os.environ.get("RACES") == "all" else every]
