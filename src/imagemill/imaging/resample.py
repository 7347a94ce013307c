"""Reduce large images to small ones, and turn them upright."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from imagemill.imaging.modes import is_resampled, to_resampled
from imagemill.imaging.plan import Box, Size

# Averaging of whole pixels stops at this ratio to the needed size; LANCZOS does the rest. A smaller
# ratio is softer, a larger one slower.
_GAP = (5, 4)
# Pixels converted at a time, so that there is no second copy of a large image.
_BAND_PIXELS = 1 << 22
# EXIF orientations.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """The whole image as stored, at some scale.

    `width` and `height` are its size in these pixels. They are fractions, less than the pixel
    count, if the last column or row stands for less than a full pixel.
    """

    pixels: Image.Image
    width: float
    height: float

    @property
    def cost(self) -> float:
        """Number of its pixels: resizing reads each."""
        return self.width * self.height

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:
        """Return `part`, in px of `original`, at `size` px by LANCZOS.

        If nothing shrinks, the pixels are copied unchanged.
        """
        across, down = self.width / original.width, self.height / original.height
        box = (part.left * across, part.top * down, part.right * across, part.bottom * down)
        wanted = (size.width, size.height)
        if box == (0, 0, *self.pixels.size) and wanted == self.pixels.size:
            return self.pixels.copy()
        return self.pixels.resize(wanted, Image.Resampling.LANCZOS, box=box)

    def draw_samples(self, part: Box, size: Size, orientation: int) -> None:
        """Return None: these are pixels."""


def make_layer(decoded: Image.Image, original: Size, needed: Size) -> Layer:
    """Return the decoded image as a layer, averaged down if it is far larger than `needed`.

    `original` and `needed` are px as stored; the decoder may have halved the image up to three
    times.
    """
    halvings = _halvings(decoded, original)
    more, than = _GAP
    across, down = than * decoded.width // needed.width, than * decoded.height // needed.height
    factor = max(1, min(across, down) // more)
    scale = halvings * factor
    return Layer(_reduce(decoded, factor), original.width / scale, original.height / scale)


def turn_upright(pixels: Image.Image, orientation: int) -> Image.Image:
    """Apply an EXIF orientation, 1 to 8."""
    turn = _TURNS.get(orientation)
    return pixels if turn is None else pixels.transpose(turn)


def _halvings(decoded: Image.Image, original: Size) -> int:
    """Return the divisor of the sides that the decoder has applied."""
    for scale in (1, 2, 4, 8):
        if decoded.size == (-(-original.width // scale), -(-original.height // scale)):
            return scale
    return 1


def _reduce(pixels: Image.Image, factor: int) -> Image.Image:
    if factor == 1:
        return to_resampled(pixels)
    if is_resampled(pixels):
        # JPEG 2000 images of Pillow have another attribute of that name.
        return Image.Image.reduce(pixels, factor)
    bands = [to_resampled(band).reduce(factor) for band in _bands(pixels, factor)]
    if len(bands) == 1:
        return bands[0]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def _bands(pixels: Image.Image, factor: int) -> Iterator[Image.Image]:
    """Yield the image in bands of whole groups of rows, each a copy."""
    rows = max(1, _BAND_PIXELS // (pixels.width * factor)) * factor
    for top in range(0, pixels.height, rows):
        yield pixels.crop((0, top, pixels.width, min(top + rows, pixels.height)))
