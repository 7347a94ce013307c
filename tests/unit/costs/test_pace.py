"""Processing time per image, fitted to records."""

from dataclasses import replace

import pytest
from fakes.cloud import ready_record

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.durations import Batch, duration_model
from imagemill.costs.pace import Pace, assumed
from imagemill.domain.record import Original


def test_without_records_the_assumed_line_applies() -> None:
    assert Pace().ms(700_000, None) == pytest.approx(assumed().at(2))


@pytest.mark.parametrize("megapixels", [4, 12, 50])
def test_the_assumed_line_is_that_of_one_jpeg_in_the_default_memory(megapixels: float) -> None:
    alone = Batch(megapixels, memory_mb=DEFAULT_MEMORY_MB)

    assert assumed().at(megapixels) == pytest.approx(duration_model().ms(alone), rel=0.05)


def test_records_of_different_sizes_determine_the_line() -> None:
    pace = Pace()
    for width, took_ms in ((1000, 150), (2000, 250), (4000, 450)):
        original = Original(width * 1000, width, 1000, "jpeg", 1)
        pace.learn(replace(ready_record(), original=original, processing_ms=took_ms))

    assert pace.line == pytest.approx((50, 100))
    assert pace.ms(0, 10) == pytest.approx(1050)
    assert pace.ms(3_000_000, None) == pytest.approx(350)


def test_records_of_one_size_keep_the_assumed_slope() -> None:
    pace = Pace()
    for _ in range(3):
        pace.learn(replace(ready_record(), processing_ms=100))

    base, slope = pace.line

    assert base + slope * 0.96 == pytest.approx(100)
    assert slope == assumed().slope
