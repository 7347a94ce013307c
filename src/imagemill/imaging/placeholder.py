"""Placeholder of about thirty bytes, and the dominant colour of an image.

ThumbHash is Evan Wallace's format (https://evanw.github.io/thumbhash/): a few terms of a cosine
transform of brightness, two colour differences and alpha. This is a port of the description.
"""

import math
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from operator import add, mul, sub

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.colour import Conversion
from imagemill.imaging.plan import Plan
from imagemill.imaging.still import Still, area, average

# Samples along the longer side. The hash keeps at most seven waves in sixteen steps each; five
# times as many samples moved no term of a photo by more than half a step.
_SIDE = 20
# Whole pixels are averaged, which is fast, while there are more than this many per sample.
_GAP = 2.0
# Least alpha of a pixel that counts for the dominant colour, and the largest level.
_OPAQUE, _MOST = 128, 255


@dataclass(frozen=True, slots=True)
class _Channel:
    """Cosine terms of one channel: the mean, the largest other, and the others from 0 to 1."""

    mean: float
    scale: float
    terms: tuple[float, ...]


def sample(still: Still) -> Image.Image:
    """Return the few RGBA pixels that the functions below use."""
    scale = min(1.0, _SIDE / max(still.width, still.height))
    size = (max(1, round(still.width * scale)), max(1, round(still.height * scale)))
    return average(still, size, _GAP).convert("RGBA")


def sample_smallest(
    plans: Sequence[Plan], stills: Sequence[Still], conversion: Conversion
) -> Image.Image:
    """Return the pixels of the smallest image in sRGB, of one without edits if there is any."""
    pairs = list(zip(plans, stills, strict=True))
    unedited = [pair for pair in pairs if pair[0].edits.are_none and not pair[0].is_region]
    plan, still = min(unedited or pairs, key=lambda pair: area(pair[1]))
    sampled = sample(still)
    if plan.keeps_gamut and conversion.kept:
        return conversion.kept.back.apply(sampled).convert("RGBA")
    return conversion.apply(sampled).convert("RGBA") if plan.keeps_codes else sampled


def thumbhash(sampled: Image.Image) -> str:
    """Return the ThumbHash of at most 100 × 100 RGBA pixels, as base64."""
    width, height = sampled.size
    *colours, alpha = (list(band.tobytes()) for band in sampled.split())
    has_alpha = min(alpha) < _MOST
    red, green, blue = (_over_mean(band, alpha) for band in colours) if has_alpha else colours
    yellow = list(map(add, red, green))
    lightness = list(map(add, yellow, blue))
    yellow_blue = [two - b - b for two, b in zip(yellow, blue, strict=True)]
    red_green = list(map(sub, red, green))
    limit = 5 if has_alpha else 7
    longest = max(width, height)
    across, down = (max(1, _round(limit * side / longest)) for side in (width, height))
    light = _transform(lightness, 3 * _MOST, width, max(3, across), max(3, down))
    p = _transform(yellow_blue, 2 * _MOST, width, 3, 3)
    q = _transform(red_green, _MOST, width, 3, 3)
    a = _transform(alpha, _MOST, width, 5, 5) if has_alpha else None
    is_landscape = width > height
    head = _round(63 * light.mean) | _round(31.5 + 31.5 * p.mean) << 6
    head |= _round(31.5 + 31.5 * q.mean) << 12 | _round(31 * light.scale) << 18 | has_alpha << 23
    tail = (down if is_landscape else across) | _round(63 * p.scale) << 3
    tail |= _round(63 * q.scale) << 9 | is_landscape << 15
    packed = head.to_bytes(3, "little") + tail.to_bytes(2, "little")
    if a:
        packed += bytes([_round(15 * a.mean) | _round(15 * a.scale) << 4])
    terms = [term for channel in (light, p, q, a) if channel for term in channel.terms]
    return b64encode(packed + _pack_halves(terms)).decode()


def dominant_colour(sampled: Image.Image) -> str:
    """Return the most frequent colour as `#rrggbb`; white if all pixels are transparent.

    Opaque pixels are counted in cubes with sides of 32 levels; the result is the mean of the
    fullest cube.
    """
    raw = sampled.tobytes()
    cubes: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
    for r, g, b, alpha in zip(raw[::4], raw[1::4], raw[2::4], raw[3::4], strict=True):
        if alpha >= _OPAQUE:
            cubes.setdefault((r >> 5, g >> 5, b >> 5), []).append((r, g, b))
    if not cubes:
        return "#ffffff"
    fullest = min(cubes, key=lambda cube: (-len(cubes[cube]), cube))
    channels = zip(*cubes[fullest], strict=True)
    red, green, blue = (_round(sum(channel) / len(cubes[fullest])) for channel in channels)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _over_mean(band: list[int], alpha: list[int]) -> list[float]:
    """Composite a channel over its own mean, weighted by alpha."""
    total = sum(alpha)
    mean = sum(map(mul, band, alpha)) / total if total else 0.0
    return [mean + (value - mean) * a / _MOST for value, a in zip(band, alpha, strict=True)]


def _transform(values: Sequence[float], unit: int, width: int, across: int, down: int) -> _Channel:
    """Return the low cosine terms: the upper left triangle of `across` × `down` terms.

    `unit` is the value that stands for 1.
    """
    height = len(values) // width
    rows = [values[at : at + width] for at in range(0, len(values), width)]
    columns_of = [[sum(map(mul, wave, row)) for row in rows] for wave in _waves(across, width)]
    waves_down = _waves(down, height)
    coefficients = [
        sum(map(mul, waves_down[y], columns_of[x])) / (len(values) * unit)
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, *others = coefficients
    scale = max(map(abs, others), default=0.0)
    terms = tuple(0.5 + 0.5 / scale * other for other in others) if scale else tuple(others)
    return _Channel(mean, scale, terms)


@lru_cache(maxsize=64)
def _waves(count: int, length: int) -> list[list[float]]:
    return [
        [math.cos(math.pi / length * wave * (at + 0.5)) for at in range(length)]
        for wave in range(count)
    ]


def _pack_halves(terms: Sequence[float]) -> bytes:
    """Pack a term from 0 to 1 into each half of a byte, low half first."""
    halves = [_round(15 * term) for term in terms]
    halves += [0] * (len(halves) % 2)
    return bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))


def _round(value: float) -> int:
    return math.floor(value + 0.5)
