"""The smallest file that shows the picture: not a byte more than an original that fits."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PIL import Image, ImageChops, ImageStat

from imagemill.imaging.animation import Film
from imagemill.imaging.encode import (
    encode,
    encode_film,
    encode_lossless,
    encode_smaller,
    quantised,
)
from imagemill.imaging.plan import Plan
from imagemill.imaging.stamp import Stamp

_LOWER_QUALITIES = (70, 60, 50, 40)
_UNSEEN = 2.0
"""Levels of 255 that a palette may be off on average."""

Copy = Callable[[Stamp], bytes | None]
"""Gives the original without its metadata but with a stamp, where that is possible."""


def encode_within(pixels: Image.Image, plan: Plan, stamp: Stamp, copy: Copy | None) -> bytes:
    """Return the picture encoded, or a copy of the original where that is the smaller.

    A plan that must not grow and would be over its `most_bytes` goes without the tag, then is
    encoded in lower quality, PNG with fewer colours, until it is not over; where even that is too
    large the smallest is returned.
    """
    best = min(_candidates(pixels, plan, stamp), key=len)
    if not plan.must_not_grow:
        return best
    best = _smallest(best, copy(stamp) if copy else None)
    bare = replace(stamp, is_tagged=False)
    if len(best) > plan.most_bytes:
        bare_copy = copy(bare) if copy else None
        best = _smallest(best, bare_copy, encode(pixels, plan, plan.quality, bare))
    for quality in _LOWER_QUALITIES:
        if len(best) > plan.most_bytes and quality < plan.quality:
            best = _smallest(best, encode_smaller(pixels, plan, quality, bare))
    return best


def encode_film_within(film: Film, plan: Plan, stamp: Stamp, copy: Copy | None) -> bytes:
    """Return an animation encoded, or a copy of the original, by the rules of `encode_within`."""
    best = encode_film(film, plan.format, plan.quality, stamp)
    if not plan.must_not_grow:
        return best
    bare = replace(stamp, is_tagged=False)
    best = _smallest(best, copy(stamp) if copy else None)
    if len(best) > plan.most_bytes:
        best = _smallest(best, copy(bare) if copy else None)
    for quality in _LOWER_QUALITIES if plan.format == "webp" else ():
        if len(best) > plan.most_bytes and quality < plan.quality:
            best = _smallest(best, encode_film(film, plan.format, quality, bare))
    return best


def _smallest(best: bytes, *others: bytes | None) -> bytes:
    return min((*(other for other in others if other is not None), best), key=len)


def _candidates(pixels: Image.Image, plan: Plan, stamp: Stamp) -> Iterator[bytes]:
    """Yield the ways to encode the picture that differ in nothing one sees."""
    yield encode(pixels, plan, plan.quality, stamp)
    if plan.is_lossless:
        yield encode_lossless(pixels, stamp)
    if plan.is_drawn and plan.format == "png" and _difference(pixels) <= _UNSEEN:
        yield encode_smaller(pixels, plan, plan.quality, stamp)


def _difference(pixels: Image.Image) -> float:
    """Return by how much a palette changes the picture, in levels, on average."""
    was, now = pixels.convert("RGBA"), quantised(pixels).convert("RGBA")
    return max(ImageStat.Stat(ImageChops.difference(was, now)).mean)
