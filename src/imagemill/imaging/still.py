"""A small image: pixels in Pillow, or the samples of a JPEG to be.

An image that becomes a JPEG is never made RGB if it was a JPEG before: its samples are resized and
encoded. Other images are converted once, before they are encoded.
"""

from collections.abc import Iterator

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.fastjpeg import (
    Refused,
    Samples,
    Sampling,
    samples_of_pixels,
    samples_of_same_luminance,
)


@dataclass(frozen=True, slots=True)
class DeepImage:
    """An image with 16 bits per sample: red, green and blue, and alpha if it has any.

    `pixels` is the same with 8 bits.
    """

    pixels: Image.Image
    channels: tuple[Image.Image, ...]
    """In mode I;16."""

    @property
    def width(self) -> int:
        """Width, px."""
        return self.pixels.width

    @property
    def height(self) -> int:
        """Height, px."""
        return self.pixels.height


Still = Image.Image | Samples
Encodable = Still | DeepImage

# Pillow's modes without an alpha channel that images have at this stage.
_OPAQUE = ("L", "RGB")
# Pixels converted at a time: half a megabyte, which stays in the processor's cache.
_BAND_PIXELS = 1 << 17
# Pixels of an image that Pillow stores in one part; bands of larger images are copied.
_STORED_TOGETHER = 1 << 22


def is_opaque(still: Still) -> bool:
    """Return True if the image has no alpha channel."""
    return isinstance(still, Samples) or still.mode in _OPAQUE


def without_opaque_alpha(still: Still) -> Still:
    """Return the image without its alpha channel, if no pixel is transparent."""
    if isinstance(still, Samples) or is_opaque(still):
        return still
    if still.getchannel("A").getextrema() != (255, 255):
        return still
    return still.convert("L" if still.mode == "LA" else "RGB")


def area(still: Encodable) -> int:
    """Return the number of pixels."""
    return still.width * still.height


def to_samples(pixels: Image.Image, sampling: Sampling) -> Still:
    """Return L or RGB pixels as samples; unchanged if the sandbox has too little memory.

    With halved chroma luma makes up for the chroma that is lost.
    """
    if pixels.mode == "L":
        return Samples(pixels.width, pixels.height, "grey", pixels.tobytes())
    if sampling == "4:2:0":
        return to_samples_of_same_luminance(pixels) or pixels
    try:
        return samples_of_pixels(*pixels.size, _bands(pixels), sampling)
    except Refused:
        return pixels


def to_samples_of_same_luminance(pixels: Image.Image) -> Samples | None:
    """Return RGB or RGBA pixels as samples with 4:2:0 that make up for lost chroma, without alpha.

    None without the sandbox, or if it has too little memory.
    """
    try:
        return samples_of_same_luminance(*pixels.size, lambda: _bands(pixels))
    except Refused:
        return None


def to_pixels(still: Encodable) -> Image.Image:
    """Return the image as pixels with 8 bits per sample."""
    if isinstance(still, DeepImage):
        return still.pixels
    return _reduced(still, 1) if isinstance(still, Samples) else still


def average(still: Still, size: tuple[int, int], gap: float) -> Image.Image:
    """Return the image at `size` px by averaging.

    Whole pixels are averaged, which is fast, while there are more than `gap` for each result.
    """
    if not isinstance(still, Samples):
        return still.resize(size, Image.Resampling.BOX, reducing_gap=gap)
    factor = int(min(still.width / size[0], still.height / size[1]) / gap)
    # Even, so that the same factor less one half fits the chroma; or one.
    factor = max(1, factor - factor % 2)
    box = (0, 0, still.width / factor, still.height / factor)
    return _reduced(still, factor).resize(size, Image.Resampling.BOX, box=box)


def _reduced(samples: Samples, factor: int) -> Image.Image:
    """Return samples as pixels that are averages of `factor` × `factor`, which is even or one."""
    luma, *chroma = planes_of(samples)
    small = luma.reduce(factor)
    if not chroma:
        return small
    if samples.sampling == "4:2:0" and factor == 1:
        box = (0, 0, samples.width / 2, samples.height / 2)
        planes = [plane.resize(small.size, Image.Resampling.BILINEAR, box) for plane in chroma]
    else:
        part = factor // 2 if samples.sampling == "4:2:0" else factor
        planes = [plane.reduce(part) for plane in chroma]
    return Image.merge("YCbCr", [small, *planes]).convert("RGB")


def planes_of(samples: Samples) -> Iterator[Image.Image]:
    """Yield the planes as images in mode L, which share the memory of the samples."""
    at = 0
    across, down = samples.chroma_size
    for width, height in ((samples.width, samples.height), (across, down), (across, down)):
        if not width:
            return
        plane = samples.data[at : at + width * height]
        yield Image.frombuffer("L", (width, height), plane, "raw", "L", 0, 1)
        at += width * height


def _bands(pixels: Image.Image) -> Iterator[memoryview]:
    """Yield RGB pixels in bands of rows, four bytes per pixel."""
    width, height = pixels.size
    rows = max(2, _BAND_PIXELS // width // 2 * 2)
    if width * height <= _STORED_TOGETHER:
        with pixel_bytes(pixels) as stored:
            for top in range(0, height, rows):
                yield stored[4 * width * top : 4 * width * (top + rows)]
        return
    for top in range(0, height, rows):
        with pixel_bytes(pixels.crop((0, top, width, min(top + rows, height)))) as stored:
            yield stored
