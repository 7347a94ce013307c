"""How much memory will this picture need? Estimated from its header, before a pixel is decoded.

The figures are bytes a pixel at the peak, measured for each decoder on noise and rounded up.
"""

from collections.abc import Sequence

from imagemill.imaging.decode import scale_to_decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import Plan, Size, size_to_decode

_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
"""Of Pillow's layouts; all others take four."""
_DECODER_PER_PIXEL = {"webp": 16, "avif": 8, "heic": 8, "jp2": 16, "tiff": 4, "gif": 8, "ico": 8}
"""On top of the decoded picture: planes and canvases of the decoder's own."""
_COEFFICIENTS_PER_PIXEL = 6
"""A progressive JPEG keeps all of them, two bytes for each of three components, at any scale."""
_FIXED_BYTES = 24 << 20


def estimate_memory(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the peak to expect over what the process had before, bytes."""
    stored = Size(facts.width, facts.height)
    stored = stored.swapped if facts.is_sideways else stored
    needed = size_to_decode(facts, plans)
    pixels = facts.width * facts.height
    scale = scale_to_decode(stored, needed) if facts.format in ("jpeg", "jp2") else 1
    decoded = pixels // scale**2
    estimate = decoded * (_PER_PIXEL.get(facts.mode, 4) + _DECODER_PER_PIXEL.get(facts.format, 0))
    if facts.is_progressive:
        estimate += pixels * _COEFFICIENTS_PER_PIXEL
    working = min(decoded, 9 * needed.width * needed.height)
    return estimate + working * 12 + _animation_bytes(plans, facts) + 2 * facts.bytes + _FIXED_BYTES


def _animation_bytes(plans: Sequence[Plan], facts: Facts) -> int:
    animated = (plan for plan in plans if plan.animate)
    return sum(facts.frames * plan.size.width * plan.size.height * 8 for plan in animated)
