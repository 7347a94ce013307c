"""A search reaches the target of an image with any usual curve in few attempts."""

from dataclasses import dataclass, field

import pytest

from imagemill.imaging.plan import WebFormat
from imagemill.imaging.target_quality import search, typical_quality

FORMATS: tuple[WebFormat, ...] = ("jpeg", "webp", "avif", "jxl")


@dataclass
class Encoder:
    """An encoder with a given score at quality 95 and a given slope; its file is its quality."""

    best: float
    slope: float
    encoded: list[int] = field(default_factory=list)
    measured: list[int] = field(default_factory=list)

    def encode(self, quality: int) -> bytes:
        self.encoded.append(quality)
        return bytes([quality])

    def score(self, data: bytes) -> float:
        self.measured.append(data[0])
        return self.at(data[0])

    def at(self, quality: int) -> float:
        return self.best - self.slope * (95 - quality)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(("best", "slope"), [(88, 0.45), (93, 0.3), (80, 0.25), (97, 0.6)])
def test_the_target_is_reached_in_at_most_four_attempts(
    to: WebFormat, best: float, slope: float
) -> None:
    encoder = Encoder(best, slope)

    found = search(to, 75, 95, encoder.encode, encoder.score)

    assert encoder.at(found.quality) == pytest.approx(75, abs=1.5)
    assert found.data == bytes([found.quality])
    assert len(encoder.encoded) <= 4
    assert len(encoder.measured) <= 3


def test_a_score_that_is_near_the_target_needs_no_second_attempt() -> None:
    usual = typical_quality("webp", 75)
    encoder = Encoder(best=75.5 + 0.5 * (95 - usual), slope=0.5)

    found = search("webp", 75, 95, encoder.encode, encoder.score)

    assert found.quality == usual
    assert encoder.encoded == [usual]


def test_a_target_out_of_reach_gets_the_highest_quality_allowed() -> None:
    encoder = Encoder(best=60, slope=0.3)

    found = search("jpeg", 75, 88, encoder.encode, encoder.score)

    assert found.quality == 88
    assert found.is_short
    assert max(encoder.encoded) == 88


def test_an_image_that_every_quality_shows_well_gets_the_lowest() -> None:
    encoder = Encoder(best=99, slope=0.01)

    found = search("avif", 75, 95, encoder.encode, encoder.score)

    assert found.quality == 10
    assert not found.is_short


def test_a_higher_target_needs_a_higher_quality() -> None:
    qualities = [[typical_quality(to, target) for target in (50, 65, 75, 85)] for to in FORMATS]

    assert qualities == [sorted(set(each)) for each in qualities]
