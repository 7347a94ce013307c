"""A search reaches the target of an image with any usual curve in few attempts."""

from dataclasses import dataclass, field

import pytest

from imagemill.imaging.plan import WebFormat
from imagemill.imaging.target_quality import (
    Attempt,
    Found,
    first_quality,
    search,
    typical_quality,
)

FORMATS: tuple[WebFormat, ...] = ("jpeg", "webp", "avif", "jxl")


@dataclass
class Encoder:
    """An encoder with a given score at quality 95 and a given slope; its file is its quality."""

    best: float
    slope: float
    has_files: bool = True
    measured: list[int] = field(default_factory=list)

    def measure(self, quality: int) -> Attempt:
        self.measured.append(quality)
        data = bytes([quality]) if self.has_files else None
        return Attempt(quality, self.at(quality), data)

    def at(self, quality: int) -> float:
        return self.best - self.slope * (95 - quality)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(("best", "slope"), [(88, 0.45), (93, 0.3), (80, 0.25), (97, 0.6)])
def test_the_target_is_reached_by_at_most_four_measurements(
    to: WebFormat, best: float, slope: float
) -> None:
    encoder = Encoder(best, slope)

    found = search(to, 75, 95, encoder.measure)

    assert encoder.at(found.quality) == pytest.approx(75, abs=1.5)
    assert len(encoder.measured) <= 4


def test_a_score_that_is_near_the_target_needs_no_second_attempt() -> None:
    usual = typical_quality("webp", 75)
    encoder = Encoder(best=75.5 + 0.5 * (95 - usual), slope=0.5)

    found = search("webp", 75, 95, encoder.measure)

    assert found.quality == usual
    assert found.data == bytes([usual])
    assert encoder.measured == [usual]


def test_a_score_from_which_the_curve_leads_to_the_target_needs_no_second_measurement() -> None:
    usual = typical_quality("webp", 75)
    encoder = Encoder(best=73 + 0.6 * (95 - usual), slope=0.6)

    found = search("webp", 75, 95, encoder.measure)

    assert encoder.at(found.quality) == pytest.approx(75, abs=1.5)
    assert found.data is None
    assert encoder.measured == [usual]


def test_an_encoder_without_files_finds_the_quality_alone() -> None:
    encoder = Encoder(best=93, slope=0.3, has_files=False)

    found = search("jpeg", 75, 95, encoder.measure)

    assert encoder.at(found.quality) == pytest.approx(75, abs=1.5)
    assert found.data is None


def test_the_search_begins_with_the_quality_that_is_given() -> None:
    encoder = Encoder(best=93, slope=0.3)

    search("avif", 75, 95, encoder.measure, first=33)

    assert encoder.measured[0] == 33


def test_a_target_out_of_reach_gets_the_highest_quality_allowed() -> None:
    encoder = Encoder(best=60, slope=0.3)

    found = search("jpeg", 75, 88, encoder.measure)

    assert found.quality == 88
    assert found.is_short


def test_the_highest_quality_is_not_measured_where_two_scores_lead_far_below_the_target() -> None:
    encoder = Encoder(best=65, slope=0.2)

    found = search("jpeg", 75, 95, encoder.measure)

    assert found == Found(95, is_short=True)
    assert max(encoder.measured) < 95


def test_a_score_that_does_not_grow_any_more_gets_the_lowest_quality_that_was_tried() -> None:
    encoder = Encoder(best=65, slope=0.02)

    found = search("avif", 75, 95, encoder.measure)

    lowest = min(encoder.measured)
    assert found == Found(lowest, bytes([lowest]), is_short=True)
    assert len(encoder.measured) == 2


def test_the_highest_quality_is_measured_where_it_may_reach_the_target() -> None:
    encoder = Encoder(best=72.2, slope=0.5)

    found = search("jpeg", 75, 95, encoder.measure)

    assert found == Found(95, bytes([95]), is_short=True)
    assert encoder.measured[-1] == 95


def test_an_image_that_every_quality_shows_well_gets_the_lowest() -> None:
    encoder = Encoder(best=99, slope=0.01)

    found = search("avif", 75, 95, encoder.measure)

    assert found.quality == 10
    assert not found.is_short


@pytest.mark.parametrize("to", ["webp", "avif", "jxl"])
def test_an_image_that_looks_worse_as_jpeg_begins_with_a_higher_quality(to: WebFormat) -> None:
    usual = typical_quality("jpeg", 75)

    worse, usually, better = (
        first_quality(to, 75, Attempt(usual, score)) for score in (65, 75, 85)
    )

    assert worse > usually > better
    assert usually == pytest.approx(typical_quality(to, 75), abs=1)


def test_a_higher_target_needs_a_higher_quality() -> None:
    qualities = [[typical_quality(to, target) for target in (50, 65, 75, 85)] for to in FORMATS]

    assert qualities == [sorted(set(each)) for each in qualities]
