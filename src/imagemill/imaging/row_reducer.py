"""Reduce an image while it is decoded, from top to bottom."""

from collections.abc import Callable
from typing import cast

from PIL import Image

from imagemill.imaging.modes import is_resampled, to_resampled

# Decoded pixels converted and averaged at a time.
_PART_PIXELS = 1 << 20
# Bytes of such a part: decoded, converted and averaged pixels exist at the same time.
PART_BYTES = 12 * _PART_PIXELS
_Conversion = Callable[[Image.Image], Image.Image]


class RowReducer:
    """Collects decoded rows, with both sides divided by `reduction`.

    `convert` brings rows into a mode that can be averaged. The result equals that of averaging the
    whole image at once.
    """

    def __init__(self, height: int, reduction: int, convert: _Conversion = to_resampled) -> None:
        self._height = -(-height // reduction)
        self._reduction = reduction
        self._convert = convert
        self._whole: Image.Image | None = None
        self._waiting: Image.Image | None = None
        self._top = 0

    def add(self, pixels: Image.Image) -> None:
        """Add the next rows; if they are converted, a part at a time, to need little memory."""
        if self._convert is to_resampled and is_resampled(pixels):
            self._add_converted(pixels)
            return
        step = max(1, _PART_PIXELS // pixels.width // self._reduction) * self._reduction
        for top in range(0, pixels.height, step):
            bottom = min(top + step, pixels.height)
            self._add_converted(self._convert(pixels.crop((0, top, pixels.width, bottom))))

    def finished(self) -> Image.Image:
        """Return the image after all rows have been added."""
        if self._waiting is not None:
            self._paste(self._waiting, 0, self._waiting.height)
        return cast("Image.Image", self._whole)

    def _add_converted(self, rows: Image.Image) -> None:
        """Average some rows; an incomplete group of rows waits for the next ones."""
        top = self._complete_group(rows) if self._waiting is not None else 0
        full = (rows.height - top) // self._reduction * self._reduction
        if full:
            self._paste(rows, top, top + full)
        if top + full < rows.height:
            self._waiting = rows.crop((0, top + full, rows.width, rows.height))

    def _complete_group(self, rows: Image.Image) -> int:
        """Add to the waiting rows those that they lack of a group; return the number added."""
        waiting = cast("Image.Image", self._waiting)
        added = min(self._reduction - waiting.height, rows.height)
        joined = Image.new(rows.mode, (rows.width, waiting.height + added))
        joined.paste(waiting, (0, 0))
        joined.paste(rows.crop((0, 0, rows.width, added)), (0, waiting.height))
        is_complete = joined.height == self._reduction
        self._waiting = None if is_complete else joined
        if is_complete:
            self._paste(joined, 0, joined.height)
        return added

    def _paste(self, rows: Image.Image, top: int, bottom: int) -> None:
        box = (0, top, rows.width, bottom)
        small = rows.crop(box) if self._reduction == 1 else rows.reduce(self._reduction, box)
        if self._whole is None:
            self._whole = Image.new(small.mode, (small.width, self._height))
        self._whole.paste(small, (0, self._top))
        self._top += small.height
