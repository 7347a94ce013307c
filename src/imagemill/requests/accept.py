"""The format that the header `Accept` selects."""

import re
from typing import Literal

# Most bytes of the header that are read; browsers send fewer than 200.
_MOST_BYTES = 1000
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def negotiated(accept: str) -> Literal["avif", "webp"] | None:
    """Return the better format that the client names: AVIF, or WebP if it prefers that.

    `*/*` and `image/*` name neither: old browsers send them, too.
    """
    weights = dict(_weight(part) for part in accept[:_MOST_BYTES].lower().split(","))
    avif, webp = weights.get("image/avif", 0), weights.get("image/webp", 0)
    if avif and avif >= webp:
        return "avif"
    return "webp" if webp else None


def _weight(part: str) -> tuple[str, float]:
    """Return a media type and its weight, from 0 to 1 (RFC 9110, 12.4.2)."""
    media_type, *parameters = (word.strip(" \t") for word in part.split(";"))
    for word in parameters:
        if word.startswith("q="):
            match = _QUALITY.fullmatch(word)
            return media_type, float(match[1]) if match else 0
    return media_type, 1
