"""Resize Pillow images in the sandbox: several times faster than Pillow, and nearer to exact."""

from math import ceil, floor

from PIL import Image

from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.fastjpeg import Channels, Part, pixel_resizer
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.modes import to_resampled

# Lobes of the filter to each side of a pixel.
_LOBES = 3
# Channels of each mode, as Pillow stores it. La and LAB are rare and left to Pillow.
_CHANNELS: dict[str, Channels] = {"L": 1, "RGB": 3, "RGBa": 4, "CMYK": 4}
# Pillow's name of the stored layout, where it differs from the mode.
_LAYOUTS = {"RGB": "RGBX"}


def is_resized_in_sandbox(pixels: Image.Image) -> bool:
    """Return True for the modes that `resize_in_sandbox` accepts."""
    return _resampled_mode(pixels) in _CHANNELS


def resize_in_sandbox(pixels: Image.Image, part: Part, size: Size) -> Image.Image:
    """Return a part of the pixels at `size` px by LANCZOS, in a mode that averages correctly.

    Raises Refused if the sandbox is not available or has too little memory.
    """
    used = pixels_used(pixels, part, size)
    moved = (part[0] - used.left, part[1] - used.top, part[2] - used.left, part[3] - used.top)
    mode, wanted = _resampled_mode(pixels), (size.width, size.height)
    channels = _CHANNELS[mode]
    with pixel_resizer((used.width, used.height), channels, moved, wanted) as resizer:
        for top in range(used.top, used.bottom, resizer.band_rows):
            bottom = min(top + resizer.band_rows, used.bottom)
            band = to_resampled(pixels.crop((used.left, top, used.right, bottom)))
            with pixel_bytes(band) as rows:
                resizer.add(rows)
        return Image.frombytes(mode, wanted, resizer.pixels(), "raw", _LAYOUTS.get(mode, mode))


def pixels_used(pixels: Image.Image, part: Part, size: Size) -> Box:
    """Return the whole pixels that the filter reads for a part."""
    left, top, right, bottom = part
    reach_x = _LOBES * max(1.0, (right - left) / size.width) + 1
    reach_y = _LOBES * max(1.0, (bottom - top) / size.height) + 1
    return Box(
        max(0, floor(left - reach_x)),
        max(0, floor(top - reach_y)),
        min(pixels.width, ceil(right + reach_x)),
        min(pixels.height, ceil(bottom + reach_y)),
    )


def _resampled_mode(pixels: Image.Image) -> str:
    """Return the mode that the pixels are converted to."""
    return to_resampled(pixels.crop((0, 0, 1, 1))).mode
