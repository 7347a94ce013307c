"""The smallest file that shows the image: not a byte more than an original that fits."""

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
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan
from imagemill.imaging.quality import fit_quality, max_attempts
from imagemill.imaging.strip_metadata import without_tag

PACKET_BYTES = 1_400
"""Of a file that arrives in one network packet, as fast as any smaller one."""
_MAX_LOSSLESS_PIXELS = 500_000
"""Of a WebP that is tried without loss for its bytes; that takes three times as long."""
LOWER_QUALITIES = (70, 60, 50, 40)
_UNSEEN = 2.0
"""Levels of 255 that a palette may be off on average."""
_UNSEEN_BAND = 6
"""Levels of 255 that any one pixel may be off."""

Copy = Callable[[OutputTags], bytes | None]
"""Gives the original without its metadata but with a stamp, where that is possible."""


def fit_bytes(pixels: Image.Image, plan: Plan, stamp: OutputTags, copy: Copy | None) -> bytes:
    """Return the image encoded, or a copy of the original where that is smaller.

    A file over `plan.most_bytes` goes without its colour tag; then its quality is lowered, to
    `plan.lowest_quality` at most, until it fits. PNG is packed harder, and gets fewer colours where
    nobody sees it. Where nothing fits, tag, quality and colours stay, since the loss would be for
    nothing; so they do in an image made smaller that arrives in one network packet.
    """
    best = min(_candidates(pixels, plan, stamp), key=len)
    if plan.must_not_grow:
        best = _smallest(best, copy(stamp) if copy else None)
    if len(best) <= max(plan.most_bytes, PACKET_BYTES * plan.is_shrunk):
        return best
    bare = replace(stamp, is_tagged=False)
    bare_copy = copy(bare) if copy and plan.must_not_grow else None
    untagged = _smallest(best, bare_copy, without_tag(best, plan.format, stamp))
    if len(untagged) <= plan.most_bytes:
        return untagged
    if plan.format == "png":
        return _fit_png(best, pixels, plan, stamp)
    return best if plan.format == "gif" else _fit_lossy(untagged, pixels, plan, bare) or best


def _fit_lossy(untagged: bytes, pixels: Image.Image, plan: Plan, stamp: OutputTags) -> bytes | None:
    """Return the image without loss if that fits, or in the highest quality that does."""
    area = pixels.width * pixels.height
    if plan.format == "webp" and plan.was_lossless and area <= _MAX_LOSSLESS_PIXELS:
        lossless = encode_lossless(pixels, stamp)
        if len(lossless) <= plan.most_bytes:
            return lossless
    return fit_quality(
        lambda quality: encode(pixels, plan, quality, stamp),
        len(untagged),
        plan.most_bytes,
        (plan.lowest_quality, plan.quality),
        max_attempts(area),
    )


def _fit_png(best: bytes, pixels: Image.Image, plan: Plan, stamp: OutputTags) -> bytes:
    """Return the image packed as hard as it goes; in a palette only where that helps unseen.

    A palette that does not fit the original's bytes has bands for nothing.
    """
    packed = _smallest(best, encode_packed(pixels, stamp))
    if len(packed) <= plan.most_bytes:
        return packed
    smaller = _smaller_pngs(pixels, plan, replace(stamp, is_tagged=False))
    return next((data for data in smaller if len(data) <= plan.most_bytes), packed)


def _smaller_pngs(pixels: Image.Image, plan: Plan, stamp: OutputTags) -> Iterator[bytes]:
    yield encode_packed(pixels, stamp)
    if _is_palette_unseen(pixels):
        yield encode_smaller(pixels, plan, plan.quality, stamp)


def _smallest(best: bytes, *others: bytes | None) -> bytes:
    return min((*(other for other in others if other is not None), best), key=len)


def _candidates(pixels: Image.Image, plan: Plan, stamp: OutputTags) -> Iterator[bytes]:
    """Yield the ways to encode the image that differ in nothing one sees."""
    yield encode(pixels, plan, plan.quality, stamp)
    if plan.is_lossless:
        yield encode_lossless(pixels, stamp)
    if plan.is_drawn and plan.format == "png" and _difference(pixels) <= _UNSEEN:
        yield encode_smaller(pixels, plan, plan.quality, stamp)


def _difference(pixels: Image.Image) -> float:
    """Return by how much a palette changes the image, in levels, on average."""
    return max(ImageStat.Stat(_changes(pixels)).mean)


def _is_palette_unseen(pixels: Image.Image) -> bool:
    """Whether a palette changes so little that even a smooth gradient gets no bands."""
    changes = ImageStat.Stat(_changes(pixels))
    return max(changes.mean) <= _UNSEEN and max(high for _, high in changes.extrema) <= _UNSEEN_BAND


def _changes(pixels: Image.Image) -> Image.Image:
    was, now = pixels.convert("RGBA"), quantised(pixels).convert("RGBA")
    return ImageChops.difference(was, now)
