"""Decode the frames of a GIF one by one and compose them as Chromium does.

Pillow decodes the coded pixels of a frame. Its own composition would enlarge the canvas for later
frames, fill transparent areas with palette colours, and allocate frames of any size.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageChops, ImageFile

from imagemill.errors import CorruptImage
from imagemill.imaging.canvas import Canvas, Disposal, Rectangle
from imagemill.imaging.formats.gif import Gif, GifFrame, coded_pixels, read_gif

if TYPE_CHECKING:
    from io import BytesIO

    from PIL._imaging import PixelAccess

# Most colours of a palette.
_COLOURS = 256
# Palette of 256 greys.
_GREYS = bytes(level for level in range(_COLOURS) for _ in range(3))
# Other methods keep the frame. Browsers treat 4, which is undefined, as 3.
_DISPOSALS: dict[int, Disposal] = {2: "clear", 3: "restore", 4: "restore"}
# Pixels of a damaged frame searched at a time for missing ones.
_BAND_PIXELS = 1 << 20
# Pixels of a frame beyond the canvas that are decoded at most, since rows must be complete.
_SPARE_PIXELS = 1 << 24


class GifImage(ImageFile.ImageFile):
    """The first frame alone on the canvas, in palette colours; `structure` has the other frames."""

    format = "GIF"
    structure: Gif
    is_damaged = False
    """True if pixels of the first frame were missing; known after loading."""

    @property
    def has_transparency_data(self) -> bool:
        """Return True if any frame may leave part of the canvas transparent."""
        return not is_opaque(self.structure)

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.structure.frames)

    def _open(self) -> None:
        self.structure = read_gif(cast("BytesIO", self.fp).getvalue())
        if not self.structure.frames:
            raise CorruptImage("the GIF holds no frame")
        self._size = (self.structure.width, self.structure.height)
        is_grey = self.structure.frames[0].palette == _GREYS and is_opaque(self.structure)
        self._mode = "L" if is_grey else "P"
        if self.structure.repeats is not None:
            self.info["loop"] = self.structure.repeats
        self.tile = [ImageFile._Tile("gif", (0, 0, *self._size), 0, ())]  # noqa: SLF001

    def load(self) -> "PixelAccess | None":
        """Decode the first frame; raises CorruptImage if none of it can be decoded."""
        if self.tile:
            data = cast("BytesIO", self.fp).getvalue()
            still, self.is_damaged = _first_frame(data, self.structure)
            self._im, self._mode, self.palette = still.im, still.mode, still.palette
            self.info.update(still.info)
            self.tile = []
        return super().load()


def compose(data: bytes, structure: Gif) -> Iterator[tuple[Image.Image, GifFrame, bool]]:
    """Yield the canvas after each frame, the frame, and whether pixels of it were missing.

    The next frame is drawn on the same canvas. Frames of which nothing can be decoded are left out.
    """
    size = (structure.width, structure.height)
    canvas = Canvas(*size, is_opaque=is_opaque(structure))
    for frame in structure.frames:
        rectangle = _clipped(frame, structure)
        if _is_empty(rectangle):
            canvas.begin(rectangle, "keep")
            yield canvas.pixels, frame, False
            continue
        decoded = _decode(data, frame, rectangle)
        if decoded is None:
            continue
        pixels, is_damaged = decoded
        canvas.begin(rectangle, _disposal(frame))
        canvas.put_indexed(pixels)
        yield canvas.pixels, frame, is_damaged


def coded_area(structure: Gif) -> int:
    """Return the number of pixels that decoding all frames takes, parts off the canvas included."""
    return sum(_coded_area(frame, structure) for frame in structure.frames)


def is_opaque(structure: Gif) -> bool:
    """Return True if, by the headers, no frame leaves any of the canvas transparent."""
    first, *later = structure.frames
    is_covered = _clipped(first, structure) == (0, 0, structure.width, structure.height)
    stays = not later or _disposal(first) == "keep"
    return (
        is_covered
        and first.clear is None
        and first.is_whole
        and stays
        and all(_disposal(frame) != "clear" for frame in later)
    )


def shows_alike_everywhere(structure: Gif) -> bool:
    """Return True if viewers that compose frames less carefully than browsers show the same.

    Viewers differ for frames beyond the canvas, areas that no frame covers, and disposal.
    """
    first, *later = structure.frames
    size = (0, 0, structure.width, structure.height)
    is_inside = all(_is_inside(frame, structure) for frame in structure.frames)
    disposals = {frame.disposal for frame in structure.frames[:-1]}
    are_clear = all(frame.clear is not None for frame in structure.frames)
    is_simple = disposals <= {0, 1} or (disposals == {2} and are_clear)
    is_covered = _clipped(first, structure) == size or (first.clear is not None and not later)
    return is_inside and is_simple and is_covered


def _disposal(frame: GifFrame) -> Disposal:
    return _DISPOSALS.get(frame.disposal, "keep")


def _first_frame(data: bytes, structure: Gif) -> tuple[Image.Image, bool]:
    """Return the first frame on its canvas, in palette colours if possible."""
    frame, size = structure.frames[0], (structure.width, structure.height)
    rectangle = _clipped(frame, structure)
    if _is_empty(rectangle):
        return Image.new("RGBA", size), False
    decoded = _decode(data, frame, rectangle)
    if decoded is None:
        raise CorruptImage("the first frame of the GIF cannot be decoded")
    pixels, is_damaged = decoded
    if pixels.size == size:
        is_grey = frame.palette == _GREYS and "transparency" not in pixels.info
        return (_as_grey(pixels) if is_grey else pixels), is_damaged
    spare = frame.clear if frame.clear is not None else _unused_index(pixels)
    if spare is None:
        canvas = Canvas(*size, is_opaque=False)
        canvas.begin(rectangle, "keep")
        canvas.put_indexed(pixels)
        return canvas.pixels, is_damaged
    still = Image.new("P", size, spare)
    still.putpalette(_padded(frame.palette))
    still.paste(pixels, rectangle)
    still.info["transparency"] = spare
    return still, is_damaged


def _decode(data: bytes, frame: GifFrame, rectangle: Rectangle) -> tuple[Image.Image, bool] | None:
    """Return the frame's pixels inside the canvas, and whether some are missing (transparent)."""
    right, bottom = rectangle[2] - frame.left, rectangle[3] - frame.top
    rows = _coded_rows(frame, bottom)
    if frame.width * rows > right * bottom + _SPARE_PIXELS:
        return None
    pixels, is_whole = _indices(data, frame, (frame.width, rows), 0)
    if (frame.width, rows) != (right, bottom):
        pixels = pixels.crop((0, 0, right, bottom))
    pixels.putpalette(_padded(frame.palette))
    if frame.clear is not None:
        pixels.info["transparency"] = frame.clear
    return (pixels, False) if is_whole else _without_missing(data, frame, pixels, rows)


def _coded_rows(frame: GifFrame, needed: int) -> int:
    """Return the rows that must be decoded to get the first `needed` ones."""
    return frame.height if frame.is_interlaced else needed


def _coded_area(frame: GifFrame, structure: Gif) -> int:
    rectangle = _clipped(frame, structure)
    if _is_empty(rectangle):
        return 0
    bottom = rectangle[3] - frame.top
    shown = (rectangle[2] - frame.left) * bottom
    coded = frame.width * _coded_rows(frame, bottom)
    return coded if coded <= shown + _SPARE_PIXELS else 0


def _indices(
    data: bytes, frame: GifFrame, size: tuple[int, int], fill: int
) -> tuple[Image.Image, bool]:
    """Return palette indices, `fill` for missing ones, and whether all are present."""
    pixels = Image.new("P", size, fill)
    coded = coded_pixels(data, frame)
    code_bits = data[frame.start] if frame.start < len(data) else 0
    try:
        pixels.frombytes(coded, "gif", (code_bits, int(frame.is_interlaced), -1))
    except ValueError:
        return pixels, False
    return pixels, True


def _without_missing(
    data: bytes, frame: GifFrame, pixels: Image.Image, rows: int
) -> tuple[Image.Image, bool] | None:
    """Return a damaged frame with its missing pixels transparent; None if all are missing.

    The image was decoded over index 0 and over index 1: a pixel that differs is missing.
    """
    other, _ = _indices(data, frame, (frame.width, rows), 1)
    spare = frame.clear if frame.clear is not None else _unused_index(pixels)
    is_empty = True
    step = max(1, _BAND_PIXELS // pixels.width)
    for top in range(0, pixels.height, step):
        box = (0, top, pixels.width, min(top + step, pixels.height))
        is_missing = _missing(pixels.crop(box), other.crop(box))
        is_empty = is_empty and is_missing.getextrema() == (255, 255)
        if spare is not None and is_missing.getbbox():
            pixels.paste(spare, box[:2], is_missing)
            pixels.info["transparency"] = spare
    return None if is_empty else (pixels, True)


def _missing(filled_with_0: Image.Image, filled_with_1: Image.Image) -> Image.Image:
    """Return a mask of the pixels that were not decoded."""
    are_0 = _as_grey(filled_with_0).point([255] + [0] * 255)
    are_1 = _as_grey(filled_with_1).point([0, 255] + [0] * 254)
    return ImageChops.multiply(are_0, are_1)


def _as_grey(pixels: Image.Image) -> Image.Image:
    return Image.frombytes("L", pixels.size, pixels.tobytes())


def _unused_index(pixels: Image.Image) -> int | None:
    counts = pixels.histogram()
    return next((index for index in range(_COLOURS) if not counts[index]), None)


def _padded(palette: bytes) -> bytes:
    """Return the palette padded to 256 colours with black, as browsers do."""
    return palette.ljust(3 * _COLOURS, b"\0")


def _clipped(frame: GifFrame, structure: Gif) -> Rectangle:
    left, top = min(frame.left, structure.width), min(frame.top, structure.height)
    right = min(frame.left + frame.width, structure.width)
    bottom = min(frame.top + frame.height, structure.height)
    return left, top, right, bottom


def _is_inside(frame: GifFrame, structure: Gif) -> bool:
    return (
        frame.left + frame.width <= structure.width
        and frame.top + frame.height <= structure.height
        and frame.width * frame.height > 0
    )


def _is_empty(rectangle: Rectangle) -> bool:
    return rectangle[0] >= rectangle[2] or rectangle[1] >= rectangle[3]
