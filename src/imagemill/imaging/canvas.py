"""The canvas on which the frames of an animation are drawn."""

from typing import Literal

from PIL import Image

# Left, top, right, bottom, px; right and bottom lie outside it.
Rectangle = tuple[int, int, int, int]
# The fate of a frame's rectangle before the next frame: it stays, is cleared, or gets back the
# pixels from before the frame.
Disposal = Literal["keep", "clear", "restore"]
# Pixels of a frame converted at a time, so that no second full frame is in memory.
_BAND_PIXELS = 1 << 20


class Canvas:
    """The pixels shown: RGB if no frame leaves anything transparent, else RGBA."""

    def __init__(self, width: int, height: int, *, is_opaque: bool) -> None:
        self.pixels = Image.new("RGB" if is_opaque else "RGBA", (width, height))
        self._disposal: Disposal = "keep"
        self._rectangle: Rectangle = (0, 0, 0, 0)
        self._saved: Image.Image | None = None

    def begin(self, rectangle: Rectangle, disposal: Disposal) -> None:
        """Dispose of the previous frame and prepare for one that lies inside the canvas."""
        if self._disposal == "clear" and not _is_empty(self._rectangle):
            self.pixels.paste(0, self._rectangle)
        if self._saved is not None:
            self.pixels.paste(self._saved, self._rectangle)
        self._disposal, self._rectangle = disposal, rectangle
        saves = disposal == "restore" and not _is_empty(rectangle)
        self._saved = self.pixels.crop(rectangle) if saves else None

    def put_indexed(self, frame: Image.Image) -> None:
        """Draw palette pixels into the rectangle, except those with the transparent index."""
        left, top, right, bottom = self._rectangle
        rows = max(1, _BAND_PIXELS // max(1, right - left))
        for above in range(0, bottom - top, rows):
            below = min(above + rows, bottom - top)
            band = frame.crop((0, above, right - left, below))
            is_clear = "transparency" in band.info
            colours = band.convert("RGBA" if is_clear else "RGB")
            self.pixels.paste(colours, (left, top + above), colours if is_clear else None)

    def put(self, frame: Image.Image, *, is_blended: bool) -> None:
        """Draw RGB or RGBA pixels into the rectangle, blended over those below or not."""
        corner = self._rectangle[:2]
        if is_blended and frame.mode == "RGBA" and self.pixels.mode == "RGBA":
            self.pixels.alpha_composite(frame, corner)
        else:
            self.pixels.paste(frame, corner)


def _is_empty(rectangle: Rectangle) -> bool:
    left, top, right, bottom = rectangle
    return left >= right or top >= bottom
