"""Search the quality at which an encoder reaches a score of SSIMULACRA 2.

Each image has a curve of its own, but on a logarithmic scale of distortion all have nearly the
same shape. So one measurement tells how far an image lies from the usual curve, and further ones
correct that where it was far from the target.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log

from imagemill.dataclass import dataclass
from imagemill.imaging.plan import WebFormat
from imagemill.imaging.quality import MOST_SCORES
from imagemill.preset import MAX_QUALITY

# Median scores by quality, of 29 to 39 photos and drawings from 240 to 640 px. First and last are
# extrapolated; `python -m benchmarks.auto --curves` measures them.
_CURVES: dict[WebFormat, tuple[tuple[int, float], ...]] = {
    "jpeg": (
        *((10, 32), (30, 56.9), (50, 67.9), (65, 72.7), (75, 77.1), (82, 81.2)),
        *((88, 84.7), (95, 89.5)),
    ),
    "webp": (
        *((10, 38), (25, 55.5), (45, 64.6), (62, 69.3), (75, 73.1), (83, 78)),
        *((90, 82.5), (95, 86.3)),
    ),
    "avif": (
        *((10, 15), (25, 39.7), (40, 62.1), (50, 71), (58, 75.1), (66, 78.4)),
        *((76, 83.3), (95, 89)),
    ),
    "jxl": (
        *((10, 40), (40, 65.4), (55, 71), (66, 73.7), (76, 79.1), (84, 83.3)),
        *((90, 88.3), (95, 91)),
    ),
}
# A score that lies so near to the target is accepted; from one that lies less far away the curve
# leads within that. In AVIF it leads less far, because its steps differ most.
_NEAR, _LEADS, _LEADS_IN_AVIF = 1.2, 2.5, 1.5
# Slopes of an image's curve, relative to the usual one, that are believed.
_FLATTEST, _STEEPEST = 0.4, 2.5
# The exponent from distortion to score, 100 - 10 × d^0.63, and the least that has a logarithm.
_EXPONENT, _LEAST_DISTORTION = 0.6276336467831387, 0.05
_EXPONENT = 0.6276336467831387

Encode = Callable[[int], bytes]
Score = Callable[[bytes], float]


@dataclass(frozen=True, slots=True)
class Found:
    """The quality and the file; `is_short` if not even the highest quality reaches the target."""

    quality: int
    data: bytes
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    quality: int
    score: float
    data: bytes


def typical_quality(to: WebFormat, target: int) -> int:
    """Return the quality at which half of all images reach the target."""
    return round(_quality_at(to, _distortion(target)))


def search(to: WebFormat, target: int, highest: int, encode: Encode, score: Score) -> Found:
    """Return the quality that reaches the target, or the nearest allowed, and the file.

    `score` measures a file; it is called at most three times, and `encode` four times.
    """
    quality, tried = min(highest, typical_quality(to, target)), list[_Attempt]()
    leads = _LEADS_IN_AVIF if to == "avif" else _LEADS
    while True:
        data = encode(quality)
        if len(tried) == MOST_SCORES or (tried and abs(tried[-1].score - target) <= leads):
            return Found(quality, data)
        tried.append(_Attempt(quality, score(data), data))
        quality = min(highest, _following(to, target, tried))
        is_tried = any(attempt.quality == quality for attempt in tried)
        if is_tried or abs(tried[-1].score - target) <= _NEAR:
            # The lowest of those that look the same.
            best = min(tried, key=lambda one: (round(abs(one.score - target)), one.quality))
            is_short = quality == highest and best.score < target - _NEAR
            return Found(best.quality, best.data, is_short)


def _following(to: WebFormat, target: int, tried: Sequence[_Attempt]) -> int:
    """Return the quality to try next, by the usual curve moved or stretched through the scores."""
    nearest = min(tried, key=lambda each: abs(each.score - target))
    usual, found = _usual(to, nearest.quality), _distortion(nearest.score)
    # From a score on the other side of the target if there is one.
    is_low = nearest.score < target
    others = [each for each in tried if each is not nearest]
    across = [each for each in others if (each.score < target) != is_low]
    slope = 1.0
    if others:
        other = min(across or others, key=lambda each: abs(each.score - target))
        run = usual - _usual(to, other.quality)
        slope = min(_STEEPEST, max(_FLATTEST, (found - _distortion(other.score)) / run))
    following = round(_quality_at(to, usual + (_distortion(target) - found) / slope))
    below = max((each.quality for each in tried if each.score < target), default=0)
    above = min((each.quality for each in tried if each.score >= target), default=MAX_QUALITY + 1)
    # Between a quality that is too low and one that is too high, if there is any.
    following = following if above - below <= 1 else max(below + 1, min(above - 1, following))
    return max(_CURVES[to][0][0], following)


def _distortion(score: float) -> float:
    """Return the logarithm of the distortion that gives a score."""
    return log(max(_LEAST_DISTORTION, (100 - score) / 10)) / _EXPONENT


def _usual(to: WebFormat, quality: int) -> float:
    """Return the distortion that the usual curve has at a quality."""
    return _interpolated([(q, _distortion(score)) for q, score in _CURVES[to]], quality)


def _quality_at(to: WebFormat, distortion: float) -> float:
    """Return the quality where the usual curve has a distortion; the lowest or highest beyond."""
    return _interpolated([(-_distortion(score), q) for q, score in _CURVES[to]], -distortion)


def _interpolated(points: Sequence[tuple[float, float]], at: float) -> float:
    """Return the value between points that ascend; beyond them that of the first or last."""
    for (left, from_), (right, to) in pairwise(points):
        if at <= right:
            part = max(0.0, (at - left) / (right - left))
            return from_ + (to - from_) * part
    return points[-1][1]
