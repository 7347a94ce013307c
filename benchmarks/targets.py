"""The images that a tool is asked to make from one file; runs beside any tool."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Fit = Literal["inside", "cover"]
JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Target:
    """One image to make: a box in px, how it is fitted, and how it is encoded.

    `format` may be `keep`, the format of the file. `quality` has no effect on PNG and GIF. Only
    imagemill knows `effort`; None is its default. `words` are further options of imagemill's
    presets; others understand `gamut=keep` and `hdr=keep` only.
    """

    width: int
    height: int
    fit: Fit = "inside"
    format: str = "jpeg"
    quality: int = JPEG_QUALITY
    effort: int | None = None
    words: str = ""


def inside(side: int, to: str = "jpeg", quality: int = JPEG_QUALITY) -> Target:
    """Return a target whose longest side is `side` px."""
    return Target(side, side, "inside", to, quality)


def largest(targets: Sequence[Target]) -> Target:
    """Return the target with the largest box."""
    return max(targets, key=lambda target: target.width * target.height)
