"""The simulation of a burst: small cases with known results, and properties of all cases."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.model.burst import Burst, Ramp, drain


def seconds_each(images: int) -> float:
    return 1_000.0 * images


def steady(images: int) -> float:
    del images
    return 1_000.0


def test_one_worker_takes_full_batches_one_after_another() -> None:
    played = drain(Burst(25), Ramp(1, 60, 1), 10, seconds_each)

    assert played.batches == ((0, 10, 10), (10, 20, 10), (20, 25, 5))
    assert played.seconds == 25
    assert played.billed_ms == 25_000


def test_two_workers_need_half_the_time() -> None:
    played = drain(Burst(40), Ramp(2, 60, 2), 10, steady)

    assert played.seconds == 2
    assert played.workers == 2


def test_workers_start_over_time() -> None:
    ramp = Ramp(first=5, per_minute=300, most=8)

    assert ramp.starts() == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4, 0.6])


def test_the_limit_also_caps_the_first_workers() -> None:
    assert Ramp(first=5, per_minute=300, most=2).starts() == [0, 0]


def test_a_worker_waits_for_the_next_arrival() -> None:
    played = drain(Burst(3, rate=0.5), Ramp(1, 60, 1), 10, steady)

    assert played.batches == ((0, 1, 1), (2, 3, 1), (4, 5, 1))


def test_arrivals_during_a_batch_form_the_next_batch() -> None:
    played = drain(Burst(5, rate=4), Ramp(1, 60, 1), 10, steady)

    assert played.batches == ((0, 1, 1), (1, 2, 4))


def test_the_depth_counts_arrived_messages_that_no_batch_has_taken() -> None:
    played = drain(Burst(25), Ramp(1, 60, 1), 10, seconds_each)

    assert played.depths([0, 9.9, 10, 20, 25]) == [15, 15, 5, 0, 0]
    assert played.done([0, 9.9, 10, 20, 25]) == [0, 0, 10, 20, 25]


BURSTS = st.builds(Burst, st.integers(1, 300), st.sampled_from([0.7, 3.0, 50.0, math.inf]))
RAMPS = st.builds(Ramp, st.integers(1, 5), st.sampled_from([10.0, 300.0]), st.integers(1, 20))


@given(BURSTS, RAMPS, st.integers(1, 10))
def test_every_image_is_processed_once_and_after_its_arrival(
    burst: Burst, ramp: Ramp, most: int
) -> None:
    played = drain(burst, ramp, most, steady)

    taken = 0
    for moment, done, size in played.batches:
        assert 1 <= size <= most
        assert done == moment + 1
        taken += size
        assert taken <= burst.arrived(moment)
    assert taken == burst.images
    assert played.workers <= ramp.most
    assert played.depths([played.seconds]) == [0]


@given(st.integers(1, 300), st.integers(1, 20), st.integers(1, 10))
def test_more_workers_never_take_longer(images: int, workers: int, most: int) -> None:
    few, more = (
        drain(Burst(images), Ramp(count, 60, count), most, steady)
        for count in (workers, workers + 1)
    )

    assert more.seconds <= few.seconds
