"""Decode still WebP images by libwebp's plain decoder, reduced if opaque; others by Pillow."""

from io import BytesIO
from typing import TYPE_CHECKING, cast

from PIL.ImageFile import ImageFile, _Tile
from PIL.WebPImagePlugin import WebPImageFile

from imagemill.errors import CorruptImage
from imagemill.imaging.formats import libwebp, webp
from imagemill.imaging.geometry import Size

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

# Bytes that the decoder keeps per pixel of the file, whatever size it produces: the pixels of
# VP8L, or the alpha plane with the pixels of its own VP8L image.
_LOSSLESS_BYTES, _ALPHA_BYTES = 4, 5
# Bytes per decoded pixel: an opaque image is copied, one with alpha is used where it was decoded.
_OPAQUE_PIXEL_BYTES, _CLEAR_PIXEL_BYTES = 8, 4


class StillWebp(ImageFile):
    """A WebP with one image. An opaque one is decoded at `reduced` px if that is set before."""

    format = "WEBP"
    reduced: Size | None = None
    _coded: bytes = b""

    @property
    def is_reducible(self) -> bool:
        """True if it can be decoded at a smaller size without harm: it has no transparency."""
        return self.mode == "RGB"

    @property
    def decoder_bytes(self) -> int:
        """Memory of decoding, bytes per decoded pixel."""
        return _OPAQUE_PIXEL_BYTES if self.is_reducible else _CLEAR_PIXEL_BYTES

    @property
    def kept_bytes(self) -> int:
        """Memory of decoding, bytes per pixel of the file."""
        if webp.is_lossless(self._coded):
            return _LOSSLESS_BYTES
        return 0 if self.is_reducible else _ALPHA_BYTES

    def _open(self) -> None:
        data = cast("BytesIO", self.fp).getvalue()
        size, is_clear = webp.read_size(data), libwebp.has_alpha(data)
        # Without other chunks the decoder cannot read their bytes as pixels.
        coded = webp.without_metadata(data)
        if size is None or is_clear is None or coded is None:
            raise CorruptImage("the WebP file is damaged or incomplete")
        self._size, self._coded = size, coded
        self._mode = "RGBA" if is_clear else "RGB"
        self.info.update(webp.read_metadata(data))
        self.tile = [_Tile("webp", (0, 0, *size), 0, ())]

    def load(self) -> "PixelAccess | None":
        """Decode the pixels; raises CorruptImage if any of them are damaged."""
        if self.tile:
            whole = Size(*self.size)
            size = self.reduced if self.reduced and self.is_reducible else whole
            decoded = libwebp.decode(self._coded, size, self.mode, is_reduced=size != whole)
            if decoded is None:
                raise CorruptImage("the WebP file is damaged and cannot be shown")
            self._im, self._size, self.tile = decoded.im, decoded.size, []
            self._coded = b""
            self.readonly = decoded.readonly
        return super().load()


def open_webp(file: BytesIO) -> ImageFile:
    """Open a WebP by the plain decoder if it is a still image, else by Pillow's."""
    is_still = libwebp.is_available() and not webp.is_animated(file.getvalue())
    return StillWebp(file) if is_still else WebPImageFile(file)
