"""However archiving, changes and workers interrupt each other, no upload is lost.

RACES=all tests every history; by default a part is tested.
"""

from itertools import product

import pytest

from search.archiving import (
    ACTS,
    HISTORIES,
    ArchivingWorld,
    disordered_ends,
    ends,
    ends_of_workers,
    late_ends,
)
from search.part import part

CASES = list(product(HISTORIES, ACTS))
TESTED = part(CASES, 3)


def on_request() -> ArchivingWorld:
    return ArchivingWorld(on_request=True)


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_however_an_archiver_and_a_worker_race_the_newest_event_wins(
    history: str, act: str
) -> None:
    assert faults(ends(history, act, ArchivingWorld)) == []


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_however_the_event_of_an_archived_original_is_overtaken_the_newest_event_wins(
    history: str, act: str
) -> None:
    assert faults(ends_of_workers(history, act, ArchivingWorld)) == []


@pytest.mark.parametrize(("history", "act"), CASES)
def test_an_archived_original_that_is_stored_late_replaces_nothing_newer(
    history: str, act: str
) -> None:
    assert faults(late_ends(history, act, ArchivingWorld)) == []


@pytest.mark.parametrize("acts", [["hide", "erase"], ["put another", "erase"]])
def test_events_that_arrive_after_that_of_the_archived_original_change_nothing(
    acts: list[str],
) -> None:
    assert faults(disordered_ends(acts, ArchivingWorld)) == []


def faults(worlds: object) -> list[list[str]]:
    """Return the complaints of the first wrong end."""
    found = (world.complaints() for world in worlds)  # type: ignore[attr-defined]
    return [one for one in found if one][:1]
