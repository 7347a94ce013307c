"""Not a byte more than an original that already fits."""

from PIL import Image

from imagemill.imaging.encode import encode, encode_smaller
from imagemill.imaging.plan import Plan

_LOWER_QUALITIES = (70, 60, 50, 40)


def encode_within(pixels: Image.Image, plan: Plan, most_bytes: int, copy: bytes | None) -> bytes:
    """Return the picture encoded, or `copy` where that is the smaller.

    A plan that must not grow and would be over `most_bytes` is encoded in lower quality, PNG
    with fewer colours, until it is not; where even that is too large the smallest is returned.
    """
    encoded = encode(pixels, plan.format, plan.quality)
    if not plan.must_not_grow:
        return encoded
    candidates = [encoded] if copy is None else [copy, encoded]
    best = min(candidates, key=len)
    if len(best) <= most_bytes:
        return best
    return _smaller(pixels, plan, most_bytes, best)


def _smaller(pixels: Image.Image, plan: Plan, most_bytes: int, best: bytes) -> bytes:
    for quality in _LOWER_QUALITIES:
        if len(best) > most_bytes and quality < plan.quality:
            best = min(best, encode_smaller(pixels, plan.format, quality), key=len)
    return best
