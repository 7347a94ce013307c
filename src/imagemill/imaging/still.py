"""A small image: pixels in Pillow, or the samples of a JPEG to be.

An image that becomes a JPEG is never made RGB if it was a JPEG before: its samples are resized and
encoded. Other images are converted once, before they are encoded.
"""

from collections.abc import Iterator

from PIL import Image

from imagemill.imaging.fastjpeg import Refused, Samples, Sampling, samples_of_pixels

Still = Image.Image | Samples

# Pillow's modes without an alpha channel that images have at this stage.
_OPAQUE = ("L", "RGB")
# Rows converted at a time, an even number.
_BAND_ROWS = 64


def is_opaque(still: Still) -> bool:
    """Return True if the image has no alpha channel."""
    return isinstance(still, Samples) or still.mode in _OPAQUE


def area(still: Still) -> int:
    """Return the number of pixels."""
    return still.width * still.height


def to_samples(pixels: Image.Image, sampling: Sampling) -> Still:
    """Return L or RGB pixels as samples; unchanged if the sandbox has too little memory."""
    if pixels.mode == "L":
        return Samples(pixels.width, pixels.height, "grey", pixels.tobytes())
    try:
        return samples_of_pixels(pixels.width, pixels.height, _bands(pixels), sampling)
    except Refused:
        return pixels


def to_pixels(still: Still) -> Image.Image:
    """Return the image as pixels."""
    return resized(still, (still.width, still.height)) if isinstance(still, Samples) else still


def resized(still: Still, size: tuple[int, int], reducing_gap: float | None = None) -> Image.Image:
    """Return the image as pixels of `size` px, which are averages."""
    if not isinstance(still, Samples):
        return still.resize(size, Image.Resampling.BOX, reducing_gap=reducing_gap)
    planes = [
        plane.resize(size, Image.Resampling.BOX, reducing_gap=reducing_gap)
        for plane in _planes(still)
    ]
    return planes[0] if len(planes) == 1 else Image.merge("YCbCr", planes).convert("RGB")


def _planes(samples: Samples) -> Iterator[Image.Image]:
    """Yield the planes as images."""
    at = 0
    across, down = samples.chroma_size
    for width, height in ((samples.width, samples.height), (across, down), (across, down)):
        if not width:
            return
        plane = samples.data[at : at + width * height]
        yield Image.frombuffer("L", (width, height), plane, "raw", "L", 0, 1)
        at += width * height


def _bands(pixels: Image.Image) -> Iterator[bytes]:
    """Yield RGB pixels in bands of rows, four bytes per pixel."""
    for top in range(0, pixels.height, _BAND_ROWS):
        band = pixels.crop((0, top, pixels.width, min(top + _BAND_ROWS, pixels.height)))
        yield band.tobytes("raw", "RGBX")
