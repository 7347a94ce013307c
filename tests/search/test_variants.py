"""Variants are never of a former version, and never of an image that is not ready.

RACES=all tests every history; by default a part is tested.
"""

from itertools import product

import pytest

from search.part import part
from search.visits import (
    CHANGES,
    HISTORIES,
    by_version,
    complaints,
    delayed,
    delayed_replacement,
    expired,
    in_one_process,
    overtaken,
    two_visitors,
)

CASES = list(product(HISTORIES, CHANGES))
TESTED = part(CASES, 2)
INTERRUPTED = part(CASES, 11)
KNOWN = list(product(HISTORIES, ["put another", "hide"]))


@pytest.mark.parametrize(("history", "act"), INTERRUPTED)
def test_however_a_visitor_and_a_worker_race_no_variant_is_of_another_version(
    history: str, act: str
) -> None:
    assert list(complaints(overtaken(history, act)))[:1] == []


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_a_variant_that_is_stored_late_is_not_of_a_former_version(history: str, act: str) -> None:
    assert list(complaints(delayed(history, act)))[:1] == []


@pytest.mark.parametrize(("history", "act"), part(INTERRUPTED, 3))
def test_under_the_key_of_a_version_nothing_else_is_stored(history: str, act: str) -> None:
    assert list(complaints(overtaken(history, act, by_version)))[:1] == []
    assert list(complaints(delayed(history, act, by_version)))[:1] == []


@pytest.mark.parametrize(("history", "act"), part(KNOWN, 4))
def test_a_record_that_another_visitor_has_read_leads_to_no_other_variant(
    history: str, act: str
) -> None:
    assert list(complaints(overtaken(history, act, in_one_process)))[:1] == []
    assert list(complaints(delayed(history, act, in_one_process)))[:1] == []
    assert list(complaints(two_visitors(history, act, in_one_process)))[:1] == []


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_of_two_visitors_the_one_of_the_newer_version_wins(history: str, act: str) -> None:
    assert list(complaints(two_visitors(history, act)))[:1] == []


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_a_variant_whose_registration_has_expired_is_removed(history: str, act: str) -> None:
    assert list(complaints(expired(history, act)))[:1] == []


@pytest.mark.parametrize(("history", "act"), TESTED)
def test_a_late_write_replaces_no_variant_of_the_same_bytes(history: str, act: str) -> None:
    assert list(complaints(delayed_replacement(history, act)))[:1] == []
