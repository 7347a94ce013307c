"""Encode an image in the fewest bytes, and never in more than an original that already fits."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PIL import Image

from imagemill.imaging.encode import (
    encode,
    encode_lossless,
    encode_palette,
    lossless_bytes,
    quantise,
    quantise_further,
)
from imagemill.imaging.encode_png import encode_packed
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.palettes import is_unseen, is_unseen_in_drawing, is_without_bands
from imagemill.imaging.plan import Plan
from imagemill.imaging.quality import fit_quality, max_attempts
from imagemill.imaging.still import Encodable, area, to_pixels
from imagemill.imaging.strip_metadata import without_tag
from imagemill.preset import MAX_QUALITY

# Bytes that fit into one network packet: a smaller file does not arrive sooner.
PACKET_BYTES = 1_400
# Larger WebPs are not tried losslessly, which takes three times as long.
_MAX_LOSSLESS_PIXELS = 500_000
# A lossless WebP of the least effort that may still become smaller than the lossy one with more
# effort: at most this many times the bytes of the lossy one, or this many pixels per byte.
_LOSSLESS_HOPE, _FLAT_PIXELS = 3, 4
# Qualities that are tried in turn, if the usual one exceeds the original's bytes.
LOWER_QUALITIES = (70, 60, 50, 40)
# A PNG of at most this many bytes per pixel shows a drawing, and drawings repeat much: a palette is
# tried, and more compression. Photos have more than one and a half.
_DRAWN_BYTES_PER_PIXEL = 0.35
# zlib levels for drawings, and those tried in turn for any PNG to save bytes.
_DRAWN_LEVEL, _HIGHER_LEVELS = 6, (6, 9)
# Factor by which the usual level's bytes exceed the highest level's: up to 1.14 for logos. Smooth
# drawings, which have at most so many bytes per pixel, may exceed it ten times.
_MAY_SAVE, _SMOOTH_BYTES_PER_PIXEL = 1.2, 0.2
# Numbers of colours that may be tried, if nothing else fits and the format is our choice.
_FEWER_COLOURS = (256, 128, 64, 32, 16, 8, 4, 3, 2)
# Place of the colour type in a PNG, and its value for a palette.
_COLOUR_TYPE, _PALETTE = 25, 3

# Copies the original's pixel data without its metadata but with a stamp; None if it cannot.
Copy = Callable[[OutputTags], bytes | None]


def fit_bytes(
    still: Encodable, plan: Plan, tags: OutputTags, copy: Copy | None, *, sandboxed: bool = False
) -> bytes:
    """Return the encoded image, or a copy of the original if that is smaller.

    If the file exceeds `plan.most_bytes`, the colour tag is left out, and then the quality is
    lowered, at most to `plan.lowest_quality`, until it fits. PNG is compressed harder, and gets
    fewer colours if the difference is invisible, or if the preset names no format. If nothing fits,
    tag, quality and colours stay as they were. They also stay in a shrunk image that fits into one
    network packet. If the preset names the most bytes, the lowest quality is used then.

    `sandboxed` allows to encode PNG in the sandbox.
    """
    if plan.prefers_copy and copy and (copied := _copied(copy, plan, tags)):
        return copied
    usual = encode(still, plan, plan.quality, tags, sandboxed=sandboxed)
    return fit_encoded(usual, still, plan, tags, copy)


def fit_encoded(
    usual: bytes, still: Encodable, plan: Plan, tags: OutputTags, copy: Copy | None
) -> bytes:
    """Do the same for an image that has been encoded at the plan's quality."""
    best = min((usual, *_others(still, plan, tags, len(usual))), key=len)
    if plan.must_not_grow:
        best = _smallest(best, copy(tags) if copy else None)
    is_tiny = plan.is_shrunk and not plan.has_budget and len(best) <= PACKET_BYTES
    if is_tiny or len(best) <= plan.most_bytes:
        return best
    bare = replace(tags, is_tagged=False)
    bare_copy = copy(bare) if copy and plan.must_not_grow else None
    untagged = _smallest(best, bare_copy, without_tag(best, plan.format, tags))
    if len(untagged) <= plan.most_bytes:
        return untagged
    if plan.format in ("png", "gif"):
        return _fit_colours(best, to_pixels(still), plan, tags)
    return _fit_lossy(untagged, still, plan, bare) or best


def _copied(copy: Copy, plan: Plan, tags: OutputTags) -> bytes | None:
    """Return the copy, without the colour tag if only that fits; None if neither fits."""
    copies = (copy(tags), copy(replace(tags, is_tagged=False)))
    return next((data for data in copies if data and len(data) <= plan.most_bytes), None)


def _fit_colours(best: bytes, pixels: Image.Image, plan: Plan, tags: OutputTags) -> bytes:
    """Return a PNG or GIF that fits, in fewer colours if need be and allowed; else the best."""
    best = _fit_png(best, pixels, plan, tags) if plan.format == "png" else best
    # A blurred, sharpened or padded image has colours that the original does not have.
    is_comparable = plan.is_shrunk and plan.edits.keep_values
    may_lose = plan.must_fit and (plan.is_drawn or is_comparable or plan.has_budget)
    if may_lose and len(best) > plan.most_bytes:
        return _with_fewer_colours(pixels, plan, replace(tags, is_tagged=False)) or best
    return best


def _fit_lossy(untagged: bytes, still: Encodable, plan: Plan, tags: OutputTags) -> bytes | None:
    """Return a lossless file if that fits, else the highest quality that does; None if none.

    If the preset names the most bytes, the smallest file instead of none.
    """
    if plan.format == "webp" and plan.was_lossless and area(still) <= _MAX_LOSSLESS_PIXELS:
        lossless = encode_lossless(to_pixels(still), plan, tags)
        if len(lossless) <= plan.most_bytes:
            return lossless
    smallest = untagged

    def attempt(quality: int) -> bytes:
        nonlocal smallest
        data = encode(still, plan, quality, tags)
        smallest = min(smallest, data, key=len)
        return data

    qualities = (plan.lowest_quality, plan.quality)
    attempts = max_attempts(area(still), has_budget=plan.has_budget)
    found = fit_quality(attempt, len(untagged), plan.most_bytes, qualities, attempts)
    return found or (smallest if plan.has_budget else None)


def _fit_png(best: bytes, pixels: Image.Image, plan: Plan, tags: OutputTags) -> bytes:
    """Return the smallest PNG: compressed harder, or in a palette if that fits invisibly.

    A palette that does not fit the original's bytes is not used: it would cost colours for nothing.
    """
    for level in _HIGHER_LEVELS if _may_pack(best, pixels, plan) else ():
        best = _smallest(best, encode_packed(pixels, tags, level))
        bare = _smallest(best, without_tag(best, plan.format, tags))
        fitting = [data for data in (best, bare) if len(data) <= plan.most_bytes]
        if fitting:
            return fitting[0]
    quantised = quantise(pixels)
    if is_without_bands(pixels, quantised):
        bare = encode_packed(quantised, replace(tags, is_tagged=False), _HIGHER_LEVELS[-1])
        return bare if len(bare) <= plan.most_bytes else best
    return best


def _with_fewer_colours(pixels: Image.Image, plan: Plan, tags: OutputTags) -> bytes | None:
    """Return a PNG or GIF in so few colours that it fits; None if two are too many.

    The bits of a pixel estimate how many colours are too many.
    """
    quantised, most = quantise(pixels), _FEWER_COLOURS[0]
    for colours in _FEWER_COLOURS:
        if colours > max(most, _FEWER_COLOURS[-1]):
            continue
        fewer = quantise_further(quantised, colours)
        if plan.format == "png":
            data = encode_palette(fewer, tags)
        else:
            data = encode(fewer.convert(pixels.mode), plan, plan.quality, tags)
        if len(data) <= plan.most_bytes:
            return data
        most = 2 * colours ** (plan.most_bytes / len(data))
    return None


def _may_pack(best: bytes, pixels: Image.Image, plan: Plan) -> bool:
    """Return True if a PNG in all its colours may fit when compressed harder."""
    is_smooth = len(best) <= _SMOOTH_BYTES_PER_PIXEL * pixels.width * pixels.height
    is_palette = best[_COLOUR_TYPE] == _PALETTE
    return len(best) <= plan.most_bytes * _MAY_SAVE or (is_smooth and not is_palette)


def _smallest(best: bytes, *others: bytes | None) -> bytes:
    return min((*(other for other in others if other is not None), best), key=len)


def _others(still: Encodable, plan: Plan, tags: OutputTags, usual: int) -> Iterator[bytes]:
    """Yield other encodings that show no visible difference; the usual one has `usual` bytes."""
    # Samples are those of a JPEG, of which nothing else is smaller.
    if plan.format == "jpeg" or isinstance(still, Samples):
        return
    pixels = to_pixels(still)
    if plan.format == "jxl" and plan.was_lossless and area(still) <= _MAX_LOSSLESS_PIXELS:
        yield encode(still, plan, MAX_QUALITY, tags)
    if plan.is_lossless and _may_be_lossless(pixels, tags, usual):
        yield encode_lossless(pixels, plan, tags)
    if plan.format == "png":
        yield from _drawn_pngs(pixels, plan, tags, usual)


def _may_be_lossless(pixels: Image.Image, tags: OutputTags, lossy_bytes: int) -> bool:
    """Return True unless a quick attempt shows that a lossless WebP cannot be smaller."""
    flat_bytes = pixels.width * pixels.height // _FLAT_PIXELS
    return lossless_bytes(pixels, tags) <= max(_LOSSLESS_HOPE * lossy_bytes, flat_bytes)


def _drawn_pngs(pixels: Image.Image, plan: Plan, tags: OutputTags, usual: int) -> Iterator[bytes]:
    """Yield the PNGs to try for a drawing: in a palette if that is invisible, else packed harder.

    `usual` is the size of the PNG as usual, bytes.
    """
    is_simple = usual <= _DRAWN_BYTES_PER_PIXEL * pixels.width * pixels.height
    if not (is_simple or plan.is_drawn):
        return
    quantised = quantise(pixels)
    accepts = is_unseen_in_drawing if plan.is_drawn else is_unseen
    if accepts(pixels, quantised):
        yield encode_palette(quantised, tags)
    elif is_simple:
        yield encode_packed(pixels, tags, _DRAWN_LEVEL)
