"""Search the quality at which an encoder reaches a score of SSIMULACRA 2.

Each image has a curve of its own, but on a logarithmic scale of distortion all have nearly the
same shape. So one measurement tells how far an image lies from the usual curve, and further ones
correct that where it was far from the target.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, log

from imagemill.dataclass import dataclass
from imagemill.imaging.plan import WebFormat
from imagemill.imaging.quality import MOST_SCORES
from imagemill.preset import MAX_QUALITY

# Scores by quality of a usual image, of 138 photos and drawings of 320 to 500 px and parts of them:
# the median near 75, and from there on the median steps of images with such scores.
# `python -m benchmarks.auto --curves` measures them.
_CURVES: dict[WebFormat, tuple[tuple[int, float], ...]] = {
    "jpeg": (
        *((10, 14.6), (20, 41.2), (30, 53.1), (40, 60.4), (50, 65.2), (58, 68.5), (65, 71.5)),
        *((72, 74.6), (78, 77.9), (84, 81.4), (88, 83.8), (92, 86.6), (95, 88.8)),
    ),
    "webp": (
        *((10, 37.1), (25, 51.8), (40, 60.7), (50, 64.7), (60, 67.9), (68, 69.9)),
        *((75, 71.7), (80, 74.8), (83, 77.1), (86, 78.9), (90, 82.1), (95, 86.1)),
    ),
    "avif": (
        *((10, 10.5), (20, 27.1), (30, 42.5), (40, 58.6), (46, 63.9), (50, 68.6), (54, 71.4)),
        *((58, 74), (62, 76), (66, 77.3), (72, 80.5), (80, 83.8), (88, 86.2), (95, 88.1)),
    ),
    "jxl": (
        *((10, 42.8), (25, 57.4), (40, 64), (50, 68.3), (58, 70.6), (64, 73.1), (70, 76.2)),
        *((76, 79.1), (80, 81.1), (84, 83.3), (85, 85.4), (90, 88.3), (95, 92.3)),
    ),
}
# A score that lies so near to the target is accepted.
_NEAR = 1.3
# From one that lies less far away the curve leads to the target: by the deviation of the steps.
_LEADS: dict[WebFormat, float] = {"jpeg": 2.5, "webp": 2, "avif": 1.3, "jxl": 2.5}
# An image whose scores lead so far below the target even at the highest quality is given up.
_SHORT = 3
# Slopes of an image's curve, relative to the usual one, that are believed.
_FLATTEST, _STEEPEST = 0.4, 2.5
# The exponent from distortion to score, 100 - 10 × d^0.63, and the least that has a logarithm.
_EXPONENT, _LEAST_DISTORTION = 0.6276336467831387, 0.05


@dataclass(frozen=True, slots=True)
class Attempt:
    """The score at a quality, and the file if it was encoded for that."""

    quality: int
    score: float
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The quality, and the file if it was encoded.

    `is_short` if not even the highest quality reaches the target.
    """

    quality: int
    data: bytes | None = None
    is_short: bool = False


Measure = Callable[[int], Attempt]


def typical_quality(to: WebFormat, target: int) -> int:
    """Return the quality at which half of all images reach the target."""
    return round(_quality_at(to, distortion(target)))


def search(
    to: WebFormat, target: int, highest: int, measure: Measure, first: int | None = None
) -> Found:
    """Return the quality that reaches the target, or the nearest allowed.

    `measure` is called at most MOST_SCORES times, for the quality `first` first: by default that at
    which half of all images reach the target.
    """
    quality, tried = min(highest, first or typical_quality(to, target)), list[Attempt]()
    while True:
        if len(tried) == MOST_SCORES or (tried and abs(tried[-1].score - target) <= _LEADS[to]):
            return Found(quality)
        tried.append(measure(quality))
        line = _line(to, target, tried)
        quality = min(highest, _following(to, target, tried, line))
        is_tried = any(attempt.quality == quality for attempt in tried)
        if is_tried or abs(tried[-1].score - target) <= _NEAR:
            best = min(tried, key=lambda one: (_distance(one, target), one.quality))
            is_short = quality == highest and best.score < target - _NEAR
            return Found(best.quality, best.data, is_short)
        if quality == highest and len(tried) > 1 and line.score_at(quality) < target - _SHORT:
            return _short(tried, Attempt(quality, line.score_at(quality)))


def _short(tried: Sequence[Attempt], expected: Attempt) -> Found:
    """Return the lowest quality that looks like the highest, whose score is expected."""
    alike = [each for each in (*tried, expected) if expected.score - each.score <= _NEAR]
    chosen = min(alike, key=lambda each: each.quality)
    return Found(chosen.quality, chosen.data, is_short=True)


def first_quality(to: WebFormat, target: int, as_jpeg: Attempt) -> int:
    """Return the quality that reaches the target most probably, by the score of a JPEG.

    An image that scores lower than usual as JPEG does so in other formats.
    """
    usual = _usual("jpeg", as_jpeg.quality)
    return round(_quality_at(to, distortion(target) - (distortion(as_jpeg.score) - usual)))


def _distance(attempt: Attempt, target: int) -> int:
    """Return how far the score is from the target, 0 if it is near: equal if they look alike."""
    distance = abs(attempt.score - target)
    return 0 if distance <= _NEAR else max(1, round(distance))


@dataclass(frozen=True, slots=True)
class _Line:
    """The usual curve of a format moved or stretched through the scores of an image."""

    to: WebFormat
    usual: float
    found: float
    slope: float = 1.0

    def quality_for(self, target: int) -> int:
        """Return the quality with that score, by a slope that can be believed."""
        slope = min(_STEEPEST, max(_FLATTEST, self.slope))
        at = self.usual + (distortion(target) - self.found) / slope
        return round(_quality_at(self.to, at))

    def score_at(self, quality: int) -> float:
        """Return the score at a quality."""
        return score_at(self.found + (_usual(self.to, quality) - self.usual) * self.slope)


def _line(to: WebFormat, target: int, tried: Sequence[Attempt]) -> _Line:
    """Return the line through the nearest score, and one across the target if there is one."""
    nearest = min(tried, key=lambda each: abs(each.score - target))
    usual, found = _usual(to, nearest.quality), distortion(nearest.score)
    others = [each for each in tried if each is not nearest]
    if not others:
        return _Line(to, usual, found)
    is_low = nearest.score < target
    across = [each for each in others if (each.score < target) != is_low]
    other = min(across or others, key=lambda each: abs(each.score - target))
    run = usual - _usual(to, other.quality)
    return _Line(to, usual, found, (found - distortion(other.score)) / run)


def _following(to: WebFormat, target: int, tried: Sequence[Attempt], line: _Line) -> int:
    """Return the quality to try next: between one too low and one too high, if there is any."""
    following = line.quality_for(target)
    below = max((each.quality for each in tried if each.score < target), default=0)
    above = min((each.quality for each in tried if each.score >= target), default=MAX_QUALITY + 1)
    following = following if above - below <= 1 else max(below + 1, min(above - 1, following))
    return max(_CURVES[to][0][0], following)


def distortion(score: float) -> float:
    """Return the logarithm of the distortion that gives a score."""
    return log(max(_LEAST_DISTORTION, (100 - score) / 10)) / _EXPONENT


def score_at(distortion: float) -> float:
    """Return the score that a logarithm of distortion gives."""
    return 100 - 10 * exp(_EXPONENT * distortion)


def _usual(to: WebFormat, quality: int) -> float:
    """Return the distortion that the usual curve has at a quality."""
    return _interpolated([(q, distortion(score)) for q, score in _CURVES[to]], quality)


def _quality_at(to: WebFormat, wanted: float) -> float:
    """Return the quality where the usual curve has a distortion; the lowest or highest beyond."""
    return _interpolated([(-distortion(score), q) for q, score in _CURVES[to]], -wanted)


def _interpolated(points: Sequence[tuple[float, float]], at: float) -> float:
    """Return the value between points that ascend; beyond them that of the first or last."""
    for (left, from_), (right, to) in pairwise(points):
        if at <= right:
            part = max(0.0, (at - left) / (right - left))
            return from_ + (to - from_) * part
    return points[-1][1]
