"""How much memory will this image need? Estimated from its header, before a pixel is decoded.

The figures are bytes a pixel at the peak, measured for each decoder and encoder on noise.
"""

from collections.abc import Sequence

from imagemill.imaging.decode import scale_to_decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.modes import RESAMPLED
from imagemill.imaging.plan import Plan, WebFormat, size_to_decode, stored_size
from imagemill.imaging.sniff import Kind

_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
"""Of Pillow's layouts; all others take four."""
_DECODER_PER_PIXEL: dict[Kind, int] = {"webp": 12}
"""On top of the decoded image: planes and canvases of the decoder's own. Of AVIF, HEIC and
JPEG 2000 the header tells."""
_ENCODER_PER_PIXEL: dict[WebFormat, int] = {
    "jpeg": 12,
    "png": 12,
    "gif": 16,
    "webp": 24,
    "avif": 48,
}
"""For the image that is encoded, its copies included."""
_ENCODED_PER_PIXEL: dict[WebFormat, int] = {"png": 3, "gif": 1, "webp": 1}
"""Of the frames of an animation, encoded one by one."""
_COMPOSING_PER_PIXEL = 12
"""An animation's canvas, the one before it, and the one to return to."""
_COPIED = frozenset(("png", "ico", "jp2", "jpeg"))
"""Formats whose file is there twice: written anew for the decoder, as that of progressive JPEG may
be, kept by it, or copied into the sandbox."""
_AVERAGED_FROM = 6
"""Pixels for each that is needed, from which on they are averaged."""
_BAND_PIXELS = 1 << 22
_LAYER_PER_NEEDED = 5
"""Averaging stops where there are at most this many pixels for each that is needed."""
_FIXED_BYTES = 12 << 20
_BLOCK, _COMPONENTS, _SAMPLE_AND_COEFFICIENT = 8, 3, 3
"""Of a JPEG in the sandbox: samples of a block's side, and bytes for each sample that is kept."""


def estimate_memory(facts: Facts, plans: Sequence[Plan], *, sandboxed: bool = False) -> int:
    """Return the peak to expect over what the process had before, the file included, bytes.

    `sandboxed` is for a JPEG that the sandbox decodes, which makes no more samples than are needed.
    """
    decoding = (
        _planes(facts, plans) if sandboxed else _decoding(facts, plans) + _working(facts, plans)
    )
    return (
        decoding
        + max(_encoding(plan, facts) for plan in plans)
        + sum(_keeping(plan, facts) for plan in plans)
        + (facts.bytes if facts.format in _COPIED else 0)
        + _FIXED_BYTES
    )


def _planes(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return what the sandbox keeps: samples, and the coefficients of a progressive file."""
    stored, needed = stored_size(facts), size_to_decode(facts, plans)
    kept = max(
        -(-_BLOCK * needed.width // stored.width), -(-_BLOCK * needed.height // stored.height)
    )
    bytes_ = _SAMPLE_AND_COEFFICIENT if facts.is_progressive else 1
    return _COMPONENTS * bytes_ * facts.width * facts.height * kept**2 // _BLOCK**2


def _decoding(facts: Facts, plans: Sequence[Plan]) -> int:
    per_pixel = _PER_PIXEL.get(facts.mode, 4) + _DECODER_PER_PIXEL.get(facts.format, 0)
    per_pixel = facts.decoder_bytes or per_pixel
    if facts.is_animated:
        per_pixel += _COMPOSING_PER_PIXEL
    coefficients = facts.coefficient_bytes if facts.is_buffered or facts.is_progressive else 0
    whole = facts.width * facts.height * coefficients
    return _decoded(facts, plans) * per_pixel + whole + facts.bytes_per_band


def _working(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return what resampling takes: the averaged image, and what is converted for it in bands."""
    decoded, needed = _decoded(facts, plans), size_to_decode(facts, plans)
    wanted = needed.width * needed.height
    is_converted = facts.mode not in RESAMPLED or facts.has_alpha
    if decoded < _AVERAGED_FROM * wanted:
        return 4 * decoded * is_converted
    layer = 4 * min(decoded, _LAYER_PER_NEEDED * wanted)
    return 2 * (layer + 4 * min(decoded, _BAND_PIXELS)) if is_converted else layer


def _encoding(plan: Plan, facts: Facts) -> int:
    frames = facts.frames if plan.animate else 1
    return min(frames, 3) * plan.size.width * plan.size.height * _ENCODER_PER_PIXEL[plan.format]


def _keeping(plan: Plan, facts: Facts) -> int:
    """Return what the images take that wait to be encoded, and frames that are."""
    pixels = plan.size.width * plan.size.height
    frames = facts.frames * _ENCODED_PER_PIXEL[plan.format] if plan.animate else 0
    return (4 + frames) * pixels


def _decoded(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return how many pixels the decoder gives."""
    scale = scale_to_decode(stored_size(facts), size_to_decode(facts, plans), facts.max_reduction)
    return facts.width * facts.height // scale**2
