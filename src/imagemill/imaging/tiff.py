"""TIFF as Pillow reads it, except for what we do better when the picture is small."""

from PIL import Image
from PIL.TiffImagePlugin import EXTRASAMPLES, PHOTOMETRIC_INTERPRETATION, TiffImageFile

from imagemill.errors import UnsupportedFormat

_ORIENTATION = 0x0112
_SEPARATED = 5


class UprightTiff(TiffImageFile):
    """Leaves the rows as stored: Pillow would turn the picture while it is large.

    The orientation goes to `info`. What is beside the four inks of CMYK is skipped, whatever it is
    said to be.
    """

    def _setup(self) -> None:
        self.info["orientation"] = self.tag_v2.get(_ORIENTATION, 1)
        if _ORIENTATION in self.tag_v2:
            del self.tag_v2[_ORIENTATION]
        if (
            EXTRASAMPLES in self.tag_v2
            and self.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == _SEPARATED
        ):
            self.tag_v2[EXTRASAMPLES] = (0,) * len(self.tag_v2[EXTRASAMPLES])
        try:
            super()._setup()
        except SyntaxError as error:
            raise UnsupportedFormat("this layout of TIFF samples is not supported") from error

    def getexif(self) -> Image.Exif:
        """Return no EXIF: Pillow would read the orientation from the file again, and apply it."""
        return Image.Exif()
