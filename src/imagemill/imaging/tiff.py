"""TIFF as Pillow reads it, except for what we do better."""

from typing import TYPE_CHECKING, cast

from PIL import Image, ImageFile
from PIL.TiffImagePlugin import COLORMAP, COMPRESSION_INFO, TiffImageFile

from imagemill.errors import UnsupportedFormat
from imagemill.imaging.layout import (
    BITS,
    COMPRESSION,
    EXTRA,
    INKS,
    PHOTOMETRIC,
    PLANAR,
    Layout,
)
from imagemill.imaging.unpack import unpack

if TYPE_CHECKING:
    from io import BytesIO

    from PIL._imaging import PixelAccess

_ORIENTATION = 0x0112
_YCBCR, _PALETTE = 6, 3
_TO_16_BITS = 257
_PACKINGS = frozenset(COMPRESSION_INFO) - {50001}
"""WebP is not in the libtiff that comes with Pillow."""
_PROFILE = 0x8773


class UprightTiff(TiffImageFile):
    """Leaves the rows as stored: Pillow would turn the picture while it is large.

    The orientation goes to `info`. Layouts that Pillow has no mode for, or reads wrongly, are
    unpacked here.
    """

    _layout: Layout | None = None

    def _open(self) -> None:
        if cast("BytesIO", self.fp).getvalue().startswith(b"MM\0+"):
            raise UnsupportedFormat("BigTIFF in big-endian order is not supported")
        super()._open()

    def _setup(self) -> None:
        orientation = self.tag_v2.get(_ORIENTATION, 1)
        is_byte = isinstance(orientation, bytes) and len(orientation) == 1
        self.info["orientation"] = orientation[0] if is_byte else orientation
        if _ORIENTATION in self.tag_v2:
            del self.tag_v2[_ORIENTATION]
        self._mend_palette()
        if self.tag_v2.get(COMPRESSION, 1) not in _PACKINGS:
            raise UnsupportedFormat("this compression of TIFF is not supported")
        if self._is_misread():
            return self._set_up_unpacking()
        try:
            super()._setup()
        except (SyntaxError, IndexError):
            return self._set_up_unpacking()
        if self.tag_v2.get(PHOTOMETRIC) == _YCBCR and not self.use_load_libtiff:
            self._leave_to_libtiff()
        return None

    def _is_misread(self) -> bool:
        """Tell inks with alpha, which Pillow drops, and planes of other than eight bits."""
        tags = self.tag_v2
        if tags.get(PHOTOMETRIC) == INKS and {1, 2} & set(tags.get(EXTRA, ())):
            return True
        is_planar = tags.get(PLANAR, 1) == 2  # noqa: PLR2004 - separate planes
        return is_planar and set(tags.get(BITS, (1,))) not in ({8}, {1})

    def _set_up_unpacking(self) -> None:
        self._layout = Layout.read(self.tag_v2, is_big_endian=self.tag_v2.prefix == b"MM")
        self._mode = self._layout.mode
        self._size = (self._layout.width, self._layout.height)
        self.info["bytes_per_pixel"] = self._layout.bytes_per_pixel
        if _PROFILE in self.tag_v2 and self._mode in ("CMYK", "LAB", "RGB", "RGBA", "L", "LA"):
            self.info["icc_profile"] = self.tag_v2[_PROFILE]
        self.tile = [ImageFile._Tile("raw", (0, 0, *self._size), 0, self._mode)]  # noqa: SLF001

    def _leave_to_libtiff(self) -> None:
        """Have YCbCr that is not compressed read as that which is: Pillow takes it for RGB."""
        self._mode, self.use_load_libtiff = "RGB", True
        arguments = ("RGBX", False, self.tag_v2.offset)
        self.tile = [ImageFile._Tile("libtiff", (0, 0, *self._size), 0, arguments)]  # noqa: SLF001

    def _mend_palette(self) -> None:
        """Widen a palette that was written in eight bits instead of sixteen."""
        palette = self.tag_v2.get(COLORMAP, ())
        if palette and max(palette) <= 255:  # noqa: PLR2004
            self.tag_v2[COLORMAP] = tuple(value * _TO_16_BITS for value in palette)

    def load(self) -> "PixelAccess | None":
        """Load the pixels, unpacked here where Pillow cannot."""
        if self._layout is not None and self.tile:
            data = cast("BytesIO", self.fp).getvalue()
            self._im = unpack(data, self._layout).im
            self.tile = []
        return super().load()

    def getexif(self) -> Image.Exif:
        """Return no EXIF: Pillow would read the orientation from the file again, and apply it."""
        return Image.Exif()
