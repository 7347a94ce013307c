"""Estimate the memory that rendering takes, from the header, before any pixel is decoded.

The figures are bytes per pixel at the peak, measured for each decoder and encoder on noise.
"""

from collections.abc import Sequence

from imagemill.imaging.decode import reduced_size, scale_to_decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.modes import RESAMPLED
from imagemill.imaging.plan import Plan, WebFormat, size_to_decode, stored_size
from imagemill.imaging.plane_sizes import plane_bytes
from imagemill.imaging.quality import SCORED_PIXELS
from imagemill.imaging.regions import part_to_decode
from imagemill.imaging.resample import reduction_for
from imagemill.imaging.sniff import Kind

# Bytes per decoded pixel in Pillow's modes; 4 in all other modes.
_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
# Bytes per pixel in addition to the decoded image: planes and canvases of the decoder itself. For
# AVIF, HEIC, JPEG 2000 and still WebP they follow from the header: `Facts.decoder_bytes`. The WebP
# figure is that of the animation decoder.
_DECODER_PER_PIXEL: dict[Kind, int] = {"webp": 12}
# Bytes per pixel of the image that is being encoded, its copies included.
_ENCODER_PER_PIXEL: dict[WebFormat, int] = {
    "jpeg": 12,
    "png": 12,
    "gif": 16,
    "webp": 24,
    "avif": 48,
    "jxl": 48,
}
# The same for a JPEG with all its colour.
_FULL_COLOUR_JPEG_PER_PIXEL = 24
# Bytes per pixel of the image that is being edited, in addition: copies of it, and for blur and
# sharpening its luma, blurred images and differences.
_EDITED_PER_PIXEL, _FILTERED_PER_PIXEL = 4, 12
# Bytes per pixel of the encoded frames of an animation.
_ENCODED_PER_PIXEL: dict[WebFormat, int] = {"png": 3, "gif": 1, "webp": 1, "avif": 1, "jxl": 1}
# Bytes per pixel of an animation's canvas, the previous canvas, and the one to restore.
_COMPOSING_PER_PIXEL = 12
# Formats whose file is in memory twice: rewritten for the decoder, kept by it, or copied into the
# sandbox.
_COPIED = frozenset(("ico", "jp2", "jpeg"))
# An image with at least this many pixels per needed pixel is averaged before resampling.
_AVERAGED_FROM = 6
# Bytes per pixel of a rendition in the sandbox, where it is resized.
_RESIZED_PER_PIXEL = 4
# Pixels converted at a time: the same constant as in resample.py.
_BAND_PIXELS = 1 << 22
# Averaging stops at no more than this many pixels per needed pixel.
_LAYER_PER_NEEDED = 5
# Bytes per pixel of a gain map, decoded or drawn: planes of the decoder, pixels, and copies.
_GAIN_MAP_PER_PIXEL = 10
# Bytes per pixel of an original that is decoded and resized with 16 bits: opaque or not.
_DEEP_PER_PIXEL = (28, 46)
# Bytes per pixel of an image whose score is measured.
_SCORED_PER_PIXEL = 56
# Bytes that every image takes, whatever its size.
_FIXED_BYTES = 12 << 20
# PNG in the sandbox: bytes of all buffers for rows, per px of the width, at 16 bits per sample.
_ROW_BYTES_PER_COLUMN = 150


def estimate_memory(facts: Facts, plans: Sequence[Plan], *, sandboxed: bool = False) -> int:
    """Return the expected memory peak, bytes, above the memory before, the file included.

    `sandboxed` is for a JPEG or PNG decoded in the sandbox, which keeps only the samples needed.
    """
    if sandboxed:
        in_sandbox = plane_bytes if facts.format == "jpeg" else _reduced_rows
        decoding = in_sandbox(facts, plans)
    else:
        decoding = _decoding(facts, plans) + _working(facts, plans)
    largest = max(plan.size.area for plan in plans)
    return (
        decoding
        + _gain_map(facts, plans)
        + _deep(facts, plans)
        + _RESIZED_PER_PIXEL * largest
        + max(_encoding(plan) for plan in plans)
        + max(_scoring(plan) for plan in plans)
        + max(_editing(plan) for plan in plans)
        + sum(_keeping(plan) for plan in plans)
        + (facts.bytes if facts.format in _COPIED else 0)
        + _FIXED_BYTES
    )


def _deep(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the memory for the channels with 16 bits, if a plan keeps more than 8."""
    is_wanted = any(plan.is_deep for plan in plans)
    return _DEEP_PER_PIXEL[facts.has_alpha] * facts.width * facts.height * is_wanted


def _gain_map(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the memory for the gain map: its file and pixels, decoded and drawn."""
    kept = sum(plan.size.area for plan in plans if plan.keeps_gain_map)
    if not kept:
        return 0
    drawn = min(kept, len(plans) * facts.gain_map_pixels)
    return _GAIN_MAP_PER_PIXEL * (facts.gain_map_pixels + drawn) + 2 * facts.gain_map_bytes


def decoded_pixels(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the number of pixels that the decoder produces."""
    stored, needed = stored_size(facts), size_to_decode(facts, plans)
    if facts.is_reducible:
        reduced = reduced_size(stored, needed)
        return reduced.width * reduced.height
    scale = scale_to_decode(stored, needed, facts.max_reduction)
    return facts.width * facts.height // scale**2


def _reduced_rows(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the memory for a PNG in the sandbox: the reduced image, and rows being decoded."""
    stored, part = stored_size(facts), part_to_decode(facts, plans)
    reduction = reduction_for(stored, size_to_decode(facts, plans))
    pixels = -(-part.width // reduction) * -(-part.height // reduction)
    return 4 * pixels + _ROW_BYTES_PER_COLUMN * stored.width


def _decoding(facts: Facts, plans: Sequence[Plan]) -> int:
    per_pixel = _PER_PIXEL.get(facts.mode, 4) + _DECODER_PER_PIXEL.get(facts.format, 0)
    per_pixel = facts.decoder_bytes or per_pixel
    if facts.is_animated:
        per_pixel += _COMPOSING_PER_PIXEL
    coefficients = facts.coefficient_bytes if facts.is_buffered or facts.is_progressive else 0
    whole = facts.width * facts.height * (coefficients + facts.kept_bytes)
    return decoded_pixels(facts, plans) * per_pixel + whole + facts.bytes_per_band


def _working(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the memory for resampling: the averaged image, and bands being converted.

    Without averaging the sandbox converts only bands, but Pillow, which may have to take over,
    converts the whole image.
    """
    decoded, needed = decoded_pixels(facts, plans), size_to_decode(facts, plans)
    wanted = needed.width * needed.height
    is_converted = facts.mode not in RESAMPLED or facts.has_alpha
    if decoded < _AVERAGED_FROM * wanted:
        return 4 * decoded * is_converted
    layer = 4 * min(decoded, _LAYER_PER_NEEDED * wanted)
    return 2 * (layer + 4 * min(decoded, _BAND_PIXELS)) if is_converted else layer


def _encoding(plan: Plan) -> int:
    per_pixel = _ENCODER_PER_PIXEL[plan.format]
    if plan.format == "jpeg" and plan.is_drawn:
        per_pixel = _FULL_COLOUR_JPEG_PER_PIXEL
    return min(plan.frames, 3) * plan.final_size.area * per_pixel


def _scoring(plan: Plan) -> int:
    """Return the memory for measuring a score: the planes in the sandbox, and decoded pixels."""
    if plan.target is None or plan.format in ("png", "gif"):
        return 0
    return _SCORED_PER_PIXEL * min(plan.final_size.area, SCORED_PIXELS[plan.format])


def _editing(plan: Plan) -> int:
    edits = plan.edits
    if edits.keep_values:
        return 0
    is_filtered = edits.blur > 0 or edits.sharpen > 0
    return plan.final_size.area * (_FILTERED_PER_PIXEL if is_filtered else _EDITED_PER_PIXEL)


def _keeping(plan: Plan) -> int:
    """Return the memory of images that wait for encoding, and of encoded frames."""
    pixels = plan.final_size.area
    frames = plan.frames * _ENCODED_PER_PIXEL[plan.format] if plan.animate else 0
    return (4 + frames) * pixels
