"""Encode an image in the fewest bytes, and never in more than an original that already fits."""

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
from imagemill.imaging.still import Still, area, to_pixels
from imagemill.imaging.strip_metadata import without_tag

# Bytes that fit into one network packet: a smaller file does not arrive sooner.
PACKET_BYTES = 1_400
# Larger WebPs are not tried losslessly, which takes three times as long.
_MAX_LOSSLESS_PIXELS = 500_000
# Qualities that are tried in turn, if the usual one exceeds the original's bytes.
LOWER_QUALITIES = (70, 60, 50, 40)
# Mean error in levels of 255 that a palette may cause.
_UNSEEN = 2.0
# Error in levels of 255 that a palette may cause at any one pixel.
_UNSEEN_BAND = 6

# Copies the original's pixel data without its metadata but with a stamp; None if it cannot.
Copy = Callable[[OutputTags], bytes | None]


def fit_bytes(still: Still, plan: Plan, tags: OutputTags, copy: Copy | None) -> bytes:
    """Return the encoded image, or a copy of the original if that is smaller.

    If the file exceeds `plan.most_bytes`, the colour tag is left out, and then the quality is
    lowered, at most to `plan.lowest_quality`, until it fits. PNG is compressed harder, and gets
    fewer colours if the difference is invisible. If nothing fits, tag, quality and colours stay as
    they were. They also stay in a shrunk image that fits into one network packet.
    """
    best = min(_candidates(still, plan, tags), key=len)
    if plan.must_not_grow:
        best = _smallest(best, copy(tags) if copy else None)
    if len(best) <= max(plan.most_bytes, PACKET_BYTES * plan.is_shrunk):
        return best
    bare = replace(tags, is_tagged=False)
    bare_copy = copy(bare) if copy and plan.must_not_grow else None
    untagged = _smallest(best, bare_copy, without_tag(best, plan.format, tags))
    if len(untagged) <= plan.most_bytes:
        return untagged
    if plan.format == "png":
        return _fit_png(best, to_pixels(still), plan, tags)
    return best if plan.format == "gif" else _fit_lossy(untagged, still, plan, bare) or best


def _fit_lossy(untagged: bytes, still: Still, plan: Plan, tags: OutputTags) -> bytes | None:
    """Return a lossless file if that fits, else the highest quality that does; None if none."""
    if plan.format == "webp" and plan.was_lossless and area(still) <= _MAX_LOSSLESS_PIXELS:
        lossless = encode_lossless(to_pixels(still), tags)
        if len(lossless) <= plan.most_bytes:
            return lossless
    return fit_quality(
        lambda quality: encode(still, plan, quality, tags),
        len(untagged),
        plan.most_bytes,
        (plan.lowest_quality, plan.quality),
        max_attempts(area(still)),
    )


def _fit_png(best: bytes, pixels: Image.Image, plan: Plan, tags: OutputTags) -> bytes:
    """Return the smallest PNG: compressed harder, or in a palette if that fits invisibly.

    A palette that does not fit the original's bytes is not used: it would cost colours for nothing.
    """
    packed = _smallest(best, encode_packed(pixels, tags))
    if len(packed) <= plan.most_bytes:
        return packed
    smaller = _smaller_pngs(pixels, plan, replace(tags, is_tagged=False))
    return next((data for data in smaller if len(data) <= plan.most_bytes), packed)


def _smaller_pngs(pixels: Image.Image, plan: Plan, tags: OutputTags) -> Iterator[bytes]:
    yield encode_packed(pixels, tags)
    if _is_palette_unseen(pixels):
        yield encode_smaller(pixels, plan, plan.quality, tags)


def _smallest(best: bytes, *others: bytes | None) -> bytes:
    return min((*(other for other in others if other is not None), best), key=len)


def _candidates(still: Still, plan: Plan, tags: OutputTags) -> Iterator[bytes]:
    """Yield the encodings that show no visible difference."""
    yield encode(still, plan, plan.quality, tags)
    if plan.format == "jpeg":
        return
    pixels = to_pixels(still)
    if plan.is_lossless:
        yield encode_lossless(pixels, tags)
    if plan.is_drawn and plan.format == "png" and _difference(pixels) <= _UNSEEN:
        yield encode_smaller(pixels, plan, plan.quality, tags)


def _difference(pixels: Image.Image) -> float:
    """Return the mean error of a palette, in levels of 255."""
    return max(ImageStat.Stat(_changes(pixels)).mean)


def _is_palette_unseen(pixels: Image.Image) -> bool:
    """Return True if a palette changes so little that smooth gradients get no bands."""
    changes = ImageStat.Stat(_changes(pixels))
    return max(changes.mean) <= _UNSEEN and max(high for _, high in changes.extrema) <= _UNSEEN_BAND


def _changes(pixels: Image.Image) -> Image.Image:
    was, now = pixels.convert("RGBA"), quantised(pixels).convert("RGBA")
    return ImageChops.difference(was, now)
