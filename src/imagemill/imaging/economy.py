"""The smallest file that shows the picture: not a byte more than an original that fits."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PIL import Image, ImageChops, ImageStat

from imagemill.imaging.encode import (
    encode,
    encode_lossless,
    encode_packed,
    encode_smaller,
    quantised,
)
from imagemill.imaging.plan import Plan
from imagemill.imaging.stamp import Stamp

LOWER_QUALITIES = (70, 60, 50, 40)
_UNSEEN = 2.0
"""Levels of 255 that a palette may be off on average."""
_UNSEEN_BAND = 6
"""Levels of 255 that any one pixel may be off."""

Copy = Callable[[Stamp], bytes | None]
"""Gives the original without its metadata but with a stamp, where that is possible."""


def encode_within(pixels: Image.Image, plan: Plan, stamp: Stamp, copy: Copy | None) -> bytes:
    """Return the picture encoded, or a copy of the original where that is the smaller.

    A plan that must not grow and would be over its `most_bytes` goes without the tag, then is
    encoded in lower quality until it is not over; where even that is too large the smallest is
    returned. PNG is packed harder, and gets fewer colours where nobody sees it and it then fits.
    """
    best = min(_candidates(pixels, plan, stamp), key=len)
    if not plan.must_not_grow:
        return best
    best = _smallest(best, copy(stamp) if copy else None)
    bare = replace(stamp, is_tagged=False)
    if len(best) > plan.most_bytes:
        bare_copy = copy(bare) if copy else None
        best = _smallest(best, bare_copy, encode(pixels, plan, plan.quality, bare))
    if plan.format == "png" and len(best) > plan.most_bytes:
        return _fit_png(best, pixels, plan, bare)
    for quality in LOWER_QUALITIES:
        if len(best) > plan.most_bytes and quality < plan.quality:
            best = _smallest(best, encode_smaller(pixels, plan, quality, bare))
    return best


def _fit_png(best: bytes, pixels: Image.Image, plan: Plan, stamp: Stamp) -> bytes:
    """Return the image packed as hard as it goes; in a palette only where that helps unseen.

    A palette that does not fit the original's bytes has bands for nothing.
    """
    packed = _smallest(best, encode_packed(pixels, stamp))
    if len(packed) <= plan.most_bytes or not _is_palette_unseen(pixels):
        return packed
    few = encode_smaller(pixels, plan, plan.quality, stamp)
    return few if len(few) <= plan.most_bytes else packed


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
    return max(ImageStat.Stat(_changes(pixels)).mean)


def _is_palette_unseen(pixels: Image.Image) -> bool:
    """Whether a palette changes so little that even a smooth gradient gets no bands."""
    changes = ImageStat.Stat(_changes(pixels))
    return max(changes.mean) <= _UNSEEN and max(high for _, high in changes.extrema) <= _UNSEEN_BAND


def _changes(pixels: Image.Image) -> Image.Image:
    was, now = pixels.convert("RGBA"), quantised(pixels).convert("RGBA")
    return ImageChops.difference(was, now)
