"""Estimate the quality of a JPEG, and find the highest quality that fits a number of bytes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import hypot, log
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from imagemill.imaging.facts import Facts
    from imagemill.preset import Preset

# Sum of the luminance table that encoders scale by quality: ITU-T T.81, table K.1.
_STANDARD_SUM = 3_679
# Steps of the encoder in the sandbox at quality 50, row by row: encode_quantizer.c explains them.
_STEP_OF_DC, _PER_FREQUENCY = 7.2, 1.2
_TABLE = [
    round(_STEP_OF_DC * (1 + _PER_FREQUENCY * hypot(v, u))) for v in range(8) for u in range(8)
]
# Most by which the sum of a table of ours seems to be of a higher quality, from quality 11 on.
_MOST_TOO_HIGH = 3
# Quality steps that roughly halve a file: the start of a search.
_HALVING = 25
# Share of the allowed bytes to aim at, since sizes do not follow quality exactly; the second if
# there is only one attempt.
_MARGIN, _MARGIN_OF_ONE = 0.98, 0.9
# Share of the allowed bytes that is close enough: no higher quality is tried.
_CLOSE = 0.9
# Attempts of one search, and pixels of all its attempts together (a single attempt may have more).
_MAX_ATTEMPTS, _MAX_PIXELS = 4, 4_000_000
# The least number of attempts for a preset that names the most bytes.
_LEAST_OF_BUDGET = 3
# Larger images are not encoded again: that would take seconds.
_MAX_PIXELS_OF_ONE = 16_000_000

# Lowest qualities tried to save bytes. Both look alike: AVIF's scale is another.
_LOWEST_QUALITY, _LOWEST_AVIF_QUALITY = 40, 25
# The same for a preset that names the most bytes, in any format.
_LOWEST_OF_BUDGET = 10
# Scores measured at most to reach one.
MOST_SCORES = 4
# Pixels of which they are measured: larger images are sampled. AVIF chooses the steps of a part by
# all others, so that a sample tells little; a sample of JPEG XL is as exact with half the pixels.
SCORED_PIXELS: Mapping[str, int] = {
    "jpeg": 3 << 18,
    "webp": 1 << 20,
    "avif": 1 << 21,
    "jxl": 1 << 19,
}
# Qualities of JPEG, WebP and AVIF that give the same SSIMULACRA 2: means of photos at 360 px. From
# 100 on a better original is no limit.
_SAME_QUALITIES: dict[str, tuple[tuple[int, int], ...]] = {
    "webp": (
        (1, 1),
        (20, 13),
        (30, 29),
        (40, 43),
        (50, 56),
        (60, 65),
        (70, 76),
        (80, 83),
        (100, 100),
    ),
    "avif": (
        (1, 10),
        (20, 26),
        (30, 38),
        (40, 44),
        (50, 49),
        (60, 52),
        (70, 58),
        (80, 64),
        (90, 77),
        (100, 100),
    ),
}
# Quality of a JPEG that shrinking can restore at most, and the share of the way there that each
# part of the lost size is credited with; half of the way is the most. Fitted to the same photos.
_RESTORED, _CREDIT, _MOST_CREDIT = 95, 0.85, 0.5
# The credit is full from this quality on, and in proportion below; both are 10 too low.
_FULL_CREDIT, _NO_CREDIT = 40, -10

# Returns the file at a quality, 1 to 100.
Encode = Callable[[int], bytes]


def quality_of(image: "ImageFile") -> int | None:
    """Return the quality of an opened JPEG; None without quantisation tables."""
    tables = cast("Mapping[int, Sequence[int]]", getattr(image, "quantization", {}))
    return estimate_quality(tables)


def estimate_quality(tables: Mapping[int, Sequence[int]]) -> int | None:
    """Return the libjpeg quality, 1 to 100, whose quantisation is equally coarse on average.

    `tables` are the quantisation tables of a JPEG by number; 0 is that of luminance, which is
    compared even if the encoder uses its own tables. Those of our encoder, which are finer, give
    the quality that they were made for. None without tables.
    """
    steps = tables.get(0)
    if not steps:
        return None
    scale = max(1, 100 * sum(steps) / _STANDARD_SUM)
    quality = 5_000 / scale if scale > 100 else (200 - scale) / 2  # noqa: PLR2004 - jcparam.c
    estimated = max(1, min(100, round(quality)))
    near = range(max(1, estimated - _MOST_TOO_HIGH), min(100, estimated + 1) + 1)
    return next((each for each in near if quantization_table(each) == list(steps)), estimated)


def quantization_table(quality: int) -> list[int]:
    """Return the steps of our JPEGs at a quality from 1 to 100, row by row, scaled as by libjpeg.

    They are finer than those of libjpeg, because more coefficients become 0.
    """
    percent = 5_000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004 - jcparam.c
    return [max(1, min(255, (step * percent + 50) // 100)) for step in _TABLE]


def highest_quality(original: int, shrinking: float, to: str) -> int:
    """Return the quality in a format above which a JPEG of quality `original` gains nothing.

    `shrinking` is how many times the original is longer than the rendition. A smaller image shows
    less of the original's losses, so it may have a higher quality; half of that gain is credited.
    """
    part = min(1, (original - _NO_CREDIT) / (_FULL_CREDIT - _NO_CREDIT))
    credit = min(_MOST_CREDIT, _CREDIT * max(0.0, 1 - 1 / shrinking) * part)
    quality = original + max(0, _RESTORED - original) * credit
    table = _SAME_QUALITIES.get(to, ())
    for (low, from_), (high, up_to) in pairwise(table):
        if quality <= high:
            quality = from_ + (up_to - from_) * (quality - low) / (high - low)
            break
    return max(1, round(quality))


def max_attempts(pixels: int, *, has_budget: bool = False) -> int:
    """Return how often an image of so many pixels may be encoded again to save bytes.

    `has_budget` is for a preset that names the most bytes.
    """
    least = _LEAST_OF_BUDGET if has_budget else 1
    if pixels > _MAX_PIXELS_OF_ONE:
        return least if has_budget else 0
    return max(least, min(_MAX_ATTEMPTS, _MAX_PIXELS // max(1, pixels)))


def fit_quality(
    encode: Encode, size: int, max_bytes: int, qualities: tuple[int, int], attempts: int
) -> bytes | None:
    """Return the file with the highest quality found that has at most `max_bytes`.

    `qualities` are the lowest allowed and the one that gave `size` bytes, which was too much. If
    nothing else fits, the lowest is tried last, unless there is a single attempt. None if no
    attempt fits.
    """
    lowest, above = qualities
    below, fitting = lowest - 1, None
    slope = log(2) / _HALVING
    aim = max_bytes * (_MARGIN if attempts > 1 else _MARGIN_OF_ONE)
    for left in range(attempts, 0, -1):
        if below + 1 >= above:
            break
        wanted = above - log(size / aim) / slope
        is_last_chance = left == 1 < attempts and not fitting
        quality = lowest if is_last_chance else max(below + 1, min(int(wanted), above - 1))
        data = encode(quality)
        if len(data) > max_bytes:
            slope = max(slope / 4, log(size / len(data)) / (above - quality))
            above, size = quality, len(data)
            continue
        below, fitting = quality, data
        if len(data) > _CLOSE * max_bytes:
            break
        slope = log(size / len(data)) / (above - quality)
    return fitting


def lowest_quality(facts: "Facts", preset: "Preset", to: str) -> int:
    """Return the lowest quality to try: the usual one, or less for an original of low quality."""
    if preset.max_bytes is not None:
        return _LOWEST_OF_BUDGET
    if preset.format == "keep":
        return 1
    usual = _LOWEST_AVIF_QUALITY if to == "avif" else _LOWEST_QUALITY
    if facts.quality is None:
        return usual
    return max(1, min(usual, facts.quality * 3 // 4))
