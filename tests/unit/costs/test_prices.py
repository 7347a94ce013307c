"""Costs calculated from the price table."""

import pytest

from imagemill.costs.prices import restore_dollars, snapshot_dollars


def test_a_snapshot_costs_what_it_does_in_the_example_of_aws() -> None:
    month_s = 31 * 24 * 3600

    assert snapshot_dollars(1_024, month_s) == pytest.approx(4.03, abs=0.005)
    assert 74_400 * restore_dollars(1_024) == pytest.approx(10.40, abs=0.005)


def test_a_snapshot_costs_by_the_memory_of_the_function() -> None:
    assert snapshot_dollars(2_048) == 2 * snapshot_dollars(1_024)
    assert restore_dollars(2_048) == 2 * restore_dollars(1_024)
