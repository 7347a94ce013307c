"""Reduce large images to small ones, and turn them upright."""

from collections.abc import Iterator
from contextlib import suppress

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.fastjpeg import Part, Refused
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.modes import converts_by_rows, is_resampled, to_resampled
from imagemill.imaging.sandboxed_pixels import (
    is_resized_in_sandbox,
    pixels_used,
    resize_in_sandbox,
)

# Averaging of whole pixels stops at this ratio to the needed size, which is twice the result's;
# LANCZOS does the rest. A smaller ratio is softer, a larger one slower.
_GAP, _NEEDED = (5, 4), 2
# Pixels converted at a time, so that there is no second copy of a large image.
_BAND_PIXELS = 1 << 22
# CPU time of RGB pixels, ns, measured: averaging, per pixel; Pillow's LANCZOS, per row and column
# of source and result.
_AVERAGING_NS, _PILLOW_NS = 1.5, 12.0
# CPU time of the sandbox, ns, measured: per pixel, per column of the source and row of the result,
# and for each call.
_DOWN_NS, _ACROSS_NS, _CALL_NS = 3.0, 4.4, 300_000
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
    """A part of the image as stored, usually all of it, at some scale.

    `width` and `height` are the size of the whole image in these pixels. They are fractions if the
    last column or row stands for less than a full pixel. `part`, in px of the original, is what the
    pixels show. `sandboxed` allows to resize in the sandbox; pixels may then be in any mode.
    """

    pixels: Image.Image
    width: float
    height: float
    part: Box
    sandboxed: bool = False

    def cost_ns(self, original: Size, part: Box, size: Size) -> float:
        """Return the CPU time that `resize` takes, ns."""
        own = self._own(original, part)
        factor = _whole_factor(own, size)
        columns, rows = (own[2] - own[0]) / factor, (own[3] - own[1]) / factor
        averaging = _AVERAGING_NS * columns * rows * factor**2 if factor > 1 else 0
        pillow = _pillow_ns(columns, rows, size)
        return averaging + min(
            pillow, _sandbox_ns(columns, rows, size) if self.sandboxed else pillow
        )

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:
        """Return `part`, in px of `original`, at `size` px by LANCZOS.

        Far more pixels than needed are averaged first. If nothing shrinks, the pixels are copied
        unchanged.
        """
        own = self._own(original, part)
        if own == (0, 0, *self.pixels.size) and (size.width, size.height) == self.pixels.size:
            return to_resampled(self.pixels).copy()
        factor = _whole_factor(own, size)
        if factor == 1:
            return self._resample(self.pixels, own, size)
        used = pixels_used(self.pixels, own, size)
        cropped = self.pixels.crop((used.left, used.top, used.right, used.bottom))
        left, top = ((own[i] - (used.left, used.top)[i]) / factor for i in (0, 1))
        right, bottom = left + (own[2] - own[0]) / factor, top + (own[3] - own[1]) / factor
        return self._resample(_reduce(cropped, factor), (left, top, right, bottom), size)

    def _resample(self, pixels: Image.Image, part: Part, size: Size) -> Image.Image:
        columns, rows = part[2] - part[0], part[3] - part[1]
        is_faster = _sandbox_ns(columns, rows, size) < _pillow_ns(columns, rows, size)
        if self.sandboxed and is_faster and is_resized_in_sandbox(pixels):
            # Without memory for it in the sandbox Pillow does the same.
            with suppress(Refused):
                return resize_in_sandbox(pixels, part, size)
        wanted = (size.width, size.height)
        return to_resampled(pixels).resize(wanted, Image.Resampling.LANCZOS, box=part)

    def _own(self, original: Size, part: Box) -> Part:
        """Return the edges of `part` in the layer's own pixels."""
        across, down = self.width / original.width, self.height / original.height
        left, top = self.part.left, self.part.top
        return (
            (part.left - left) * across,
            (part.top - top) * down,
            min((part.right - left) * across, self.pixels.width),
            min((part.bottom - top) * down, self.pixels.height),
        )

    def draw_samples(self, part: Box, size: Size, orientation: int, *, has_narrow: bool) -> None:
        """Return None: these are pixels."""


def make_layer(
    decoded: Image.Image, original: Size, needed: Size, *, sandboxed: bool = False
) -> Layer:
    """Return the decoded image as a layer, averaged down if it is far larger than `needed`.

    `original` and `needed` are px as stored; the decoder may have halved the image up to three
    times, or scaled it to any smaller size. `sandboxed` allows to resize in the sandbox.
    """
    width, height = _covered(decoded, original)
    factor = reduction_for(Size(*decoded.size), needed)
    is_converted_later = sandboxed and factor == 1 and converts_by_rows(decoded)
    pixels = decoded if is_converted_later else _reduce(decoded, factor)
    whole = Box(0, 0, original.width, original.height)
    return Layer(pixels, width / factor, height / factor, whole, sandboxed)


def reduction_for(decoded: Size, needed: Size) -> int:
    """Return the factor by which both sides of a decoded image are divided by averaging."""
    more, than = _GAP
    across, down = than * decoded.width // needed.width, than * decoded.height // needed.height
    return max(1, min(across, down) // more)


def _pillow_ns(columns: float, rows: float, size: Size) -> float:
    """Return the CPU time of Pillow's LANCZOS from columns × rows px, ns."""
    return _PILLOW_NS * rows * (columns + size.width)


def _sandbox_ns(columns: float, rows: float, size: Size) -> float:
    """Return the CPU time of the sandbox from columns × rows px, ns."""
    return columns * (_DOWN_NS * rows + _ACROSS_NS * size.height) + _CALL_NS


def turn_upright(pixels: Image.Image, orientation: int) -> Image.Image:
    """Apply an EXIF orientation, 1 to 8."""
    turn = _TURNS.get(orientation)
    return pixels if turn is None else pixels.transpose(turn)


def _covered(decoded: Image.Image, original: Size) -> tuple[float, float]:
    """Return the size of the original in decoded pixels.

    After halvings the last column or row may stand for less than a full pixel.
    """
    for scale in (1, 2, 4, 8):
        if decoded.size == (-(-original.width // scale), -(-original.height // scale)):
            return original.width / scale, original.height / scale
    return decoded.size


def _whole_factor(part: Part, size: Size) -> int:
    """Return the number of pixels to average along each side before LANCZOS."""
    more, than = _GAP
    ratio = min((part[2] - part[0]) / size.width, (part[3] - part[1]) / size.height)
    return max(1, int(ratio * than / (_NEEDED * more)))


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
