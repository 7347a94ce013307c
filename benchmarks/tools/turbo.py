"""libjpeg-turbo by simplejpeg, Lanczos by cykooz.resizer: SIMD, JPEG only, no profiles."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import simplejpeg as codec
from cykooz_resizer import FilterType, ImageData, PixelType, ResizeAlg, ResizeOptions, Resizer

from benchmarks.targets import Target
from benchmarks.tools.ladder import Size, crop, descend, fitted, needed
from benchmarks.tools.serve import Make

# Decoded px per px of the largest target, on each side; less is visibly softer.
_OVERSAMPLED = 2
_LANCZOS = ResizeOptions(ResizeAlg.convolution(FilterType.lanczos3))


def simplejpeg() -> Make:
    """Return a function that decodes once and shrinks each target from the next larger one."""
    resizer = Resizer()

    def shrink(pixels: Any, size: Size) -> Any:  # noqa: ANN401 - numpy is not installed everywhere
        source = ImageData(pixels.shape[1], pixels.shape[0], PixelType.U8x3, pixels.tobytes())
        smaller = ImageData(*size, PixelType.U8x3)
        resizer.resize(source, smaller, _LANCZOS)
        return np.frombuffer(smaller.get_buffer(), np.uint8).reshape(size[1], size[0], 3)

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        height, width = codec.decode_jpeg_header(data, strict=False)[:2]
        size = (width, height)
        least = needed(size, targets, _OVERSAMPLED)
        whole = codec.decode_jpeg(data, min_width=least[0], min_height=least[1], strict=False)
        sizes = [fitted(size, each) for each in targets]
        made = descend(whole, whole.shape[1::-1], sizes, shrink)
        return [_encoded(made[at], at, each) for at, each in zip(sizes, targets, strict=True)]

    return run


def _encoded(pixels: Any, size: Size, target: Target) -> bytes:  # noqa: ANN401
    left, top, right, bottom = crop(size, target)
    shown = np.ascontiguousarray(pixels[top:bottom, left:right])
    if target.format == "png":
        return _png(shown)
    return bytes(codec.encode_jpeg(shown, target.quality, colorsubsampling="420"))


def _png(pixels: Any) -> bytes:  # noqa: ANN401
    """Return a PNG, which is made only to measure the quality of the resizing."""
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415 - simplejpeg has no lossless format

    file = BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()
