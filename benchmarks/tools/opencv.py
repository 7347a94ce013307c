"""OpenCV: one decode, reduced where the format has that, INTER_AREA, one thread, no profiles."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.targets import Target
from benchmarks.tools.ladder import Size, crop, descend, fitted, needed
from benchmarks.tools.serve import Make

_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
_QUALITY = {
    "jpeg": cv2.IMWRITE_JPEG_QUALITY,
    "webp": cv2.IMWRITE_WEBP_QUALITY,
    "avif": cv2.IMWRITE_AVIF_QUALITY,
}
# Decoded px per px of the largest target, on each side; less is visibly softer.
_OVERSAMPLED = 2
_SOF = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))


def opencv() -> Make:
    """Return a function that decodes once and shrinks each target from the next larger one."""
    cv2.setNumThreads(1)

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        whole = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[_reduction(data, targets)])
        if whole is None:
            raise ValueError("not decoded")
        size = (whole.shape[1], whole.shape[0])
        sizes = [fitted(size, each) for each in targets]
        made = descend(whole, size, sizes, _shrunk)
        return [_encoded(made[at], at, each) for at, each in zip(sizes, targets, strict=True)]

    return run


def _shrunk(pixels: Any, size: Size) -> Any:  # noqa: ANN401 - numpy is not installed everywhere
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _encoded(pixels: Any, size: Size, target: Target) -> bytes:  # noqa: ANN401
    left, top, right, bottom = crop(size, target)
    quality = _QUALITY.get(target.format)
    options = [] if quality is None else [quality, target.quality]
    if target.format == "jpeg":
        options += [cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    done, made = cv2.imencode(f".{target.format}", pixels[top:bottom, left:right], options)
    if not done:
        raise ValueError(f"{target.format} not encoded")
    return bytes(made)


def _reduction(data: bytes, targets: Sequence[Target]) -> int:
    """Return the largest divisor of a JPEG's sides that leaves enough pixels; 1 for others."""
    if not data.startswith(b"\xff\xd8"):
        return 1
    size = _jpeg_size(data)
    least = max(needed(size, targets, _OVERSAMPLED))
    return next((each for each in (8, 4, 2) if max(size) // each >= least), 1)


def _jpeg_size(data: bytes) -> Size:
    at = 2
    while data[at + 1] not in _SOF:
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
    return int.from_bytes(width), int.from_bytes(height)
