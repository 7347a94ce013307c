"""Old-style JPEG in TIFF (1992). Source: TIFF 6.0, section 22, replaced by Technical Note 2."""

from io import BytesIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_directory import Directory
from imagemill.imaging.formats.tiff_layout import TiffLayout

# JPEGInterchangeFormat and JPEGInterchangeFormatLength.
_STREAM, _STREAM_BYTES = 513, 514
_START = b"\xff\xd8"


def decode(
    data: bytes, layout: TiffLayout, page: Directory, reduction: int
) -> tuple[Image.Image, bool]:
    """Return the pixels, the sides divided by `reduction`, and whether all could be decoded.

    If the file holds a complete JPEG of the image, that is decoded. Otherwise libtiff reads the
    file itself, because the JPEG tables may be anywhere in it.
    """
    pixels = _whole_jpeg(data, layout, page)
    if pixels is not None:
        return pixels.reduce(reduction), True
    is_coloured = layout.photometric == tags.YCBCR
    pixels = Image.new("RGB" if is_coloured else "L", (layout.width, layout.height))
    try:
        raw_mode = "RGBX" if is_coloured else "L"
        pixels.frombytes(data, "libtiff", (raw_mode, False, page.offset))
    except (ValueError, OSError):
        return pixels.reduce(reduction), False
    return pixels.reduce(reduction), True


def _whole_jpeg(data: bytes, layout: TiffLayout, page: Directory) -> Image.Image | None:
    """Return the JPEG that the tags point at, if it has the size in the tags."""
    for start in (page.number(_STREAM), *layout.offsets[:1]):
        stream = data[start : start + (page.number(_STREAM_BYTES) or len(data))]
        if start and stream.startswith(_START) and (image := _decoded(stream, layout)):
            return image
    return None


def _decoded(stream: bytes, layout: TiffLayout) -> Image.Image | None:
    try:
        image = JpegImageFile(BytesIO(stream))
        if image.size == (layout.width, layout.height):
            return image.convert("L" if layout.is_grey else "RGB")
    except (OSError, SyntaxError, ValueError):
        pass
    return None
